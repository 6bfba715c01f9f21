//! The cache before a provider that counts what it is asked, and fails when told to.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use market::{Bar, Kind, schedule::RequestLimits};

use super::*;
use crate::provider::{Answer, Capabilities};

/// A chart of one bar.
pub(super) fn history(symbol: &str, close: f64) -> History {
    let at = "2026-11-23T15:00:00Z".parse().unwrap();
    History {
        symbol: Symbol::parse(symbol).unwrap(),
        range: Range::Day,
        interval: "5m".into(),
        currency: Some("USD".into()),
        previous_close: None,
        time_zone: None,
        regular_hours: None,
        source: "yahoo".into(),
        fetched_at: None,
        bars: vec![Bar { at, open: close, high: close, low: close, close, volume: None }],
    }
}

/// Answers with a chart whose close counts the requests.
#[derive(Debug, Default)]
struct Counting {
    simulated: bool,
    failing: AtomicBool,
    unknowing: AtomicBool,
    asked: AtomicU32,
}

#[async_trait]
impl Provider for Counting {
    fn name(&self) -> &'static str {
        if self.simulated { SIMULATED } else { "yahoo" }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            figures: true,
            history: true,
            ..Capabilities::of(
                "Counting",
                &[Kind::Equity],
                RequestLimits { symbols_max: 1, bytes_max: 1, per_second: 1.0 },
            )
        }
    }

    fn covers(&self, _: &Symbol) -> bool {
        true
    }

    async fn quotes(&self, _: &[Symbol]) -> Result<Answer, ProviderError> {
        Ok(Answer::default())
    }

    async fn history(&self, symbol: &Symbol, range: Range) -> Result<History, ProviderError> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        // Whoever else asks has its turn while this request is under way.
        tokio::task::yield_now().await;
        if self.unknowing.load(Ordering::SeqCst) {
            return Err(ProviderError::UnknownSymbol { provider: "Counting", symbol: symbol.clone() });
        }
        if self.failing.load(Ordering::SeqCst) {
            return Err(ProviderError::Unreachable { provider: "Counting", detail: "as told".into() });
        }
        Ok(History { range, ..history(symbol.as_str(), f64::from(asked)) })
    }
}

impl Counting {
    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const NOON: &str = "2026-11-23T17:00:00Z";
const SOON: &str = "2026-11-23T17:00:30Z";
const LATER: &str = "2026-11-23T18:00:00Z";

async fn ask(cache: &HistoryCache, provider: &Counting, now: &str) -> Result<History, ProviderError> {
    let apple = Symbol::parse("AAPL").unwrap();
    cache.history_at(provider, &apple, Range::Day, Session::Regular, at(now)).await
}

fn close(answer: Result<History, ProviderError>) -> (f64, Option<Timestamp>) {
    let history = answer.unwrap();
    (history.bars[0].close, history.fetched_at)
}

#[tokio::test]
async fn fresh_bars_cost_no_request_and_old_ones_do() {
    let (cache, provider) = (HistoryCache::in_memory(), Counting::default());
    assert_eq!(close(ask(&cache, &provider, NOON).await), (1.0, None));
    assert_eq!(close(ask(&cache, &provider, SOON).await), (1.0, None));
    assert_eq!(close(ask(&cache, &provider, LATER).await), (2.0, None));
    let apple = Symbol::parse("AAPL").unwrap();
    let year = cache.history_at(&provider, &apple, Range::Year, Session::Regular, at(SOON)).await;
    assert_eq!(close(year), (3.0, None), "each range by itself");
}

#[tokio::test]
async fn while_the_provider_is_down_kept_bars_stand_in_with_their_age_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Counting::default();
    ask(&HistoryCache::open(folder.path()), &provider, NOON).await.unwrap();
    provider.failing.store(true, Ordering::SeqCst);
    let cache = HistoryCache::open(folder.path());
    assert_eq!(close(ask(&cache, &provider, LATER).await), (1.0, Some(at(NOON))));
    let kept = cache.kept("yahoo", &Symbol::parse("AAPL").unwrap(), Range::Day).await.unwrap();
    assert_eq!(kept.fetched_at, Some(at(NOON)));
    provider.failing.store(false, Ordering::SeqCst);
    assert_eq!(close(ask(&cache, &provider, LATER).await), (3.0, None), "and it is asked again at once");
}

#[tokio::test]
async fn without_kept_bars_the_error_is_told_and_a_symbol_that_is_gone_has_no_chart() {
    let (cache, provider) = (HistoryCache::in_memory(), Counting::default());
    provider.failing.store(true, Ordering::SeqCst);
    assert!(matches!(ask(&cache, &provider, NOON).await, Err(ProviderError::Unreachable { .. })));
    provider.failing.store(false, Ordering::SeqCst);
    ask(&cache, &provider, NOON).await.unwrap();
    provider.unknowing.store(true, Ordering::SeqCst);
    assert!(matches!(ask(&cache, &provider, LATER).await, Err(ProviderError::UnknownSymbol { .. })));
}

#[tokio::test]
async fn however_many_ask_the_provider_is_asked_once() {
    for failing in [false, true] {
        let (cache, provider) = (HistoryCache::in_memory(), Counting::default());
        provider.failing.store(failing, Ordering::SeqCst);
        let all = (0..50).map(|_| ask(&cache, &provider, NOON));
        let answers = futures_util::future::join_all(all).await;
        assert!(answers.iter().all(|answer| answer.is_err() == failing));
        assert_eq!(provider.asked(), 1);
        let (apple, msft) = (ask(&cache, &provider, LATER).await, Symbol::parse("MSFT").unwrap());
        let _ = (apple, cache.history(&provider, &msft, Range::Day, Session::Regular).await);
        assert!(cache.flights.lock().unwrap().len() <= 1, "nothing is left of requests that are over");
    }
}

#[tokio::test]
async fn what_is_made_up_is_never_kept() {
    let cache = HistoryCache::in_memory();
    let provider = Counting { simulated: true, ..Counting::default() };
    ask(&cache, &provider, NOON).await.unwrap();
    assert_eq!(close(ask(&cache, &provider, NOON).await), (2.0, None));
    assert!(cache.kept(SIMULATED, &Symbol::parse("AAPL").unwrap(), Range::Day).await.is_none());
}

#[tokio::test]
async fn a_file_that_cannot_be_had_costs_requests_and_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(FILE)).unwrap();
    let (cache, provider) = (HistoryCache::open(folder.path()), Counting::default());
    assert_eq!(close(ask(&cache, &provider, NOON).await), (1.0, None));
    assert_eq!(close(ask(&cache, &provider, SOON).await), (1.0, None), "kept in memory");
}
