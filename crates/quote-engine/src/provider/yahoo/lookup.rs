//! Search and what is trending: what needs no session.

use market::{Instrument, Symbol};

use super::{
    DISPLAY_NAME,
    classify::{Verdict, from_fault, verdict},
    decode,
    http::Http,
};
use crate::provider::{ProviderError, text::percent_encoded};

/// The longest text searched for, in characters.
const TEXT_CHARS_MAX: usize = 100;
const SEARCH_PARAMETERS: &str =
    "&lang=en-US&region=US&quotesCount=10&newsCount=0&listsCount=0&enableFuzzyQuery=false&enableNavLinks=false";

/// What fits a text, best first. A class of shares written with a point or stroke (`BRK.B`) is found as `BRK-B` too.
pub(super) async fn search(http: &Http, text: &str) -> Result<Vec<Instrument>, ProviderError> {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = search_once(http, &text).await?;
    if let Some(dashed) = dashed(&text).filter(|dashed| lacks(&found, &text, dashed)) {
        let more = search_once(http, &dashed).await.unwrap_or_default();
        let same = more.into_iter().filter(|instrument| instrument.symbol.as_str() == dashed);
        found.splice(0..0, same);
    }
    Ok(found)
}

async fn search_once(http: &Http, text: &str) -> Result<Vec<Instrument>, ProviderError> {
    let path = format!("/v1/finance/search?q={}{SEARCH_PARAMETERS}", percent_encoded(text));
    let body = keyless_body(http, &path, None).await?;
    decode::instruments(&body).map_err(|fault| from_fault(&fault, None))
}

/// `BRK.B` and `BRK/B` are `BRK-B` here.
fn dashed(text: &str) -> Option<String> {
    let (ticker, class) = text.split_once(['.', '/'])?;
    let fits = (1..=5).contains(&ticker.len())
        && ticker.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && class.len() == 1
        && class.bytes().all(|byte| byte.is_ascii_alphabetic());
    fits.then(|| format!("{ticker}-{class}").to_ascii_uppercase())
}

fn lacks(found: &[Instrument], text: &str, dashed: &str) -> bool {
    found.iter().all(|instrument| {
        let symbol = instrument.symbol.as_str();
        symbol != dashed && !symbol.eq_ignore_ascii_case(text)
    })
}

/// What people look at: symbols without names.
pub(super) async fn trending(http: &Http) -> Result<Vec<Instrument>, ProviderError> {
    let body = keyless_body(http, "/v1/finance/trending/US?count=25&lang=en-US", None).await?;
    decode::list(&body).map_err(|fault| from_fault(&fault, None))
}

/// An answer that needs no session.
pub(super) async fn keyless_body(http: &Http, path: &str, symbol: Option<&Symbol>) -> Result<Vec<u8>, ProviderError> {
    match verdict(http.api(path, None).await?, symbol) {
        Verdict::Body(body) => Ok(body),
        Verdict::CrumbRefused | Verdict::SessionRefused => {
            Err(ProviderError::Refused { provider: DISPLAY_NAME, detail: "it wants a login".to_owned() })
        }
        Verdict::Failed(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_classes_of_shares_are_dashed() {
        assert_eq!(dashed("brk.b").as_deref(), Some("BRK-B"));
        assert_eq!(dashed("BRK/B").as_deref(), Some("BRK-B"));
        for other in ["apple", "VOD.LON", "a.b.c", "BRK-B", ".B", "BERKSHIRE.B", "brk.1", "BRK."] {
            assert_eq!(dashed(other), None, "{other}");
        }
    }
}
