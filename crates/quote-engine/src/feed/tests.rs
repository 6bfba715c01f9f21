//! The feed step by step, where the test says when the clock has jumped.

use bus::{Access, Anonymous, OtherTopics, TopicPolicy, Topics};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use market::{QuoteState, Symbol};

use super::*;
use crate::{
    desk::Desk,
    provider::{
        Answer, Capabilities, Provider, ProviderError,
        simulated::{SimulatedConfig, SimulatedProvider},
    },
    store::FileStore,
};

/// The made-up market, behind a network that answers or does not.
#[derive(Debug)]
struct Networked {
    market: SimulatedProvider,
    answers: AtomicBool,
}

#[async_trait]
impl Provider for Networked {
    fn name(&self) -> &'static str {
        self.market.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.market.capabilities()
    }

    fn covers(&self, symbol: &Symbol) -> bool {
        self.market.covers(symbol)
    }

    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError> {
        if !self.answers.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.market.quotes(symbols).await
    }
}

fn networked(answers: bool) -> Arc<Networked> {
    let market = SimulatedProvider::new(SimulatedConfig::default());
    Arc::new(Networked { market, answers: AtomicBool::new(answers) })
}

/// A feed of a made-up market that never closes, and what it publishes on.
fn feed(folder: &std::path::Path, provider: Arc<Networked>) -> (Feed, Symbol, broker::Broker) {
    let bitcoin = Symbol::parse("BTC-USD").unwrap();
    let topics = Topics::new("quickstocks/v1", false);
    let policy = TopicPolicy {
        topics: topics.clone(),
        accounts: Arc::new(Desk::open(folder, Box::new(FileStore::new(folder))).unwrap().handle),
        access: Access::new(Anonymous::Loopback, OtherTopics::None),
        logins: Arc::default(),
        home_assistant: false,
    };
    let broker = broker::Broker::start(broker::Config::default(), Arc::new(policy)).unwrap();
    let config = FeedConfig {
        source: Source::only(provider),
        poll_interval: Duration::from_secs(3_600),
        symbols: BTreeSet::from([bitcoin.clone()]),
        data_dir: None,
        patience: Patience::default(),
    };
    (Feed::new(config, Bus::embedded(&broker, topics)).0, bitcoin, broker)
}

async fn answered(feed: &mut Feed) {
    feed.ask();
    let fetched = feed.requests.join_next().await.expect("a request was due").unwrap();
    feed.take_in(fetched).await;
}

#[tokio::test]
async fn after_a_sleep_everything_is_stale_and_asked_for_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut feed, bitcoin, _broker) = feed(folder.path(), networked(true));
    let state = |feed: &Feed| feed.board.get(&bitcoin).unwrap().state;
    feed.replan().await;
    answered(&mut feed).await;
    assert_eq!(state(&feed), QuoteState::Live);
    assert!(feed.next_request_at().unwrap() > Instant::now(), "the next one is not due yet");
    feed.look_at_ages(false).await;
    assert_eq!(state(&feed), QuoteState::Live, "no jump, no doubt");
    feed.look_at_ages(true).await;
    assert_eq!(state(&feed), QuoteState::Stale);
    answered(&mut feed).await;
    assert_eq!(state(&feed), QuoteState::Live);
}

#[tokio::test]
async fn a_request_that_the_sleep_cut_off_is_made_anew_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let network = networked(false);
    let (mut feed, bitcoin, _broker) = feed(folder.path(), Arc::clone(&network));
    feed.replan().await;
    feed.ask();
    assert_eq!(feed.requests.len(), 1);
    network.answers.store(true, Ordering::SeqCst);
    feed.look_at_ages(true).await;
    answered(&mut feed).await;
    assert!(feed.board.get(&bitcoin).is_some() && feed.requests.is_empty());
}
