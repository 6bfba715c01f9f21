//! The session with Yahoo: the handshake, its renewal, doing without, and being told to slow down.

#![allow(clippy::unwrap_used)]

mod provider_stub;

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use market::{Range, Symbol};
use provider_stub::{
    Asked, CHART_NOT_FOUND, COOKIE, CRUMB, INVALID_COOKIE, INVALID_CRUMB, Says, Stub, UNABLE, batch, chart, quotes,
    row, says, session,
};
use quote_engine::provider::{
    Provider, ProviderError, Retry,
    settings::{Keep, Network},
    yahoo::{YahooConfig, YahooProvider},
};

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| Symbol::parse(name).unwrap()).collect()
}

fn apple() -> Vec<Symbol> {
    symbols(&["AAPL"])
}

/// A server whose session is fine and whose quotes are what `answer` says.
async fn answering(answer: impl Fn(&Asked) -> Says + Send + Sync + 'static) -> Stub {
    Stub::start(move |asked| session(asked).unwrap_or_else(|| answer(asked))).await
}

fn refused(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Refused { .. })
}

fn limited(error: &ProviderError, seconds: u64) -> bool {
    let left = Duration::from_secs(seconds.saturating_sub(5))..=Duration::from_secs(seconds);
    matches!(error, ProviderError::RateLimited { retry_after: Some(pause), .. } if left.contains(pause))
}

#[tokio::test]
async fn the_whole_way_to_a_quote() {
    let stub = answering(quotes).await;
    let provider = stub.provider();
    let asked = symbols(&["AAPL", "^GSPC", "EURUSD=X", "BRK-B", "A/B", "A&B", "AAPL"]);
    let answer = provider.quotes(&asked).await.unwrap();
    assert_eq!(answer.quotes.len(), 6, "once each: {answer:?}");
    assert_eq!((answer.unknown, answer.note), (Vec::new(), None));
    let log = stub.asked();
    assert_eq!(
        log.iter().map(|a| a.path.as_str()).collect::<Vec<_>>(),
        ["/cookie", "/v1/test/getcrumb", "/v7/finance/quote"]
    );
    assert!(log.iter().all(|a| a.headers["user-agent"].starts_with("Mozilla/5.0 (compatible; Quickstocks/")));
    assert!(log[0].headers["accept"].starts_with("text/html"), "without it there is no cookie");
    assert_eq!(log[2].headers["cookie"], COOKIE, "a Secure cookie, sent over plain HTTP on this machine");
    assert_eq!(log[2].query["crumb"], CRUMB);
    assert!(
        log[2].target.ends_with("crumb=a%2FB%2Bc.9")
            && log[2].target.contains("symbols=AAPL,%5EGSPC,EURUSD%3DX,BRK-B,A%2FB,A%26B")
    );
}

#[tokio::test]
async fn a_crumb_that_ran_out_is_renewed_once() {
    for (body, cookies) in [(INVALID_CRUMB, 1), (UNABLE, 2), (INVALID_COOKIE, 2), ("<html>no</html>", 2)] {
        let refusals = AtomicUsize::new(1);
        let stub = answering(move |asked| {
            let refuse = refusals.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
            if refuse { says(401, body) } else { quotes(asked) }
        })
        .await;
        let provider = stub.provider();
        let answer = provider.quotes(&apple()).await.unwrap();
        assert_eq!((answer.quotes.len(), answer.note), (1, None), "{body}");
        assert_eq!((stub.count("getcrumb"), stub.count("/quote")), (2, 2), "{body}");
        assert_eq!(stub.count("/cookie"), cookies, "{body}: only a crumb may run out without the cookie");
        provider.quotes(&apple()).await.unwrap();
        assert_eq!((stub.count("getcrumb"), stub.count("/quote")), (2, 3));
    }
}

#[tokio::test]
async fn a_401_in_an_answer_with_200_counts_as_one() {
    let first = AtomicUsize::new(0);
    let stub =
        answering(move |asked| if first.fetch_add(1, SeqCst) == 0 { says(200, INVALID_CRUMB) } else { quotes(asked) })
            .await;
    assert_eq!(stub.provider().quotes(&apple()).await.unwrap().quotes.len(), 1);
    assert_eq!(stub.count("getcrumb"), 2);
}

#[tokio::test]
async fn a_crumb_always_refused_makes_no_storm() {
    for body in [INVALID_CRUMB, UNABLE, INVALID_COOKIE] {
        let stub =
            answering(move |asked| if asked.is("/quote") { says(401, body) } else { says(404, CHART_NOT_FOUND) }).await;
        let provider = stub.provider();
        let asked = symbols(&["A", "B", "C", "D", "E", "F"]);
        for _ in 0..10 {
            let error = provider.quotes(&asked).await.unwrap_err();
            assert!(refused(&error) && matches!(error.retry(), Retry::After(_)), "{error}");
        }
        assert_eq!((stub.count("/quote"), stub.count("getcrumb")), (2, 2), "{body}");
        assert_eq!(stub.count("/chart"), 30, "three strangers are enough, each time");
    }
}

