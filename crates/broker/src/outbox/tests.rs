//! What waits, what is replaced, what is dropped.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::parcel::Parcel;
use bytes::Bytes;
use proptest::prelude::*;
use std::collections::HashSet;

fn outbox(max_queue: usize) -> Outbox {
    Outbox::new(max_queue, Allowance::new(1 << 30))
}

fn delivery(topic: u8, value: u32, conflates: bool, stored: bool) -> Delivery {
    let payload = Bytes::copy_from_slice(&value.to_be_bytes());
    let parcel = Parcel { conflates, ..Parcel::new(&format!("t/{topic}"), payload, false) };
    Delivery { parcel: Arc::new(parcel), tags: None, qos: 0, retain: stored, stored }
}

fn assured(topic: u8, value: u32) -> Delivery {
    Delivery { qos: 1, ..delivery(topic, value, false, false) }
}

fn value(delivery: &Delivery) -> u32 {
    u32::from_be_bytes(delivery.parcel.payload[..].try_into().unwrap())
}

#[derive(Debug, Clone)]
enum Step {
    Push { topic: u8, stored: bool },
    Pop,
    Take(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let push = (0..8_u8, prop::bool::weighted(0.2)).prop_map(|(topic, stored)| Step::Push { topic, stored });
    prop::collection::vec(
        prop_oneof![4 => push, 1 => Just(Step::Pop), 1 => (0..100_usize).prop_map(Step::Take)],
        0..200,
    )
}

/// The last value of each topic, all that were accepted, and all that came out.
type Outcome = (Vec<Option<u32>>, Vec<Vec<u32>>, Vec<(u8, u32)>);

/// Even topics conflate, odd ones queue; values count up.
fn run(steps: Vec<Step>, max_queue: usize) -> Outcome {
    let outbox = outbox(max_queue);
    let (mut last, mut accepted, mut seen) = (vec![None; 8], vec![vec![]; 8], Vec::new());
    let mut out = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Push { topic, stored } => {
                let pushed = outbox.push(delivery(topic, number as u32, topic % 2 == 0, stored));
                if pushed != Pushed::Dropped {
                    last[usize::from(topic)] = Some(number as u32);
                    accepted[usize::from(topic)].push(number as u32);
                }
                assert!(outbox.len() <= 8 + 2 * max_queue);
            }
            Step::Pop => out.extend(outbox.pop()),
            Step::Take(bytes) => {
                outbox.take(bytes, 0, &mut out);
            }
        }
    }
    while let Some(delivery) = outbox.pop() {
        out.push(delivery);
    }
    for delivery in out {
        let topic = delivery.parcel.topic.text().strip_prefix("t/").unwrap().parse().unwrap();
        seen.push((topic, value(&delivery)));
    }
    assert!(!outbox.lock().plain.holds_places());
    assert_eq!(outbox.allowance.used(), 0);
    (last, accepted, seen)
}

