//! What stands in paths and queries, checked.

use std::collections::BTreeSet;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use market::{
    ExportFormat, MarketList, Range, Symbol, alert_log::LOG_ENTRIES_MAX, holdings::is_code,
    watchlist::WATCHLIST_NAME_MAX,
};

use super::{ApiState, problem::Problem};

/// Symbols in one call at the most.
pub(super) const SYMBOLS_MAX: usize = 1_000;
/// Characters of a search at the most.
pub(super) const SEARCH_MAX: usize = 100;
/// Bytes of an alert's id at the most.
const ALERT_ID_MAX: usize = 64;
/// What a day looks like (RFC 3339, full-date).
pub(super) const DATE_PATTERN: &str = "([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)\
    |02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)";
/// What follows the day in a moment (RFC 3339, `T` and full-time).
pub(super) const TIME_PATTERN: &str =
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
/// What a watchlist's name looks like: as the desk has it.
pub(super) const LIST_PATTERN: &str =
    r"^[^\s/\u0000-\u001f\u007f-\u009f]([^/\u0000-\u001f\u007f-\u009f]{0,62}[^\s/\u0000-\u001f\u007f-\u009f])?$";
/// What an alert's id looks like.
pub(super) const ALERT_ID_PATTERN: &str = "^[A-Za-z0-9_-]{1,64}$";

/// What a backup's name looks like: a moment.
pub(super) const BACKUP_PATTERN: &str = "^[0-9TZ-]{1,32}$";

/// One parameter of the path.
pub(super) async fn of_path(parts: &mut Parts, name: &str) -> Result<String, Problem> {
    let unreadable = || Problem::invalid(name, "the path cannot be read as UTF-8");
    let params = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| unreadable())?;
    let found = params.iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| value.to_owned()).ok_or_else(unreadable)
}

/// A symbol as this interface takes it.
pub(super) fn symbol(field: &str, text: &str) -> Result<Symbol, Problem> {
    if text.trim() != text {
        return Err(Problem::invalid(field, "a symbol has no white space around it"));
    }
    Symbol::parse(text).map_err(|error| Problem::invalid(field, error.to_string()))
}

/// The symbol of the path.
#[derive(Debug)]
pub(super) struct PathSymbol(pub(super) Symbol);

impl FromRequestParts<ApiState> for PathSymbol {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        symbol("symbol", &of_path(parts, "symbol").await?).map(Self)
    }
}

/// The watchlist's name in the path.
#[derive(Debug)]
pub(super) struct PathList(pub(super) String);

impl FromRequestParts<ApiState> for PathList {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let name = of_path(parts, "list").await?;
        let sound = (1..=WATCHLIST_NAME_MAX).contains(&name.chars().count())
            && name.trim() == name
            && !name.chars().any(|c| c.is_control() || c == '/');
        if sound { Ok(Self(name)) } else { Err(market::EditError::ListName.into()) }
    }
}

/// The market's list in the path.
#[derive(Debug)]
pub(super) struct PathMarketList(pub(super) MarketList);

impl FromRequestParts<ApiState> for PathMarketList {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let list = serde_json::from_value(serde_json::Value::String(of_path(parts, "name").await?));
        let wrong = |_| Problem::invalid("name", "is one of trending, most-active, gainers, losers");
        list.map(Self).map_err(wrong)
    }
}

/// The alert's id in the path.
#[derive(Debug)]
pub(super) struct PathAlert(pub(super) String);

impl FromRequestParts<ApiState> for PathAlert {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let id = of_path(parts, "id").await?;
        check_id("id", &id)?;
        Ok(Self(id))
    }
}

fn check_id(field: &str, id: &str) -> Result<(), Problem> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    if (1..=ALERT_ID_MAX).contains(&id.len()) && id.bytes().all(plain) {
        Ok(())
    } else {
        Err(Problem::invalid(field, "an alert's id has 1 to 64 of A-Z a-z 0-9 _ -"))
    }
}

/// The backup's name in the path.
#[derive(Debug)]
pub(super) struct PathBackup(pub(super) String);

