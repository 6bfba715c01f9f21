//! Connections that break in the middle of everything: at least once stays at least once, exactly once exactly once.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Connect, Got, Raw, Server, acknowledgement, next, publish};
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};
use std::collections::HashSet;

const MESSAGES: u16 = 60;

async fn connection(server: &Server, level: u8, id: &str, is_first: bool) -> Raw {
    let properties: &[u8] = if level == 5 { &[0x11, 0, 0, 14, 16, 0x21, 0, 7] } else { &[] };
    let connect = Connect { level, id, clean: false, properties, ..Connect::default() };
    let mut raw = server.raw().await;
    if is_first {
        raw.connect(connect).await;
    } else {
        raw.resume(connect).await;
    }
    raw
}

/// A client that remembers what it has to, whatever its connections do.
#[derive(Default)]
struct Reader {
    /// Payloads of `QoS` 1 and 2, in the order in which they came.
    got: [Vec<u16>; 2],
    held: HashSet<u16>,
}

impl Reader {
    /// Takes a packet in: the answer.
    fn take(&mut self, got: &Got) -> Vec<u8> {
        if got.first & 0xf0 == 0x60 {
            let id = u16::from_be_bytes([got.body[0], got.body[1]]);
            self.held.remove(&id);
            return acknowledgement(0x70, id);
        }
        let topic = usize::from(got.body[1]);
        let id = u16::from_be_bytes([got.body[2 + topic], got.body[3 + topic]]);
        let payload = u16::from_be_bytes(*got.body.last_chunk().unwrap());
        if got.first & 6 == 2 {
            self.got[0].push(payload);
            return acknowledgement(0x40, id);
        }
        if self.held.insert(id) {
            self.got[1].push(payload);
        }
        acknowledgement(0x50, id)
    }

    fn has_all(&self) -> bool {
        let all: HashSet<&u16> = self.got.iter().flatten().collect();
        all.len() == usize::from(MESSAGES) && self.held.is_empty()
    }
}

/// The first time of each.
fn firsts(all: &[u16]) -> Vec<u16> {
    let mut seen = HashSet::new();
    all.iter().copied().filter(|n| seen.insert(*n)).collect()
}

/// `cuts`: the packets that each connection lives for; the last of them is not answered.
async fn read_all(server: &Server, level: u8, cuts: Vec<u8>) {
    let mut cuts = cuts.into_iter().cycle();
    let mut first = connection(server, level, "reader", true).await;
    first.subscribe_with(&[], &[("open/+", 2)]).await;
    let mut writer = server.client(4, "writer").await;
    for n in 0..MESSAGES {
        let qos = 1 + (n % 2) as u8;
        writer.send(&publish(4, 0x30 | qos << 1, "open/x", 1 + n, &[], &n.to_be_bytes())).await;
    }
    let (mut reader, mut connection_now) = (Reader::default(), Some(first));
    while !reader.has_all() {
        let mut raw = match connection_now.take() {
            Some(raw) => raw,
            None => connection(server, level, "reader", false).await,
        };
        for left in (0..cuts.next().unwrap()).rev() {
            let answer = reader.take(&raw.recv().await.unwrap());
            if left > 0 || reader.has_all() {
                raw.send(&answer).await;
            }
            if reader.has_all() {
                break;
            }
        }
    }
    let (odd, even): (Vec<u16>, Vec<u16>) = (0..MESSAGES).partition(|n| n % 2 == 1);
    assert_eq!(reader.got[1], odd, "exactly once, in order");
    assert_eq!(firsts(&reader.got[0]), even, "at least once, in order");
}

/// `cuts`: how far each connection comes with a message before it breaks; 3 is to its end.
async fn write_all(server: &Server, level: u8, cuts: Vec<u8>) {
    let mut inside = server.broker.link().subscribe(&["open/+"]);
    let mut cuts = cuts.into_iter().cycle();
    let mut raw = connection(server, level, "writer", true).await;
    for n in 0..MESSAGES {
        let (mut released, mut dup) = (false, 0);
        loop {
            let cut = cuts.next().unwrap() % 4;
            if !released {
                raw.send(&publish(level, 0x34 | dup, "open/x", 1 + n % 3, &[], &n.to_be_bytes())).await;
                dup = 8;
                if cut > 0 {
                    raw.expect(0x50, &(1 + n % 3).to_be_bytes()).await;
                    released = true;
                }
            }
            if released && cut > 1 {
                raw.send(&acknowledgement(0x62, 1 + n % 3)).await;
                if cut == 3 {
                    let answer = raw.recv().await.unwrap();
                    assert_eq!((answer.first, &answer.body[..2]), (0x70, &(1 + n % 3).to_be_bytes()[..]));
                    break;
                }
            }
            drop(raw);
            raw = connection(server, level, "writer", false).await;
        }
    }
    for n in 0..MESSAGES {
        let message = inside.recv().await.unwrap();
        assert_eq!(message.payload[..], n.to_be_bytes());
    }
    server.publish("open/end", "end").await;
    assert_eq!(next(&mut inside).await.1, "end");
}

fn run(cuts: impl Strategy<Value = Vec<u8>>, test: &impl AsyncFn(&Server, u8, Vec<u8>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let cases = Cases { cases: 40, failure_persistence: None, ..Cases::default() };
    TestRunner::new(cases)
        .run(&(prop_oneof![Just(4_u8), Just(5)], cuts), |(level, cuts)| {
            runtime.block_on(async {
                let server = Server::start().await;
                test(&server, level, cuts).await;
                server.broker.shutdown().await;
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_a_client_reads_survives_its_connections() {
    // Some connection must live long enough to come on.
    let cuts = prop::collection::vec(1..12_u8, 1..8).prop_map(|mut cuts| {
        cuts.push(20);
        cuts
    });
    run(cuts, &read_all);
}

#[test]
fn what_a_client_writes_survives_its_connections() {
    let cuts = prop::collection::vec(0..4_u8, 1..12).prop_map(|mut cuts| {
        cuts.push(3);
        cuts
    });
    run(cuts, &write_all);
}