#[tokio::test]
async fn without_a_crumb_charts_give_the_quotes() {
    for crumb in ["<html>consent</html>", "", "{\"a\":1}", "two words", &"x".repeat(200)] {
        let crumb = crumb.to_owned();
        let stub = Stub::start(move |asked| match asked {
            _ if asked.is("getcrumb") => says(200, crumb.clone()),
            _ if asked.is("/chart/NO") => says(404, CHART_NOT_FOUND),
            _ if asked.is("/chart/") => says(200, chart("X")),
            _ => says(404, ""),
        })
        .await;
        let provider = stub.provider();
        let answer = provider.quotes(&symbols(&["AAPL", "^GSPC", "NO1"])).await.unwrap();
        assert_eq!((answer.quotes.len(), answer.unknown), (2, symbols(&["NO1"])));
        assert!(answer.note.unwrap().text.contains("crumb"), "the user is told");
        provider.quotes(&apple()).await.unwrap();
        assert_eq!(
            (stub.count("getcrumb"), stub.count("/quote"), stub.count("/chart/")),
            (1, 0, 4),
            "not again so soon"
        );
    }
}

#[tokio::test]
async fn charts_go_round_over_many_symbols() {
    let stub = Stub::start(|asked| if asked.is("/chart/") { says(200, chart("X")) } else { says(401, UNABLE) }).await;
    let provider = stub.provider();
    let asked: Vec<Symbol> = (0..50).map(|i| Symbol::parse(&format!("S{i}")).unwrap()).collect();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let answer = provider.quotes(&asked).await.unwrap();
        assert_eq!((answer.quotes.len(), answer.unknown.len()), (20, 0));
        seen.extend(answer.quotes.into_iter().map(|quote| quote.symbol));
    }
    assert_eq!(seen.len(), 50);
}

#[tokio::test]
async fn a_blocked_cookie_host_is_no_reason_to_give_up() {
    let stub = answering(|_| says(200, chart("AAPL"))).await;
    let config = YahooConfig { cookie_url: "http://127.0.0.1:9/".to_owned(), ..stub.config() };
    let answer = YahooProvider::new(&config, &Network::default()).unwrap().quotes(&apple()).await.unwrap();
    assert_eq!((answer.quotes.len(), answer.note.is_some()), (1, true));
    assert_eq!((stub.count("getcrumb"), stub.count("/chart/")), (1, 1));
}

