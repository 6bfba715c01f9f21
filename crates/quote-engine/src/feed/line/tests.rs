//! What a line makes of omissions, nonsense and refusals, at times that the test says.

use market::ProviderState;

use super::{health::SENSELESS_MIN, *};
use crate::provider::simulated::{SimulatedConfig, SimulatedProvider};

const MINUTE: Duration = Duration::from_secs(60);

fn apple() -> Symbol {
    Symbol::parse("AAPL").unwrap()
}

fn line(now: Instant) -> Line {
    let provider = Arc::new(SimulatedProvider::new(SimulatedConfig::default()));
    let mut line = Line::new(provider, Duration::from_secs(5));
    line.follow(&BTreeMap::from([(apple(), Tier::Visible)]), now);
    line
}

fn known() -> Answer {
    let quote = serde_json::json!({
        "symbol": "AAPL", "kind": "equity", "price": 100, "session": "regular", "source": "simulated",
        "quoted_at": "2026-11-23T15:00:00Z", "received_at": "2026-11-23T15:00:00Z", "state": "live",
    });
    Answer { quotes: vec![serde_json::from_value(quote).unwrap()], ..Answer::default() }
}

fn left_out() -> Answer {
    Answer { unknown: vec![apple()], ..Answer::default() }
}

/// Asks when it is time to, and says when that was.
fn next_turn(line: &mut Line, now: Instant) -> Instant {
    let at = line.next_at().unwrap().max(now);
    assert_eq!(line.take(at).unwrap(), [apple()]);
    at
}

#[test]
fn what_is_left_out_for_a_moment_is_back_soon_and_gone_only_after_minutes() {
    let started = Instant::now();
    let mut line = line(started);
    let mut now = next_turn(&mut line, started);
    line.answered(&known(), now);
    while line.may_know(&apple()) {
        assert!(now - started < 15 * MINUTE, "it is never given up");
        now = next_turn(&mut line, now);
        line.answered(&left_out(), now);
    }
    assert!(now - started > 8 * MINUTE, "given up after {:?}", now - started);
    let again = next_turn(&mut line, now);
    assert!(again - now <= 10 * MINUTE, "asked once more after {:?}", again - now);
    line.answered(&known(), again);
    assert!(line.may_know(&apple()));
}

#[test]
fn what_nobody_ever_heard_of_is_asked_for_seldom() {
    let mut line = line(Instant::now());
    let mut now = next_turn(&mut line, Instant::now());
    for pause in UNKNOWN_PAUSES {
        line.answered(&left_out(), now);
        let again = next_turn(&mut line, now);
        assert_eq!(again - now, pause);
        now = again;
    }
}

#[test]
fn an_answer_without_sense_is_told_and_one_bad_row_is_not() {
    let (now, mut line) = (Instant::now(), line(Instant::now()));
    let bad = |n: usize| Answer { rejected: vec![(apple(), "its price is NaN".to_owned()); n], ..Answer::default() };
    line.answered(&bad(SENSELESS_MIN), now);
    let told = line.news().unwrap();
    assert_eq!(told.state, ProviderState::Degraded);
    assert!(told.reason.unwrap().ends_with("(AAPL: its price is NaN)"));
    line.answered(&Answer { rejected: bad(3).rejected, ..known() }, now);
    assert_eq!(line.news().unwrap().state, ProviderState::Up);
}

#[test]
fn a_failure_tells_when_it_is_tried_again_and_nothing_is_asked_before() {
    let now = Instant::now();
    let mut line = line(now);
    next_turn(&mut line, now);
    line.answered(&known(), now);
    let wait = Some(Duration::from_secs(30));
    line.failed(&ProviderError::RateLimited { provider: "Test", retry_after: wait }, now, now);
    line.retry_now(now);
    assert!(line.take(now + Duration::from_secs(29)).is_none(), "not even when the user asks");
    assert!(line.news().unwrap().next_try.is_some());
    assert!(line.take(now + Duration::from_secs(30)).is_some());
}