proptest! {
    #[test]
    fn the_last_value_is_never_lost_and_order_is_kept(steps in steps(), max_queue in 1..20_usize) {
        let (last, _, seen) = run(steps, max_queue);
        for topic in 0..8_u8 {
            let values: Vec<u32> = seen.iter().filter(|(t, _)| *t == topic).map(|(_, v)| *v).collect();
            prop_assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(values.last().copied(), last[usize::from(topic)]);
        }
    }

    #[test]
    fn nothing_that_queues_is_lost_below_the_bound(steps in steps()) {
        let steps = steps.into_iter().map(|step| match step {
            Step::Push { topic, .. } => Step::Push { topic: topic | 1, stored: false },
            other => other,
        });
        let (_, accepted, seen) = run(steps.collect(), 1_000);
        let all: HashSet<u32> = accepted.into_iter().flatten().collect();
        let seen: Vec<u32> = seen.into_iter().map(|(_, value)| value).collect();
        prop_assert!(seen.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(seen.len(), all.len());
    }
}

#[test]
fn conflation_keeps_the_first_turn_and_the_newest_value() {
    let outbox = outbox(1);
    assert_eq!(outbox.push(delivery(0, 1, true, false)), Pushed::Queued);
    assert_eq!(outbox.push(delivery(2, 2, true, false)), Pushed::Queued);
    assert_eq!(outbox.push(delivery(0, 3, true, false)), Pushed::Replaced);
    assert_eq!([outbox.pop(), outbox.pop()].map(|d| value(&d.unwrap())), [3, 2]);
    assert!(outbox.pop().is_none());
}

#[test]
fn a_full_queue_drops_the_newest_and_leaves_conflating_topics_alone() {
    let outbox = outbox(1);
    assert_eq!(outbox.push(delivery(1, 1, false, false)), Pushed::Queued);
    assert_eq!(outbox.push(delivery(1, 2, false, false)), Pushed::Dropped);
    assert_eq!(outbox.push(delivery(0, 3, true, false)), Pushed::Queued);
    assert_eq!([outbox.pop(), outbox.pop()].map(|d| value(&d.unwrap())), [1, 3]);
}

#[test]
fn a_drained_outbox_gives_its_room_back() {
    let outbox = outbox(usize::MAX);
    for number in 0..10_000 {
        outbox.push(delivery(1, number, false, false));
    }
    while outbox.pop().is_some() {}
    assert!(outbox.lock().plain.capacity() <= 2 * crate::queue::KEPT_CAPACITY);
}

#[test]
fn a_reader_that_acknowledges_nothing_still_gets_what_needs_no_answer() {
    let outbox = outbox(10);
    for value in 0..3 {
        outbox.push(assured(1, value));
    }
    outbox.push(delivery(0, 9, true, false));
    let mut out = Vec::new();
    assert!(!outbox.take(1_000, 2, &mut out), "no more of what it can take");
    assert_eq!(out.iter().map(value).collect::<Vec<_>>(), [0, 1, 9]);
    assert!(outbox.take(1, 1, &mut out) || outbox.len() == 1);
}

#[test]
fn for_a_reader_that_is_away_only_what_it_must_get_waits() {
    let outbox = outbox(2);
    outbox.push(delivery(0, 1, true, false));
    outbox.push(delivery(1, 2, false, false));
    outbox.push(assured(1, 3));
    assert_eq!(outbox.leave(usize::MAX), 0);
    assert_eq!(outbox.push(delivery(0, 4, true, false)), Pushed::Missed);
    assert_eq!(outbox.push(assured(1, 5)), Pushed::Queued);
    assert_eq!(outbox.push(assured(1, 6)), Pushed::Dropped);
    outbox.come_back();
    let mut out = Vec::new();
    outbox.take(10_000, 10, &mut out);
    assert_eq!(out.iter().map(value).collect::<Vec<_>>(), [3, 5]);
}

#[test]
fn what_waits_for_a_reader_that_is_away_has_so_many_bytes() {
    let allowance = Allowance::new(1 << 20);
    let (outbox, size) = (Outbox::new(9, Arc::clone(&allowance)), assured(1, 0).parcel.size());
    outbox.push(Delivery { qos: 1, ..delivery(1, 9, false, true) });
    for value in 0..4 {
        outbox.push(assured(1, value));
    }
    assert_eq!(outbox.leave(3 * size), 1, "the newest of them");
    assert_eq!(allowance.used(), 3 * size);
    assert_eq!(outbox.push(assured(1, 5)), Pushed::Dropped);
    let mut out = Vec::new();
    outbox.take(10_000, 2, &mut out);
    assert_eq!(outbox.push(assured(1, 6)), Pushed::Dropped, "not before it is acknowledged");
    outbox.settle(&out[1]);
    assert_eq!(outbox.push(assured(1, 7)), Pushed::Queued);
    outbox.come_back();
    assert_eq!(outbox.push(assured(1, 8)), Pushed::Queued);
    outbox.take(10_000, 10, &mut out);
    assert_eq!(out.iter().map(value).collect::<Vec<_>>(), [9, 0, 1, 2, 7, 8], "in order, what was stored too");
}

#[test]
fn what_waits_in_order_is_charged_until_it_is_settled_or_its_reader_is_gone() {
    let allowance = Allowance::new(100);
    let (one, two) = (Outbox::new(9, Arc::clone(&allowance)), Outbox::new(9, Arc::clone(&allowance)));
    let size = assured(1, 1).parcel.size();
    for _ in 0..100 / size {
        assert_eq!(one.push(assured(1, 1)), Pushed::Queued);
    }
    assert_eq!(two.push(assured(1, 1)), Pushed::Dropped, "all outboxes share it");
    assert_eq!(two.push(delivery(0, 1, true, false)), Pushed::Queued, "what conflates needs none");
    let mut out = Vec::new();
    one.take(2, 1, &mut out);
    assert_eq!(two.push(assured(1, 1)), Pushed::Dropped, "it is on its way, and not acknowledged");
    one.settle(&out[0]);
    assert_eq!(two.push(assured(1, 1)), Pushed::Queued);
    drop((one, two));
    assert_eq!(allowance.used(), 0);
}
