//! The rules of alerts, tried.

use proptest::prelude::*;

use super::*;
use crate::{Kind, QuoteState, price::tests::price, quote::tests::quote};

fn fires(condition: Condition, prices: &[f64]) -> Vec<usize> {
    let mut trigger = Trigger::new(condition, false);
    let observe = |(i, price): (usize, &f64)| {
        let mut q = quote("AAPL", *price);
        q.change_percent = Some(price - 100.0);
        trigger.observe(&q).map(|_| i)
    };
    prices.iter().enumerate().filter_map(observe).collect()
}

#[test]
fn fires_on_the_crossing_and_not_on_creation() {
    assert_eq!(fires(Condition::Above(price(250.0)), &[251.0, 252.0]), [] as [usize; 0]);
    assert_eq!(fires(Condition::Above(price(250.0)), &[251.0, 249.99, 250.0]), [2]);
    assert_eq!(fires(Condition::Below(price(100.0)), &[101.0, 100.0, 99.0]), [1]);
}

#[test]
fn a_price_that_wobbles_on_the_line_fires_once() {
    assert_eq!(fires(Condition::Above(price(250.0)), &[249.0, 250.1, 249.9, 250.1, 249.6, 250.2]), [1]);
    assert_eq!(fires(Condition::Above(price(250.0)), &[249.0, 250.1, 249.5, 250.1]), [1, 3]);
}

#[test]
fn lines_and_bands_are_exact() {
    // In doubles 0.6986 is not a whole band of 0.0014 behind 0.7.
    assert_eq!(fires(Condition::Below(price(0.3)), &[0.31, 0.3]), [1]);
    assert_eq!(fires(Condition::Above(price(0.7)), &[0.69, 0.7, 0.6987, 0.7, 0.6986, 0.7]), [1, 5]);
    assert_eq!(fires(Condition::Below(price(0.7)), &[0.71, 0.7, 0.7013, 0.7, 0.7014, 0.7]), [1, 5]);
}

#[test]
fn a_day_move_counts_each_way() {
    assert_eq!(fires(Condition::DayMove(3.0), &[100.0, 103.1, 102.9, 103.2, 96.9, 97.1]), [1, 4]);
}

#[test]
fn a_stale_price_arms_but_does_not_fire() {
    let mut trigger = Trigger::new(Condition::Above(price(250.0)), false);
    let stale = |price| Quote { state: QuoteState::Stale, ..quote("AAPL", price) };
    assert!(trigger.observe(&stale(240.0)).is_none());
    assert!(trigger.observe(&stale(251.0)).is_none());
    assert!(trigger.observe(&quote("AAPL", 251.0)).is_some());
}

#[test]
fn a_price_of_unsettled_shares_does_not_fire() {
    let mut trigger = Trigger::new(Condition::Below(price(350.0)), false);
    assert!(trigger.observe(&quote("AAPL", 400.0)).is_none());
    assert!(trigger.observe(&Quote { unsettled: true, ..quote("AAPL", 101.0) }).is_none());
    assert!(trigger.observe(&quote("AAPL", 101.0)).is_some(), "there was no split");
}

#[test]
fn the_daily_alert_fires_once_a_day_each_way() {
    let mut daily = DailyMove::default();
    let moved = |percent, day: &str| Quote {
        change_percent: Some(percent),
        quoted_at: format!("{day}T15:00:00Z").parse().unwrap(),
        ..quote("AAPL", 100.0)
    };
    let mut seen = |percent, day| daily.observe(3.0, &moved(percent, day));
    assert!(!seen(0.0, "2026-11-23"));
    assert!(seen(3.0, "2026-11-23"));
    assert!(!seen(1.0, "2026-11-23"));
    assert!(!seen(3.5, "2026-11-23"));
    assert!(seen(-3.5, "2026-11-23"));
    assert!(!seen(0.0, "2026-11-24"));
    assert!(seen(4.0, "2026-11-24"));
}