#[tokio::test]
async fn many_callers_make_one_handshake() {
    let stub = answering(quotes).await;
    let provider = Arc::new(stub.provider());
    let calls: Vec<_> = (0..40)
        .map(|i| {
            let provider = Arc::clone(&provider);
            tokio::spawn(async move { provider.quotes(&symbols(&[&format!("S{i}")])).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().quotes.len(), 1);
    }
    assert_eq!((stub.count("/cookie"), stub.count("getcrumb"), stub.count("/quote")), (1, 1, 40));
}

/// The crumb changes while many requests are under way: all are refused, one handshake is made, all succeed.
#[tokio::test]
async fn a_crumb_that_runs_out_in_a_sweep_costs_one_handshake() {
    let valid = Arc::new(Mutex::new("first".to_owned()));
    let crumb = Arc::clone(&valid);
    let stub = Stub::start(move |asked| match asked {
        _ if asked.is("/cookie") => says(404, "").with("set-cookie", COOKIE),
        _ if asked.is("getcrumb") => says(200, crumb.lock().unwrap().clone()),
        _ if asked.query["crumb"] == *crumb.lock().unwrap() => {
            says(200, batch(&asked.symbols().iter().map(|s| row(s)).collect::<Vec<_>>()))
        }
        _ => says(401, INVALID_CRUMB),
    })
    .await;
    let provider = Arc::new(stub.provider());
    provider.quotes(&apple()).await.unwrap();
    *valid.lock().unwrap() = "second".to_owned();
    let calls: Vec<_> = (0..12)
        .map(|i| {
            let provider = Arc::clone(&provider);
            tokio::spawn(async move { provider.quotes(&symbols(&[&format!("S{i}")])).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().quotes.len(), 1);
    }
    assert_eq!((stub.count("/cookie"), stub.count("getcrumb")), (1, 2));
}

#[tokio::test]
async fn the_session_survives_a_restart_under_the_same_name() {
    let stub = answering(quotes).await;
    let folder = tempfile::tempdir().unwrap();
    let config = stub.config();
    let network = Network { data_dir: Some(folder.path().to_owned()), ..Network::default() };
    for _ in 0..3 {
        let provider = YahooProvider::new(&config, &network).unwrap();
        assert_eq!(provider.quotes(&apple()).await.unwrap().quotes.len(), 1);
    }
    assert_eq!((stub.count("getcrumb"), stub.count("/quote")), (1, 3));
    let other = YahooConfig { user_agent: "Mozilla/5.0 (compatible; Other/1)".to_owned(), ..config };
    YahooProvider::new(&other, &network).unwrap().quotes(&apple()).await.unwrap();
    assert_eq!(stub.count("getcrumb"), 2);
}

#[tokio::test]
async fn whoever_may_only_read_the_folder_uses_the_session_and_leaves_it_as_it_is() {
    let stub = answering(quotes).await;
    let folder = tempfile::tempdir().unwrap();
    let not_there = folder.path().join("not-there");
    let reader = |path: &Path| Network { data_dir: Some(path.to_owned()), keep: Keep::ReadOnly, ..Network::default() };
    YahooProvider::new(&stub.config(), &reader(&not_there)).unwrap().quotes(&apple()).await.unwrap();
    assert!(!not_there.exists());

    let writer = Network { keep: Keep::ReadWrite, ..reader(folder.path()) };
    YahooProvider::new(&stub.config(), &writer).unwrap().quotes(&apple()).await.unwrap();
    let kept = folder.path().join("yahoo-session.json");
    let before = std::fs::read(&kept).unwrap();
    YahooProvider::new(&stub.config(), &reader(folder.path())).unwrap().quotes(&apple()).await.unwrap();
    assert_eq!(stub.count("getcrumb"), 2, "the session that is there is good enough");
    let other = answering(|asked| if asked.is("/quote") { says(429, "") } else { quotes(asked) }).await;
    let limited = YahooProvider::new(&other.config(), &reader(folder.path())).unwrap();
    assert!(limited.quotes(&apple()).await.is_err(), "neither its session nor its pause is kept");
    assert_eq!(std::fs::read(&kept).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_rate_limit_stops_everything() {
    let in_an_hour = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&(Timestamp::now() + SignedDuration::from_hours(1)))
        .unwrap();
    for (header, pause) in
        [(None, 60), (Some("7".to_owned()), 7), (Some("86400".to_owned()), 900), (Some(in_an_hour), 900)]
    {
        let stub = answering(move |_| {
            let limited = says(429, "Too Many Requests\r\n").with("content-type", "text/plain");
            header.iter().fold(limited, |says, value| says.with("retry-after", value))
        })
        .await;
        let provider = stub.provider();
        for _ in 0..5 {
            let error = provider.quotes(&apple()).await.unwrap_err();
            assert!(limited(&error, pause), "{error:?} for {pause}");
            assert!(matches!(error.retry(), Retry::After(_)));
        }
        assert!(
            limited(&provider.search("apple").await.unwrap_err(), pause),
            "the address is blocked, not the endpoint"
        );
        assert!(limited(&provider.history(&apple()[0], Range::Day).await.unwrap_err(), pause));
        assert_eq!(stub.asked().len(), 3, "cookie, crumb, one quote");
    }
}

#[tokio::test]
async fn a_rate_limit_before_or_in_the_handshake_ends_it() {
    for (limited_at, requests) in [("/cookie", 1), ("getcrumb", 2)] {
        for status in [429, 200] {
            let stub = Stub::start(move |asked| {
                if asked.is(limited_at) {
                    return says(status, "Too Many Requests\r\n");
                }
                session(asked).unwrap_or_else(|| quotes(asked))
            })
            .await;
            let provider = stub.provider();
            for _ in 0..3 {
                assert!(limited(&provider.quotes(&apple()).await.unwrap_err(), 60));
            }
            assert_eq!(stub.asked().len(), requests, "{limited_at} {status}");
        }
    }
}

#[tokio::test]
async fn a_refused_network_is_told_and_left_alone() {
    let stub = answering(|_| says(403, "<html>Access denied</html>")).await;
    let error = stub.provider().quotes(&apple()).await.unwrap_err();
    assert_eq!(error.to_string(), "Yahoo refuses this network (HTTP 403)");
    assert_eq!((stub.count("/quote"), stub.count("getcrumb")), (1, 1), "no handshake against a block");

    let first = AtomicUsize::new(0);
    let stub =
        answering(move |asked| if first.fetch_add(1, SeqCst) == 0 { says(403, "bad crumb") } else { quotes(asked) })
            .await;
    assert_eq!(stub.provider().quotes(&apple()).await.unwrap().quotes.len(), 1, "unless it is about the crumb");
}
