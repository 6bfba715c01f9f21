//! What is answered and asked beside the nouns, and the problems that every call can answer with.

use std::collections::BTreeMap;

use market::{ImportChoice, ListView, Lot, MuteFor, Symbol};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};

use crate::compose::{CertificateState, ListenerState};

use super::{destinations, keys, params, problem::Problem};

/// A watchlist's new content; its name stands in the path.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewWatchlist {
    /// In the user's order, each once.
    #[schema(max_items = 10_000)]
    pub(super) symbols: Vec<Symbol>,
    /// How it is looked at; as before where this is left out.
    pub(super) view: Option<ListView>,
}

/// A watchlist's new name.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ListName {
    /// Unique among the user's lists.
    pub(super) name: String,
}

/// A watchlist's new place.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ListPlace {
    /// From 0; the last where there are fewer lists.
    #[schema(maximum = 65_535)]
    pub(super) at: u16,
}

/// Where a symbol is to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SymbolPlace {
    /// On this list.
    pub(super) list: String,
    /// At this place, from 0; at the end where this is left out.
    #[schema(maximum = 65_535)]
    pub(super) at: Option<u16>,
}

/// What is held of a symbol.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Lots {
    /// In the order they were bought.
    #[schema(max_items = 100)]
    pub(super) lots: Vec<Lot>,
}

/// A file, and what of it is to be taken in.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ToImport {
    /// The whole file: symbols, a table, or our JSON.
    #[schema(pattern = r#"^[^\u0000]*[^\s,;|"\u0000][^\u0000]*$"#)]
    pub(super) text: String,
    /// What of it; nothing is changed where this is left out.
    pub(super) choice: Option<ImportChoice>,
}

/// How long a symbol is to be muted; which one stands in the path.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewMute {
    /// Until the user's day is over, or until it is taken back.
    #[serde(rename = "for")]
    pub(super) how_long: MuteFor,
}

/// Where a user's own picks can be read by MQTT.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserSubscription {
    /// The filter to subscribe to.
    pub(super) topic: String,
    /// Where; left out while nothing listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    /// The user name to log in with; the password is the token.
    pub(super) username: String,
}

/// Where a symbol's quotes can be read by MQTT.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuoteTopic {
    /// The topic to subscribe to.
    pub(super) topic: String,
}

/// How many users follow a symbol.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Pick {
    pub(super) symbol: Symbol,
    pub(super) followers: usize,
}

/// What a page wants to know about the program that serves it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct About {
    pub(super) version: String,
    pub(super) user: String,
    /// What is asked for quotes: `auto`, `simulated`, or providers.
    pub(super) feed: String,
    /// How many seconds of a recording pass in a second, where one is played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replay_speed: Option<f64>,
    pub(super) topic_root: String,
    /// Where MQTT clients connect; left out while nothing listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mqtt_address: Option<String>,
    /// Why nothing listens, where something should.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mqtt_problem: Option<String>,
    /// The port, where another program has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mqtt_port_taken: Option<u16>,
    /// Each listener that there is or should be.
    pub(super) mqtt_listeners: Vec<ListenerState>,
    /// What those with TLS show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mqtt_certificate: Option<CertificateState>,
    /// What the user should know about the files.
    pub(super) notices: Vec<String>,
    /// Whether this is the desktop app's own window.
    pub(super) desktop: bool,
}

/// How the program itself is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    pub(super) status: String,
}

/// What logs in: a one-time code or a token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Login {
    /// The code of a login link; works once.
    Code(String),
    /// The user's token.
    Token(String),
}

/// A new password.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewPassword {
    /// Without control characters.
    #[schema(min_length = 8, max_length = 1024, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    pub(super) password: String,
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword")
    }
}

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoggedIn {
    pub(super) user: String,
}

/// What every call can answer instead, one entry for each status.
fn problems(statuses: &[(u16, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let response = |(status, text): &(u16, &str)| {
        let schema = Ref::from_schema_name(Problem::name());
        let content = Content::new(Some(schema));
        let response = ResponseBuilder::new().description(*text).content("application/problem+json", content);
        (status.to_string(), response.build().into())
    };
    statuses.iter().map(response).collect()
}

/// What a call that anybody may make can answer instead.
#[derive(Debug)]
pub(super) struct OpenProblems;

impl IntoResponses for OpenProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            (400, "The body is no JSON"),
            (401, "The code or token opens nothing, or nobody has logged in"),
            (403, "Not from a page of another origin"),
            (405, "Not with this method"),
            (413, "The body is too large"),
            (421, "The Host header names a host that is not served here"),
            (422, "The body has another shape; `field` says where"),
            (503, "Not now"),
        ])
    }
}

/// What a call that needs a login can answer instead.
#[derive(Debug)]
pub(super) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            (400, "The body is no JSON"),
            (401, "Nobody has logged in"),
            (403, "Another user's, or from a page of another origin"),
            (404, "There is no such thing; `suggestions` says what was perhaps meant"),
            (405, "Not with this method"),
            (409, "It would be one too many, or the last one gone"),
            (413, "The body is too large"),
            (421, "The Host header names a host that is not served here"),
            (422, "A parameter or the body has another shape; `field` says where"),
            (429, "Too much at once; `Retry-After` says when there is more"),
            (503, "Not saved, or a provider does not answer"),
        ])
    }
}

/// The schema of a parameter that has a pattern.
pub(super) fn pattern_of(name: &str) -> Option<&'static str> {
    match name {
        "symbol" => Some(market::symbol::SYMBOL_PATTERN),
        "list" => Some(params::LIST_PATTERN),
        "id" | "destination" => Some(params::ALERT_ID_PATTERN),
        "backup" => Some(params::BACKUP_PATTERN),
        "letter" => Some(destinations::LETTER_PATTERN),
        "provider" => Some(keys::PROVIDER_PATTERN),
        "user" => Some("^[a-z0-9][a-z0-9_-]{0,31}$"),
        _ => None,
    }
}
