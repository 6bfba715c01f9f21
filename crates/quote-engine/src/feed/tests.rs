//! The feed step by step, where the test says when the clock has jumped.

use bus::{Anonymous, OtherTopics, TopicPolicy, Topics};
use market::QuoteState;

use super::*;
use crate::{
    desk::Desk,
    provider::simulated::{SimulatedConfig, SimulatedProvider},
    store::FileStore,
};

/// A feed of a made-up market that never closes, and what it publishes on.
fn feed(folder: &std::path::Path) -> (Feed, Symbol, broker::Broker) {
    let bitcoin = Symbol::parse("BTC-USD").unwrap();
    let topics = Topics::new("quickstocks/v1", false);
    let policy = TopicPolicy {
        topics: topics.clone(),
        accounts: Arc::new(Desk::open(folder, Box::new(FileStore::new(folder))).unwrap().handle),
        anonymous: Anonymous::Loopback,
        other_topics: OtherTopics::None,
    };
    let broker = broker::Broker::start(broker::Config::default(), Arc::new(policy)).unwrap();
    let config = FeedConfig {
        source: Source::only(Arc::new(SimulatedProvider::new(SimulatedConfig::default()))),
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
    let (mut feed, bitcoin, _broker) = feed(folder.path());
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
