//! The fan-out with a router that dies.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Broker, Config, Identity, Login, Policy, Verdict};
use std::net::SocketAddr;

struct Open;

impl Policy for Open {
    fn authenticate(&self, _: SocketAddr, _: Option<Login<'_>>) -> Verdict {
        Ok(Identity::Anonymous).into()
    }
    fn may_read(&self, _: &Identity, _: &str) -> bool {
        true
    }
    fn may_publish(&self, _: &Identity, _: &str) -> bool {
        true
    }
    fn conflates(&self, topic: &str) -> bool {
        topic.starts_with("quote/")
    }
}

fn start(canary_interval: Duration) -> Broker {
    Broker::start(Config { canary_interval, ..Config::default() }, Arc::new(Open)).unwrap()
}

async fn payloads(broker: &Broker, filter: &str, count: usize) -> Vec<String> {
    let mut subscription = broker.link().subscribe(&[filter]);
    let mut payloads = Vec::new();
    for _ in 0..count {
        let message = subscription.recv().await.unwrap();
        payloads.push(String::from_utf8(message.payload.to_vec()).unwrap());
    }
    payloads.sort();
    payloads
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_router_is_built_anew_and_loses_nothing() {
    let broker = start(Duration::from_millis(50));
    let link = broker.link();
    let mut live = link.subscribe(&["queued/+"]);
    for n in 0..50 {
        link.publish(&format!("quote/{n:02}"), n.to_string().into(), true).await.unwrap();
    }
    for death in 1..=3 {
        for n in 0..500 {
            if n == 250 {
                broker.command(Command::PoisonRouter);
            }
            link.publish("queued/x", n.to_string().into(), false).await.unwrap();
        }
        for n in 0..500 {
            assert_eq!(live.recv().await.unwrap().payload, n.to_string(), "death {death}");
        }
        while broker.stats().router_rebuilds < death {
            link.publish("queued/y", "notice".into(), false).await.unwrap();
            live.recv().await.unwrap();
        }
        assert_eq!(payloads(&broker, "quote/+", 50).await.len(), 50);
    }
    broker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_together_comes_in_order_with_what_is_sent_alone() {
    let broker = start(Duration::from_secs(60));
    let link = broker.link();
    let mut live = link.subscribe(&["queued/+"]);
    let large = "x".repeat(2_000);
    let say = |n: usize| crate::Publication {
        topic: "queued/x".into(),
        payload: format!("{n} {large}").into(),
        retain: false,
    };
    // Two megabytes: more than may be on its way at once.
    for start in (0..1_000).step_by(250) {
        link.publish("queued/x", say(start).payload, false).await.unwrap();
        link.publish_all((start + 1..start + 250).map(say).collect()).await.unwrap();
    }
    for n in 0..1_000 {
        assert_eq!(live.recv().await.unwrap().payload, format!("{n} {large}"));
    }
    broker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_cannot_be_sent_holds_no_other_up() {
    let broker = start(Duration::from_secs(60));
    let mut live = broker.link().subscribe(&["queued/+"]);
    let say = |topic: &str| crate::Publication { topic: topic.into(), payload: "x".into(), retain: false };
    let told = broker.link().publish_all(["queued/a", "queued/#", "queued/b"].map(say).into()).await;
    assert!(matches!(told, Err(crate::Error::Topic { topic }) if topic == "queued/#"));
    for topic in ["queued/a", "queued/b"] {
        assert_eq!(&*live.recv().await.unwrap().topic, topic);
    }
    broker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mute_router_is_noticed_by_its_canary() {
    let broker = start(Duration::from_millis(20));
    let link = broker.link();
    link.publish("quote/A", "1".into(), true).await.unwrap();
    assert_eq!(payloads(&broker, "quote/A", 1).await, ["1"]);
    broker.mute_router();
    let mut live = link.subscribe(&["queued/+"]);
    link.publish("queued/x", "kept in the journal".into(), false).await.unwrap();
    assert_eq!(live.recv().await.unwrap().payload, "kept in the journal");
    assert!(broker.stats().router_rebuilds > 0);
    assert_eq!(payloads(&broker, "quote/A", 1).await, ["1"]);
}
