//! Lists of the market: screeners, which want the session, and what is trending, which has no names of its own.

#![allow(clippy::unwrap_used)]

mod provider_stub;

use market::{Kind, MarketList};
use provider_stub::{Asked, CRUMB, INVALID_CRUMB, Says, Stub, UNABLE, quotes, says, session};
use quote_engine::provider::Provider;

/// A server whose session is fine.
async fn answering(answer: impl Fn(&Asked) -> Says + Send + Sync + 'static) -> Stub {
    Stub::start(move |asked| session(asked).unwrap_or_else(|| answer(asked))).await
}

const SCREENER: &str = include_str!("fixtures/yahoo/screener.json");
const TRENDING: &str = include_str!("fixtures/yahoo/trending.json");

fn lists(asked: &Asked) -> Says {
    match asked {
        _ if asked.is("/trending/") => says(200, TRENDING),
        _ if asked.is("/screener/") && asked.query.get("crumb").is_some_and(|crumb| crumb == CRUMB) => {
            says(200, SCREENER)
        }
        _ if asked.is("/screener/") => says(401, INVALID_CRUMB),
        _ => quotes(asked),
    }
}

#[tokio::test]
async fn lists_of_the_market() {
    let stub = answering(lists).await;
    let provider = stub.provider();
    for (list, name) in [
        (MarketList::MostActive, "most_actives"),
        (MarketList::Gainers, "day_gainers"),
        (MarketList::Losers, "day_losers"),
    ] {
        let found = provider.list(list).await.unwrap();
        let shown: Vec<_> = found.iter().map(|i| (i.symbol.as_str(), i.name.as_str(), i.kind)).collect();
        assert_eq!(
            shown,
            [("PEAR", "Pear Computers, Inc.", Kind::Equity), ("WRLD.AS", "WRLD.AS", Kind::Etf)],
            "{list:?}"
        );
        assert_eq!(stub.asked().pop().unwrap().query["scrIds"], name);
    }
    let found = provider.list(MarketList::Trending).await.unwrap();
    let shown: Vec<_> = found.iter().map(|i| (i.symbol.as_str(), i.name.as_str())).collect();
    assert_eq!(
        shown,
        [("NUT-USD", "NUT-USD Inc."), ("PEAR", "PEAR Inc."), ("GONE", "GONE Inc.")],
        "named by their quotes"
    );
    assert_eq!((stub.count("/quote"), stub.count("getcrumb")), (1, 1));
}

#[tokio::test]
async fn lists_that_fail_say_how() {
    for (answer, expected) in [
        (says(500, "<html>"), "does not answer (HTTP 500)"),
        (says(200, "<html>consent</html>"), "a web page"),
        (says(200, r#"{"finance":{"result":[]"#), "breaks off"),
        (says(401, UNABLE), "refuses"),
        (says(403, "<html>"), "refuses"),
    ] {
        let stub = answering(move |_| answer.clone()).await;
        let error = stub.provider().list(MarketList::Gainers).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        let error = stub.provider().list(MarketList::Trending).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let stub = answering(|asked| if asked.is("/trending/") { says(200, TRENDING) } else { says(500, "") }).await;
    let found = stub.provider().list(MarketList::Trending).await.unwrap();
    assert_eq!(found[1].name, "PEAR", "without quotes there are no names");
}
