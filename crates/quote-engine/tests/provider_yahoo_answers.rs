//! The Yahoo provider against a server on this machine that answers as badly as Yahoo, and worse.

#![allow(clippy::unwrap_used)]

mod provider_stub;

use std::{io::Write, time::Duration};

use flate2::{Compress, Compression, FlushCompress, write::GzEncoder};
use market::{Range, Symbol};
use provider_stub::{Asked, Body, CHART_NOT_FOUND, Says, Stub, UNABLE, batch, quotes, row, says, session};
use quote_engine::provider::{
    Provider, ProviderError, Retry,
    settings::{Network, ProviderConfigError},
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

fn malformed(error: &ProviderError, what: &str) -> bool {
    matches!(error, ProviderError::Malformed { detail, .. } if detail.contains(what))
}

/// A gzip stream of blanks that never ends: a block that starts and ends on a byte, again and again.
fn bomb() -> (Vec<u8>, Vec<u8>) {
    let header = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut block = Vec::with_capacity(1 << 16);
    Compress::new(Compression::best(), false)
        .compress_vec(&vec![b' '; 1 << 18], &mut block, FlushCompress::Full)
        .unwrap();
    assert!(block.len() < 1 << 10, "it packs well: {}", block.len());
    (header, block)
}

#[tokio::test]
async fn symbols_left_out_are_unknown() {
    let stub = answering(|asked| {
        let known: Vec<String> =
            asked.symbols().into_iter().filter(|s| !s.starts_with("NO")).map(|s| row(&s)).collect();
        says(200, batch(&known))
    })
    .await;
    let provider = stub.provider();
    let answer = provider.quotes(&symbols(&["AAPL", "NO1", "MSFT", "NO2"])).await.unwrap();
    assert_eq!((answer.quotes.len(), answer.unknown), (2, symbols(&["NO1", "NO2"])));
    assert_eq!(provider.quotes(&symbols(&["NO3"])).await.unwrap().unknown.len(), 1);
}

#[tokio::test]
async fn a_bad_row_among_98_good_ones() {
    let stub = answering(|asked| {
        let rows = asked.symbols().iter().map(|s| row(s)).collect::<Vec<_>>();
        says(200, batch(&rows).replacen("12.5", "NaN", 1))
    })
    .await;
    let asked: Vec<Symbol> = (0..99).map(|i| Symbol::parse(&format!("S{i}")).unwrap()).collect();
    let answer = stub.provider().quotes(&asked).await.unwrap();
    assert_eq!((answer.quotes.len(), answer.rejected.len()), (98, 1));
    assert_eq!(answer.rejected[0].1, "it has no price");
}

#[tokio::test]
async fn statuses_and_bodies_that_are_no_answer() {
    let html = "<!doctype html><html><body>Will be right back</body></html>";
    for (answer, expected) in [
        (
            says(404, r#"{"finance":{"result":null,"error":{"code":"Not Found","description":"HTTP 404 Not Found"}}}"#),
            "HTTP 404",
        ),
        (
            says(
                400,
                r#"{"finance":{"result":null,"error":{"code":"Bad Request","description":"Missing required query parameter=symbols"}}}"#,
            ),
            "HTTP 400, Bad Request: Missing",
        ),
        (says(422, "unprocessable"), "HTTP 422"),
        (says(200, html), "a web page"),
        (says(200, ""), "an empty body"),
        (says(200, "null"), "JSON without a result"),
        (says(200, "{\"quoteResponse\":{\"result\":[{\"symbol\":\"AA"), "breaks off"),
        (
            says(200, r#"{"quoteResponse":{"result":null,"error":{"code":"internal-error","description":"x"}}}"#),
            "internal-error: x",
        ),
        (says(301, "").with("location", "http://169.254.169.254/latest"), "redirect"),
        (says(302, "").with("location", "https://169.254.169.254/latest"), "redirect"),
        (says(302, "").with("location", "file:///etc/passwd"), ""),
        (says(302, "").with("location", "/v7/finance/quote"), "redirect"),
    ] {
        let stub = answering(move |_| answer.clone()).await;
        let provider = stub.provider();
        let error = provider.quotes(&symbols(&["AAPL", "MSFT"])).await.unwrap_err();
        assert!(malformed(&error, expected), "{error:?} for {expected}");
        assert_eq!(error.retry(), Retry::Backoff);
        assert!(stub.count("/quote") <= 4, "at most three redirects are followed");
        assert!(!error.to_string().contains("crumb=") && !error.to_string().contains("127.0.0.1"), "{error}");
    }
}

#[tokio::test]
async fn failing_hosts_hand_over_and_refusals_do_not() {
    let good = answering(quotes).await;
    for (bad, quotes_at_good) in
        [(says(500, "<html>error</html>"), 1), (says(502, ""), 1), (says(404, "gone"), 0), (says(429, ""), 0)]
    {
        let failing = answering(move |_| bad.clone()).await;
        let before = good.count("/quote");
        let config = YahooConfig { query_urls: vec![failing.url.clone(), good.url.clone()], ..failing.config() };
        let provider = YahooProvider::new(&config, &Network::default()).unwrap();
        let worked = provider.quotes(&apple()).await.is_ok();
        assert_eq!((worked, good.count("/quote") - before), (quotes_at_good == 1, quotes_at_good));
        if worked {
            provider.quotes(&apple()).await.unwrap();
            assert_eq!(failing.count("/quote"), 1, "the host that works is asked first from then on");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_broken_or_gone() {
    let stub = answering(|_| says(500, "<html>error</html>")).await;
    let error = stub.provider().quotes(&apple()).await.unwrap_err();
    assert_eq!(error.to_string(), "Yahoo does not answer (HTTP 500)");
    assert_eq!(stub.count("/quote"), 1);

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let config = YahooConfig { query_urls: vec![url.clone()], cookie_url: url, ..YahooConfig::default() };
    let provider = YahooProvider::new(&config, &Network::default()).unwrap();
    for _ in 0..3 {
        let error = provider.quotes(&apple()).await.unwrap_err();
        assert_eq!(error.to_string(), "Yahoo does not answer (no connection)");
    }
}

#[tokio::test]
async fn bodies_that_break_off_or_lie_about_their_length() {
    let whole = batch(&[row("AAPL")]).into_bytes();
    let half = whole[..whole.len() / 2].to_vec();
    for (announced, sent, expected) in [
        (whole.len() as u64, half, "broke off"),
        (1 << 30, b"{".to_vec(), "more than 8 MiB"),
        (u64::MAX, b"{".to_vec(), ""),
    ] {
        let body = Body::Broken { announced, sent };
        let stub = answering(move |_| Says { status: 200, headers: Vec::new(), body: body.clone() }).await;
        let error = stub.provider().quotes(&apple()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.retry(), Retry::Backoff);
    }
}

#[tokio::test]
async fn an_endless_body_is_cut() {
    let body = Body::Endless { head: b"{\"quoteResponse\":".to_vec(), piece: vec![b' '; 64 * 1024] };
    let stub = answering(move |_| Says { status: 200, headers: Vec::new(), body: body.clone() }).await;
    let error = stub.provider().quotes(&apple()).await.unwrap_err();
    assert!(malformed(&error, "more than 8 MiB"), "{error}");
}

/// Each byte comes in time, and the whole never does. The clock is the test's own.
#[tokio::test]
async fn a_slow_body_is_not_waited_for() {
    let stub = Stub::start(|asked| match asked.query["q"].as_str() {
        "slow" => Says { status: 200, headers: Vec::new(), body: Body::Slow },
        _ => says(200, r#"{"quotes":[]}"#),
    })
    .await;
    let provider = stub.provider();
    provider.search("quick").await.unwrap();
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    let error = provider.search("slow").await.unwrap_err();
    assert_eq!(error.to_string(), "Yahoo does not answer (no answer in time)");
    assert!(started.elapsed() <= Duration::from_secs(11), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_gzip_bomb_is_counted_unpacked() {
    let (head, piece) = bomb();
    let body = Body::Endless { head, piece };
    let stub = answering(move |_| {
        Says { status: 200, headers: Vec::new(), body: body.clone() }.with("content-encoding", "gzip")
    })
    .await;
    let error = stub.provider().quotes(&apple()).await.unwrap_err();
    assert!(malformed(&error, "more than 8 MiB"), "{error}");
}

#[tokio::test]
async fn packed_answers_are_read() {
    let stub = answering(|asked| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(batch(&asked.symbols().iter().map(|s| row(s)).collect::<Vec<_>>()).as_bytes()).unwrap();
        says(200, packed.finish().unwrap()).with("content-encoding", "gzip")
    })
    .await;
    assert_eq!(stub.provider().quotes(&apple()).await.unwrap().quotes.len(), 1);
    assert!(stub.asked()[2].headers["accept-encoding"].contains("gzip"));
}

#[tokio::test]
async fn hostile_names_arrive_as_bounded_text() {
    let stub = answering(|asked| {
        let rows: Vec<String> = asked
            .symbols()
            .iter()
            .zip(["<img src=x onerror=alert(1)>".to_owned(), "y".repeat(1 << 20), "\u{202e}שלום".to_owned()])
            .map(|(symbol, name)| row(symbol).replace(&format!("{symbol} Inc."), &name))
            .collect();
        says(200, batch(&rows))
    })
    .await;
    let answer = stub.provider().quotes(&symbols(&["A", "B", "C"])).await.unwrap();
    let names: Vec<&str> = answer.quotes.iter().map(|quote| quote.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["<img src=x onerror=alert(1)>", &"y".repeat(256), "שלום"]);
}

#[tokio::test]
async fn more_than_one_requests_worth_is_split() {
    let stub = answering(quotes).await;
    let asked: Vec<Symbol> = (0..250).map(|i| Symbol::parse(&format!("S{i:05}")).unwrap()).collect();
    assert_eq!(stub.provider().quotes(&asked).await.unwrap().quotes.len(), 250);
    let sizes: Vec<usize> = stub.asked().iter().filter(|a| a.is("/quote")).map(|a| a.symbols().len()).collect();
    assert_eq!(sizes, [99, 99, 52]);
    let long: Vec<Symbol> = (0..99).map(|i| Symbol::parse(&format!("^{i:055}=^^^")).unwrap()).collect();
    assert_eq!(stub.provider().quotes(&long).await.unwrap().quotes.len(), 99);
    assert!(stub.asked().iter().all(|a| stub.url.len() + a.target.len() <= 1_800));
}

#[tokio::test]
async fn search_finds_classes_of_shares() {
    let item = |symbol: &str| {
        format!(
            r#"{{"symbol":"{symbol}","shortname":"Berkshire","quoteType":"EQUITY","exchDisp":"NYSE","isYahooFinance":true}}"#
        )
    };
    let stub = Stub::start(move |asked| {
        let found = match asked.query["q"].as_str() {
            "brk.b" => item("BRKB.XX"),
            "BRK-B" => item("BRK-B"),
            "VOD.L" => item("VOD.L"),
            _ => String::new(),
        };
        says(200, format!(r#"{{"quotes":[{found}]}}"#))
    })
    .await;
    let provider = stub.provider();
    let found = provider.search(" brk.b ").await.unwrap();
    assert_eq!(found.iter().map(|i| i.symbol.as_str()).collect::<Vec<_>>(), ["BRK-B", "BRKB.XX"]);
    assert_eq!(stub.asked().len(), 2);
    assert_eq!(provider.search("VOD.L").await.unwrap().len(), 1);
    assert_eq!(stub.asked().len(), 3, "a London listing is no class of shares");
    assert_eq!(provider.search("  ").await.unwrap(), []);
    assert_eq!(provider.search("müller & söhne #1").await.unwrap(), []);
    assert_eq!(stub.asked().last().unwrap().query["q"], "müller & söhne #1");
    provider.search(&"x".repeat(100_000)).await.unwrap();
    assert_eq!(stub.asked().last().unwrap().query["q"].len(), 100);
    assert_eq!((stub.count("getcrumb"), stub.count("cookie")), (0, 0), "a search needs no session");
}

#[tokio::test]
async fn a_search_that_fails_says_how() {
    for (answer, expected) in [
        (says(500, "<html>Error report</html>"), "does not answer (HTTP 500)"),
        (says(200, "<html>consent</html>"), "a web page"),
        (says(401, UNABLE), "refuses"),
    ] {
        let stub = Stub::start(move |_| answer.clone()).await;
        let error = stub.provider().search("apple").await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn charts_of_every_range() {
    let stub = Stub::start(|asked| {
        if asked.is("/GONE") {
            says(404, CHART_NOT_FOUND)
        } else {
            says(200, include_str!("fixtures/yahoo/chart_day.json"))
        }
    })
    .await;
    let provider = stub.provider();
    for (range, name, interval) in [
        (Range::Day, "1d", "5m"),
        (Range::FiveDays, "5d", "15m"),
        (Range::Month, "1mo", "1h"),
        (Range::YearToDate, "ytd", "1d"),
        (Range::FiveYears, "5y", "1wk"),
        (Range::Max, "max", "1wk"),
    ] {
        let history = provider.history(&symbols(&["^GSPC"])[0], range).await.unwrap();
        assert!(!history.bars.is_empty());
        assert_eq!(history.interval, "5m", "what was really given");
        let asked = stub.asked().pop().unwrap();
        assert!(asked.target.starts_with("/v8/finance/chart/%5EGSPC?"));
        assert_eq!((asked.query["range"].as_str(), asked.query["interval"].as_str()), (name, interval));
        assert_eq!(asked.query["includePrePost"], (range == Range::Day).to_string());
    }
    let error = provider.history(&symbols(&["GONE"])[0], Range::Day).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.retry()), ("Yahoo does not know GONE", Retry::Never));
}

#[tokio::test]
async fn the_budget_has_a_burst_and_a_rate() {
    let stub = answering(quotes).await;
    let provider =
        YahooProvider::new(&YahooConfig { requests_per_second: 0.01, ..stub.config() }, &Network::default()).unwrap();
    provider.quotes(&apple()).await.unwrap();
    provider.quotes(&apple()).await.unwrap();
    assert_eq!(stub.asked().len(), 4, "cookie, crumb, two quotes: the burst");
    let fifth = tokio::time::timeout(Duration::from_millis(50), provider.quotes(&apple())).await;
    assert!(fifth.is_err(), "the fifth has to wait");
    assert_eq!(stub.asked().len(), 4);
}

#[test]
fn wrong_settings_are_named() {
    let network = Network { proxy: Some("not a proxy".to_owned()), ..Network::default() };
    assert_eq!(YahooProvider::new(&YahooConfig::default(), &network).unwrap_err(), ProviderConfigError::Proxy);
    let config = YahooConfig { requests_per_second: -1.0, ..YahooConfig::default() };
    assert!(matches!(YahooProvider::new(&config, &Network::default()), Err(ProviderConfigError::Budget { .. })));
    let provider = YahooProvider::new(&YahooConfig::default(), &Network::default()).unwrap();
    assert_eq!((provider.name(), provider.capabilities().limits.symbols_max), ("yahoo", 99));
}