impl FromRequestParts<ApiState> for PathBackup {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let id = of_path(parts, "backup").await?;
        let sound = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit() || b"TZ-".contains(&b));
        if sound {
            Ok(Self(id))
        } else {
            Err(Problem::invalid("backup", "is the id of a backup, such as GET tells it"))
        }
    }
}

/// One parameter of the query: there once, or not at all.
fn of_query(parts: &Parts, name: &str) -> Result<Option<String>, Problem> {
    let unreadable = |_| Problem::invalid(name, "the query cannot be read");
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(unreadable)?;
    let mut found = pairs.0.into_iter().filter(|(key, _)| key == name);
    let first = found.next();
    match found.next() {
        Some(_) => Err(Problem::invalid(name, "stands there more than once")),
        None => Ok(first.map(|(_, value)| value)),
    }
}

/// `?symbols=A,B`
#[derive(Debug)]
pub(super) struct QuerySymbols<const MAX: usize = SYMBOLS_MAX>(pub(super) BTreeSet<Symbol>);

impl<const MAX: usize> FromRequestParts<ApiState> for QuerySymbols<MAX> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let text = of_query(parts, "symbols")?.unwrap_or_default();
        if text.split(',').count() > MAX {
            return Err(Problem::invalid("symbols", format!("at most {MAX} symbols")));
        }
        text.split(',').map(|each| symbol("symbols", each)).collect::<Result<_, _>>().map(Self)
    }
}

/// `?q=`
#[derive(Debug)]
pub(super) struct QuerySearch(pub(super) String);

impl FromRequestParts<ApiState> for QuerySearch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let text = of_query(parts, "q")?.unwrap_or_default();
        if (1..=SEARCH_MAX).contains(&text.chars().count()) {
            Ok(Self(text))
        } else {
            Err(Problem::invalid("q", format!("has 1 to {SEARCH_MAX} characters")))
        }
    }
}

/// `?range=`
#[derive(Debug)]
pub(super) struct QueryRange(pub(super) Range);

impl FromRequestParts<ApiState> for QueryRange {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let Some(text) = of_query(parts, "range")? else { return Ok(Self(Range::default())) };
        let range = serde_json::from_value(serde_json::Value::String(text));
        let wrong = |_| Problem::invalid("range", "is one of 1d, 5d, 1mo, 6mo, ytd, 1y, 5y, max");
        range.map(Self).map_err(wrong)
    }
}

/// `?before=&limit=`: a page of something that is told newest first.
#[derive(Debug)]
pub(super) struct QueryPage {
    /// The last one that is known already; from the newest where there is none.
    pub(super) before: Option<String>,
    /// How many at the most.
    pub(super) limit: usize,
}

impl FromRequestParts<ApiState> for QueryPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let before = of_query(parts, "before")?;
        if let Some(id) = &before {
            check_id("before", id)?;
        }
        let wrong = || Problem::invalid("limit", format!("is a number from 1 to {LOG_ENTRIES_MAX}"));
        let limit = of_query(parts, "limit")?.map_or(Ok(LOG_ENTRIES_MAX), |text| text.parse().map_err(|_| wrong()))?;
        if (1..=LOG_ENTRIES_MAX).contains(&limit) { Ok(Self { before, limit }) } else { Err(wrong()) }
    }
}

/// `?currency=`
#[derive(Debug)]
pub(super) struct QueryCurrency(pub(super) Option<String>);

impl FromRequestParts<ApiState> for QueryCurrency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        match of_query(parts, "currency")? {
            Some(code) if !is_code(&code) => Err(Problem::invalid("currency", "is three letters, such as EUR")),
            code => Ok(Self(code)),
        }
    }
}

/// `?format=`
#[derive(Debug)]
pub(super) struct QueryFormat(pub(super) ExportFormat);

impl FromRequestParts<ApiState> for QueryFormat {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let Some(text) = of_query(parts, "format")? else { return Ok(Self(ExportFormat::default())) };
        let format = serde_json::from_value(serde_json::Value::String(text));
        format.map(Self).map_err(|_| Problem::invalid("format", "is one of csv, json"))
    }
}