/// Whether a move of 3 % is told, to everybody and to who asked for it, with each of these moves on these days.
fn daily(kind: Kind, steps: &[(&str, f64)]) -> Vec<(bool, bool)> {
    let (mut daily, mut asked) = (DailyMove::default(), Trigger::new(Condition::DayMove(3.0), false));
    let both = |&(day, percent): &(&str, f64)| {
        let quoted_at = format!("{day}T15:00:00Z").parse().unwrap();
        let quote = Quote { change_percent: Some(percent), quoted_at, kind, ..quote("AAPL", 100.0) };
        (daily.observe(3.0, &quote), asked.observe(&quote).is_some())
    };
    steps.iter().map(both).collect()
}

#[test]
fn a_gap_on_another_day_is_told() {
    let (told, quiet) = ((true, true), (false, false));
    let gap = [(MONDAY, 0.0), (MONDAY, 4.0), (TUESDAY, 5.0), (TUESDAY, 6.0), (WEDNESDAY, -3.0), (WEDNESDAY, 3.5)];
    assert_eq!(daily(Kind::Equity, &gap), [quiet, told, told, quiet, told, told]);
    assert_eq!(daily(Kind::Equity, &[(MONDAY, 4.0), (TUESDAY, 5.0)]), [quiet, told], "was there when it was made");
    let late = [(MONDAY, 0.0), (MONDAY, 4.0), (TUESDAY, 4.0), (TUESDAY, 4.0), (TUESDAY, 3.5)];
    assert_eq!(daily(Kind::Equity, &late), [quiet, told, quiet, quiet, told], "Monday's move is not Tuesday's");
    let around_the_clock = [(MONDAY, 0.0), (MONDAY, 4.0), (TUESDAY, 4.1)];
    assert_eq!(daily(Kind::Crypto, &around_the_clock), [quiet, told, quiet], "the move of 24 hours goes on");
}

