//! What is put down stays, once, within bounds.

use proptest::prelude::*;

use super::*;

fn event(id: &str) -> LogEvent {
    let fired = serde_json::json!({
        "id": id, "alert_id": "a", "user": "me", "symbol": "AAPL", "condition": {"kind": "above", "value": 250.0},
        "price": 250.02, "quoted_at": "2026-11-25T12:00:00Z", "fired_at": "2026-11-25T12:00:01Z", "source": "yahoo",
    });
    LogEvent::Alert(serde_json::from_value(fired).unwrap())
}

fn now() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

fn lane(id: &str) -> Lane {
    (UserName::me(), id.into())
}

fn put(outbox: &mut Outbox, id: &str, destinations: &[&str]) {
    let destinations: Vec<String> = destinations.iter().map(|id| (*id).to_owned()).collect();
    outbox.put(&UserName::me(), &event(id), &destinations, now());
}

fn due(outbox: &Outbox) -> Vec<(String, String)> {
    let due = outbox.due(now(), |_| true).into_iter();
    due.map(|letter| (letter.destination, letter.event.id().to_owned())).collect()
}

#[test]
fn what_is_put_down_is_due_once_for_each_and_survives() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(folder.path(), now()).unwrap();
    put(&mut outbox, "1", &["a", "b"]);
    put(&mut outbox, "1", &["a", "b", "c"]);
    put(&mut outbox, "2", &["a"]);
    assert_eq!(due(&outbox), [("a".into(), "1".into()), ("b".into(), "1".into())]);
    assert_eq!(outbox.waiting(&UserName::me()), BTreeMap::from([("a".into(), 2), ("b".into(), 1)]));
    let id = outbox.due(now(), |_| true)[0].id;
    outbox.delivered(id, &lane("a"));
    drop(outbox);
    let mut outbox = Outbox::open(folder.path(), now()).unwrap();
    put(&mut outbox, "1", &["a"]);
    assert_eq!(due(&outbox), [("a".into(), "2".into()), ("b".into(), "1".into())], "delivered is delivered");
    outbox.drop_lanes(|(_, id)| id == "b");
    drop(outbox);
    assert_eq!(due(&Outbox::open(folder.path(), now()).unwrap()), [("a".to_owned(), "2".to_owned())]);
}

#[test]
fn what_is_put_off_waits_and_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(folder.path(), now()).unwrap();
    put(&mut outbox, "1", &["a"]);
    put(&mut outbox, "2", &["a"]);
    let later = now() + SignedDuration::from_secs(60);
    outbox.put_off(outbox.due(now(), |_| true)[0].id, &lane("a"), later);
    assert_eq!(due(&outbox), [("a".to_owned(), "2".to_owned())]);
    outbox.put_off(outbox.due(now(), |_| true)[0].id, &lane("a"), later);
    assert!(due(&outbox).is_empty());
    assert_eq!(outbox.next_due(|_| Some(now())), Some(later));
    assert_eq!(outbox.next_due(|_| None), None);
    drop(outbox);
    let outbox = Outbox::open(folder.path(), now()).unwrap();
    assert_eq!((due(&outbox).len(), outbox.due(later, |_| true)[0].tries), (0, 1));
}

#[test]
fn the_dead_are_shown_sent_again_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(folder.path(), now()).unwrap();
    put(&mut outbox, "1", &["a", "b"]);
    for letter in outbox.due(now(), |_| true) {
        outbox.give_up(letter.id, &lane(&letter.destination), "404", now());
    }
    drop(outbox);
    let mut outbox = Outbox::open(folder.path(), now()).unwrap();
    let dead = outbox.dead(&UserName::me());
    assert_eq!((dead.len(), dead[0].reason.as_str(), dead[0].tries), (2, "404", 1));
    let you = UserName::parse("you").unwrap();
    let ids: Vec<u64> = dead.iter().map(|letter| letter.id.parse().unwrap()).collect();
    assert!(!outbox.try_again(&you, ids[0], now()) && !outbox.delete(&you, ids[0]), "nobody else's");
    assert!(outbox.try_again(&UserName::me(), ids[0], now()) && outbox.delete(&UserName::me(), ids[1]));
    assert!(!outbox.delete(&UserName::me(), ids[1]));
    assert_eq!((due(&outbox).len(), outbox.dead(&UserName::me()).len()), (1, 0));
    let id = outbox.due(now(), |_| true)[0].id;
    outbox.give_up(id, &lane("b"), "404", now());
    outbox.forget(now() + DEAD_TIME_MAX + SignedDuration::from_secs(1));
    assert!(outbox.dead(&UserName::me()).is_empty());
    drop(outbox);
    assert!(Outbox::open(folder.path(), now()).unwrap().dead(&UserName::me()).is_empty());
}

#[test]
fn a_second_one_in_the_folder_has_a_file_of_its_own_and_a_damaged_file_is_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path(), now()).unwrap();
    let mut second = Outbox::open(folder.path(), now()).unwrap();
    put(&mut second, "1", &["a"]);
    drop((outbox, second));
    let outbox = Outbox::open(folder.path(), now()).unwrap();
    assert_eq!((due(&outbox).len(), due(&Outbox::open(folder.path(), now()).unwrap()).len()), (0, 1));
    drop(outbox);
    std::fs::write(folder.path().join(FILE_NAME), "no database").unwrap();
    let mut outbox = Outbox::open(folder.path(), now()).unwrap();
    put(&mut outbox, "1", &["a"]);
    assert_eq!(due(&outbox).len(), 1);
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().any(|name| name.to_string_lossy().contains("damaged")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, ..ProptestConfig::default() })]
    /// However much is put down and given up, there is a bound; and the file says what memory says.
    #[test]
    fn everything_is_bounded(extra in 1usize..4, given_up in 0usize..3) {
        let folder = tempfile::tempdir().unwrap();
        let mut outbox = Outbox::open(folder.path(), now()).unwrap();
        for n in 0..WAITING_MAX + extra {
            put(&mut outbox, &n.to_string(), &["a"]);
        }
        for letter in outbox.due(now(), |_| true).into_iter().take(given_up) {
            outbox.give_up(letter.id, &lane("a"), "no", now());
        }
        let counts = |outbox: &Outbox| (outbox.waiting(&UserName::me()), outbox.dead(&UserName::me()).len());
        let before = counts(&outbox);
        prop_assert_eq!(before.1, extra + given_up.min(1));
        prop_assert!(before.0["a"] as usize <= WAITING_MAX);
        drop(outbox);
        prop_assert_eq!(counts(&Outbox::open(folder.path(), now()).unwrap()), before);
    }
}