#[test]
fn the_wire_shape_is_the_documented_one() {
    let json = serde_json::to_value(Condition::DayMove(3.0)).unwrap();
    assert_eq!(json, serde_json::json!({"kind": "day_move", "value": 3.0}));
    let draft: AlertDraft =
        serde_json::from_str(r#"{"symbol":"aapl","condition":{"kind":"above","value":250}}"#).unwrap();
    assert!(draft.enabled && !draft.repeat && draft.symbol.as_str() == "AAPL");
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A price of a second.
fn printed(second: i64, value: f64) -> Quote {
    Quote { quoted_at: at(second), ..quote("AAPL", value) }
}

fn within(percent: f64, minutes: u16) -> Condition {
    Condition::MoveWithin(MoveWithin { percent, minutes })
}

/// How far the price had moved whenever the condition fired, by the second.
fn moves(condition: Condition, prices: &[(i64, f64)]) -> Vec<(i64, f64)> {
    let mut trigger = Trigger::new(condition, false);
    let observe = |&(second, value): &(i64, f64)| {
        Some((second, trigger.observe(&printed(second, value))?.moved_percent.unwrap()))
    };
    prices.iter().filter_map(observe).collect()
}

#[test]
fn a_fast_move_fires_and_a_slow_one_does_not() {
    assert_eq!(moves(within(3.0, 15), &[(0, 100.0), (600, 103.0)]), [(600, 3.0)]);
    assert_eq!(moves(within(3.0, 15), &[(0, 100.0), (600, 97.0)]), [(600, -3.0)]);
    assert_eq!(moves(within(3.0, 15), &[(0, 100.0), (450, 101.5), (900, 103.0)]), [], "fifteen minutes are over");
    assert_eq!(moves(within(3.0, 1), &[(0, 100.0), (58, 103.0)]), [(58, 3.0)]);
    assert_eq!(moves(within(3.0, 15), &[(0, 90.0), (57_600, 103.0)]), [], "a night lies between");
}

#[test]
fn a_move_that_goes_on_fires_once_until_it_is_over() {
    let steps = [(0, 100.0), (60, 103.0), (120, 104.0), (180, 103.0), (2_000, 103.0), (2_060, 106.1)];
    assert_eq!(moves(within(3.0, 15), &steps).iter().map(|(at, _)| *at).collect::<Vec<_>>(), [60, 2_060]);
    assert_eq!(moves(within(0.2, 15), &[(0, 100.0), (1, 100.2), (2_000, 100.2), (2_001, 100.5)]).len(), 2);
}

#[test]
fn a_clock_that_was_set_back_begins_anew() {
    assert_eq!(
        moves(within(3.0, 15), &[(9_000, 100.0), (60, 103.0), (120, 103.0), (180, 103.0), (181, 106.09)]),
        [(181, 3.0)]
    );
}

/// A price beside what the vendor says of the year.
fn of_year(day: &str, value: f64, high: f64) -> Quote {
    let quoted_at = format!("{day}T15:00:00Z").parse().unwrap();
    Quote { quoted_at, year_high: Some(price(high)), year_low: Some(price(200.0 - high)), ..quote("AAPL", value) }
}

/// Whether a new high is told for each; the same mirrored must be told as a new low.
fn highs(steps: &[(&str, f64, f64)]) -> Vec<bool> {
    let mut high = Trigger::new(Condition::YearHigh, false);
    let mut low = Trigger::new(Condition::YearLow, false);
    let both = |&(day, value, figure): &(&str, f64, f64)| {
        let told = high.observe(&of_year(day, value, figure)).is_some();
        assert_eq!(low.observe(&of_year(day, 200.0 - value, figure)).is_some(), told, "mirrored: {day} {value}");
        told
    };
    steps.iter().map(both).collect()
}

const MONDAY: &str = "2026-11-23";
const TUESDAY: &str = "2026-11-24";
const WEDNESDAY: &str = "2026-11-25";

#[test]
fn a_figure_that_moves_along_does_not_hide_a_new_high() {
    assert_eq!(highs(&[(MONDAY, 99.0, 100.0), (MONDAY, 100.0, 100.0), (MONDAY, 100.5, 100.5)]), [false, false, true]);
    let over_night =
        [(MONDAY, 99.0, 100.0), (TUESDAY, 103.0, 103.0), (TUESDAY, 104.0, 104.0), (WEDNESDAY, 105.0, 105.0)];
    assert_eq!(highs(&over_night), [false, true, false, true], "once a day");
}

#[test]
fn a_high_that_was_there_from_the_beginning_is_no_news() {
    assert_eq!(highs(&[(MONDAY, 100.0, 100.0), (MONDAY, 101.0, 101.0)]), [false, false]);
    assert_eq!(
        highs(&[(MONDAY, 101.0, 100.0), (TUESDAY, 100.5, 101.0), (TUESDAY, 102.0, 102.0)]),
        [false, false, true]
    );
}

#[test]
fn a_figure_that_lags_behind_makes_nothing_new_again() {
    let lags = [(MONDAY, 99.0, 100.0), (MONDAY, 105.0, 100.0), (TUESDAY, 103.0, 100.0), (TUESDAY, 105.5, 100.0)];
    assert_eq!(highs(&lags), [false, true, false, true]);
}

#[test]
fn when_the_old_high_leaves_the_year_a_lower_one_is_new() {
    assert_eq!(highs(&[(MONDAY, 90.0, 120.0), (TUESDAY, 95.0, 98.0), (TUESDAY, 99.0, 99.0)]), [false, false, true]);
}

#[test]
fn a_high_before_the_bell_is_one_of_that_day() {
    let mut high = Trigger::new(Condition::YearHigh, true);
    let early = |value: f64| Quote {
        extended_price: Some(price(value)),
        extended_at: Some(format!("{TUESDAY}T12:00:00Z").parse().unwrap()),
        ..of_year(MONDAY, 100.5, 100.5)
    };
    let mut seen = |quote: &Quote| high.observe(quote).is_some();
    assert!(!seen(&of_year(MONDAY, 99.0, 100.0)) && seen(&of_year(MONDAY, 100.5, 100.5)));
    assert!(seen(&early(101.0)), "Monday's was told, this is Tuesday's");
    assert!(!seen(&of_year(MONDAY, 100.5, 100.5)) && !seen(&early(101.5)) && !seen(&of_year(TUESDAY, 102.0, 102.0)));
    assert!(seen(&of_year(WEDNESDAY, 103.0, 103.0)));
}

#[test]
fn what_was_told_today_is_not_told_again_after_a_restart() {
    let told = AlertFired { quoted_at: of_year(MONDAY, 1.0, 1.0).quoted_at, ..fired() };
    let mut high = Trigger::new(Condition::YearHigh, false);
    high.resume(&told);
    assert!(high.observe(&of_year(MONDAY, 99.0, 100.0)).is_none());
    assert!(high.observe(&of_year(MONDAY, 101.0, 101.0)).is_none());
    assert!(high.observe(&of_year(TUESDAY, 102.0, 102.0)).is_some());
    let mut daily = DailyMove::default();
    daily.resume(&AlertFired { change_percent: Some(-3.0), ..told });
    let moved = |percent| Quote { change_percent: Some(percent), ..of_year(MONDAY, 99.0, 100.0) };
    assert!(!daily.observe(3.0, &moved(0.0)) && !daily.observe(3.0, &moved(-4.0)) && daily.observe(3.0, &moved(3.0)));
}

#[test]
fn an_unusual_volume_is_told_once_a_day() {
    let traded = |day: &str, volume: f64| Quote {
        quoted_at: format!("{day}T15:00:00Z").parse().unwrap(),
        volume: Some(volume),
        average_volume: Some(100.0),
        ..quote("AAPL", 1.0)
    };
    let told = |steps: &[(&str, f64)]| {
        let mut trigger = Trigger::new(Condition::VolumeSpike(2.0), false);
        steps.iter().map(|(day, volume)| trigger.observe(&traded(day, *volume)).is_some()).collect::<Vec<_>>()
    };
    assert_eq!(
        told(&[(MONDAY, 150.0), (MONDAY, 199.0), (MONDAY, 200.0), (MONDAY, 300.0)]),
        [false, false, true, false]
    );
    assert_eq!(
        told(&[(MONDAY, 250.0), (MONDAY, 300.0), (TUESDAY, 10.0), (TUESDAY, 200.0)]),
        [false, false, false, true]
    );
    let carried_over = [(MONDAY, 150.0), (MONDAY, 250.0), (TUESDAY, 250.0), (TUESDAY, 250.0), (TUESDAY, 260.0)];
    assert_eq!(told(&carried_over), [false, true, false, false, true], "Monday's volume is not Tuesday's");
    let mut unknown = Trigger::new(Condition::VolumeSpike(2.0), false);
    assert!(unknown.observe(&Quote { average_volume: None, ..traded(MONDAY, 1.0) }).is_none());
}

fn alert(condition: Condition, repeat: bool, cooldown_minutes: Option<u32>) -> Alert {
    let draft = serde_json::json!({"symbol": "AAPL", "condition": condition, "repeat": repeat});
    let draft: AlertDraft = serde_json::from_value(draft).unwrap();
    Alert { cooldown_minutes, ..draft.with_id("1".into()) }
}

fn fired() -> AlertFired {
    serde_json::from_value(serde_json::json!({
        "id": "1", "alert_id": "1", "user": "me", "symbol": "AAPL", "condition": {"kind": "year_high"}, "price": 1.0,
        "quoted_at": "2026-11-23T15:00:00Z", "fired_at": "2026-11-23T15:00:00Z", "source": "test",
    }))
    .unwrap()
}

#[test]
fn a_crossing_in_the_quiet_time_is_not_told_later_either() {
    let mut armed = Armed::new(alert(Condition::Above(price(250.0)), true, Some(10)));
    let mut seen = |minute: i64, value| armed.observe(&quote("AAPL", value), at(minute * 60)).is_some();
    assert!(!seen(0, 240.0) && seen(1, 250.0));
    assert!(!seen(2, 240.0) && !seen(5, 250.0) && !seen(12, 251.0), "crossed while quiet");
    assert!(!seen(13, 240.0) && seen(14, 250.0));
    assert!(!seen(3, 240.0) && seen(4, 250.0), "the clock was set back");
}

#[test]
fn an_edit_that_leaves_the_rule_leaves_its_memory() {
    let once = alert(Condition::Above(price(250.0)), false, None);
    let mut armed = Armed::new(once.clone());
    let seen = |armed: &mut Armed, value| armed.observe(&quote("AAPL", value), at(0)).is_some();
    assert!(
        !seen(&mut armed, 240.0) && seen(&mut armed, 250.0) && !seen(&mut armed, 240.0) && !seen(&mut armed, 250.0)
    );
    let repeated = Alert { repeat: true, ..once.clone() };
    assert!(armed.rules_as(&repeated) && !armed.rules_as(&alert(Condition::Above(price(251.0)), true, None)));
    let mut armed = armed.with(repeated);
    assert!(!seen(&mut armed, 240.0) && seen(&mut armed, 250.0));
}

#[test]
fn after_a_split_the_old_prices_are_forgotten() {
    let carried = |condition| {
        let alert = Alert { drawn_at: Some(at(0)), ..alert(condition, true, None) };
        let mut armed = Armed::new(alert.clone());
        assert!(
            armed.observe(&Quote { year_low: Some(price(150.0)), ..of_year(MONDAY, 190.0, 195.0) }, at(0)).is_none()
        );
        let condition =
            if condition == Condition::Above(price(240.0)) { Condition::Above(price(60.0)) } else { condition };
        let alert = Alert { condition, carried_to: Some(at(1)), ..alert };
        assert!(armed.rules_as(&alert));
        armed.with(alert)
    };
    let new =
        |day, value| Quote { year_high: Some(price(50.0)), year_low: Some(price(30.0)), ..of_year(day, value, 1.0) };
    for condition in [within(3.0, 1_440), Condition::YearLow, Condition::YearHigh] {
        assert!(carried(condition).observe(&new(TUESDAY, 47.5), at(1)).is_none(), "{condition:?}");
    }
    let mut line = carried(Condition::Above(price(240.0)));
    assert!(line.observe(&new(TUESDAY, 47.5), at(1)).is_none() && line.observe(&new(TUESDAY, 60.0), at(1)).is_some());
}

#[test]
fn another_line_is_another_rule_whenever_it_was_drawn() {
    let drawn = |line, carried_to| Alert {
        drawn_at: Some(at(0)),
        carried_to,
        ..alert(Condition::Above(price(line)), true, None)
    };
    let armed = Armed::new(drawn(240.0, None));
    assert!(!armed.rules_as(&drawn(200.0, None)), "out of a file that somebody edited");
    assert!(armed.rules_as(&drawn(60.0, Some(at(1)))), "carried over a split");
    let below = Alert { condition: Condition::Below(price(60.0)), ..drawn(60.0, Some(at(1))) };
    assert!(!armed.rules_as(&below));
}

#[test]
fn every_kind_has_its_shape_on_the_wire() {
    for (condition, json) in [
        (Condition::Above(price(250.5)), r#"{"kind":"above","value":250.5}"#),
        (within(3.0, 15), r#"{"kind":"move_within","value":{"percent":3.0,"minutes":15}}"#),
        (Condition::YearHigh, r#"{"kind":"year_high"}"#),
        (Condition::YearLow, r#"{"kind":"year_low"}"#),
        (Condition::VolumeSpike(2.0), r#"{"kind":"volume_spike","value":2.0}"#),
    ] {
        assert_eq!(serde_json::to_string(&condition).unwrap(), json);
        assert_eq!(serde_json::from_str::<Condition>(json).unwrap(), condition);
    }
    let of_before = r#"{"id":"1","symbol":"AAPL","condition":{"kind":"below","value":1},"repeat":true,"extended_hours":false,"enabled":true}"#;
    let alert: Alert = serde_json::from_str(of_before).unwrap();
    assert_eq!((alert.cooldown_minutes, alert.created_at), (None, None));
}

proptest! {
    /// Whatever the path: it never fires first, between two firings the price was a band behind the line, and
    /// every way from a band behind the line to it fires exactly once.
    #[test]
    fn fires_once_per_crossing(steps in prop::collection::vec(-40i32..40, 1..200)) {
        let line = 100.0;
        let prices: Vec<f64> = steps.iter().map(|s| f64::from(10_000 + s) / 100.0).collect();
        let fired = fires(Condition::Above(price(line)), &prices);
        let behind = |p: f64| p <= 99.8;
        let mut expected = Vec::new();
        let mut armed = false;
        let mut fired_before = false;
        for (i, p) in prices.iter().enumerate() {
            if *p >= line {
                if armed { expected.push(i); armed = false; fired_before = true; }
            } else if !fired_before || behind(*p) {
                armed = true;
            }
        }
        prop_assert_eq!(&fired, &expected);
        for pair in fired.windows(2) {
            prop_assert!(prices[pair[0]..pair[1]].iter().any(|p| behind(*p)));
        }
        prop_assert!(!fired.contains(&0));
    }

    /// Against every price of the time, one by one: never later than asked for, and never missed by more than a
    /// sixtieth; and whatever comes, the memory is bounded.
    #[test]
    fn a_window_sees_what_a_list_of_all_prices_sees(
        steps in prop::collection::vec((0i64..90, 9_000u32..11_000), 1..120),
        minutes in 1u16..20,
    ) {
        let mut window = window::Window::of_minutes(minutes);
        let (mut now, mut all) = (1_000_000, Vec::new());
        for (pause, cents) in steps {
            now += pause;
            let value = price(f64::from(cents) / 100.0);
            all.push((now, value));
            let (up, _) = window.take_in(at(now), value);
            let rise_within = |seconds: i64| {
                let low = all.iter().filter(|(at, _)| now - at < seconds).map(|(_, low)| *low).min().unwrap();
                value.percent_against(low).unwrap()
            };
            let whole = i64::from(minutes) * 60;
            prop_assert!(up <= rise_within(whole) && up >= rise_within(whole - i64::from(minutes)));
            prop_assert!(window.buckets() <= 60);
        }
    }

    /// Whatever the vendor's figure does: a new high is told once a day, and only above all that was seen on the days
    /// before.
    #[test]
    fn a_new_high_is_one(steps in prop::collection::vec((0u8..4, 9_000u32..11_000, 9_000u32..11_000), 1..100)) {
        let mut trigger = Trigger::new(Condition::YearHigh, false);
        let (mut day, mut highest_before, mut highest_today, mut told_today) = (0, None, None, true);
        for (i, (pause, cents, figure)) in steps.into_iter().enumerate() {
            if pause == 0 && i > 0 {
                (day, highest_before, told_today) = (day + 86_400, highest_before.max(highest_today), false);
                highest_today = None;
            }
            let value = price(f64::from(cents) / 100.0);
            let quote = Quote { year_high: Some(price(f64::from(figure) / 100.0)), ..printed(day, f64::from(cents) / 100.0) };
            if trigger.observe(&quote).is_some() {
                prop_assert!(Some(value) > highest_before);
                prop_assert!(!told_today || day == 0);
                told_today = true;
            }
            highest_today = highest_today.max(Some(value));
        }
    }
}
