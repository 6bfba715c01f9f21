//! A user, the lists of a first start, alerts and splits, tried.

use jiff::Timestamp;

use super::*;
use crate::{Condition, MoveWithin, Price, Split, price::tests::price};

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

#[test]
fn a_new_user_sees_something_at_once() {
    let profile = Profile::new(UserName::me());
    assert_eq!(profile.watchlist(DEFAULT_LIST).unwrap().symbols.len(), FIRST_SYMBOLS.len());
}

#[test]
fn user_names_are_neither_wildcards_nor_paths() {
    for bad in ["", "+", "#", "a/b", "Me", "-a", "é", &"a".repeat(33)] {
        assert_eq!(UserName::parse(bad), Err(EditError::UserName), "{bad}");
    }
    assert!(UserName::parse("kitchen_display-2").is_ok());
}

#[test]
fn following_twice_is_following_once() {
    let mut profile = Profile::new(UserName::me());
    assert_eq!(profile.follow(DEFAULT_LIST, symbol("TSLA")), Ok(true));
    assert_eq!(profile.follow(DEFAULT_LIST, symbol("tsla")), Ok(false));
    assert_eq!(profile.unfollow(DEFAULT_LIST, &symbol("TSLA")), Ok(true));
    assert_eq!(profile.unfollow(DEFAULT_LIST, &symbol("TSLA")), Ok(false));
    assert_eq!(profile.follow("none", symbol("TSLA")), Err(EditError::NoList("none".into())));
}

#[test]
fn the_last_list_stays() {
    let mut profile = Profile::new(UserName::me());
    assert_eq!(profile.remove_watchlist(DEFAULT_LIST), Err(EditError::LastList));
    assert_eq!(profile.put_watchlist(Watchlist::new("Europe", [])), Ok(true));
    assert_eq!(profile.remove_watchlist(DEFAULT_LIST), Ok(()));
    assert_eq!(profile.put_watchlist(Watchlist::new("a/b", [])), Err(EditError::ListName));
}

#[test]
fn who_starts_over_has_the_first_lists_no_alert_and_the_same_colours() {
    let mut profile = Profile::new(UserName::me());
    let preferences =
        Preferences { welcomed: true, theme: Theme::Dark, density: Density::Compact, ..Preferences::default() };
    profile.apply(Edit::SetPreferences { preferences }).unwrap();
    profile.apply(Edit::PutWatchlist { list: Watchlist::new("Europe", [symbol("VOD.L")]) }).unwrap();
    assert_eq!(profile.apply(Edit::StartOver), Ok(Edited::Changed));
    let fresh = Profile::new(UserName::me());
    assert_eq!((&profile.watchlists, &profile.alerts), (&fresh.watchlists, &fresh.alerts));
    let Preferences { welcomed, theme, density, .. } = profile.preferences;
    assert_eq!((welcomed, theme, density), (false, Theme::Dark, Density::Compact));
    assert_eq!(profile.apply(Edit::StartOver), Ok(Edited::Unchanged));
}

#[test]
fn an_alert_must_make_sense() {
    let mut profile = Profile::new(UserName::me());
    let mut alert = Alert {
        id: "1".into(),
        symbol: symbol("AAPL"),
        condition: Condition::DayMove(f64::NAN),
        repeat: false,
        extended_hours: false,
        enabled: true,
        drawn_at: None,
        carried_to: None,
        cooldown_minutes: None,
        destinations: None,
        created_at: None,
    };
    assert_eq!(profile.put_alert(alert.clone()), Err(EditError::AlertValue));
    alert.condition = Condition::Above(Price::ZERO);
    assert_eq!(profile.put_alert(alert.clone()), Err(EditError::AlertValue));
    for (minutes, refused) in [(0, true), (1, false), (1_440, false), (1_441, true)] {
        alert.condition = Condition::MoveWithin(MoveWithin { percent: 3.0, minutes });
        assert_eq!(profile.put_alert(alert.clone()) == Err(EditError::AlertMinutes), refused, "{minutes}");
    }
    alert.cooldown_minutes = Some(10_081);
    alert.condition = Condition::Above(price(250.0));
    assert_eq!(profile.put_alert(alert.clone()), Err(EditError::Cooldown));
    alert.cooldown_minutes = Some(10_080);
    assert_eq!(profile.put_alert(alert), Ok(false));
    assert_eq!(profile.remove_alert("2"), Err(EditError::NoAlert("2".into())));
}

#[test]
fn a_line_is_carried_over_a_split_once_and_only_if_it_was_drawn_before() {
    let opening: Timestamp = "2026-11-23T14:30:00Z".parse().unwrap();
    let hours = |hours| opening + jiff::SignedDuration::from_hours(hours);
    let mut profile = Profile::new(UserName::me());
    let since = [None, Some(hours(-24)), Some(hours(-1)), Some(hours(1))];
    for (id, drawn_at) in since.into_iter().enumerate() {
        let condition = Condition::Above(price(400.0));
        let alert: Alert = serde_json::from_value(serde_json::json!({
            "id": id.to_string(), "symbol": "AAPL", "condition": condition, "repeat": false,
            "extended_hours": false, "enabled": id > 0, "drawn_at": drawn_at,
        }))
        .unwrap();
        profile.put_alert(alert).unwrap();
    }
    let split = Split::new(4.0, 1.0, opening).unwrap();
    let day = jiff::civil::date(2026, 11, 23);
    let edit = |symbol_text: &str, seen_at| Edit::CarryOverSplit {
        seen: SeenSplit { symbol: symbol(symbol_text), split, day, seen_at },
    };
    profile.apply(edit("MSFT", hours(-2))).unwrap();
    assert_eq!(profile.apply(edit("AAPL", hours(-2))), Ok(Edited::Changed));
    let lines = |profile: &Profile| profile.alerts.iter().map(|alert| alert.condition).collect::<Vec<_>>();
    let [old, new] = [400.0, 100.0].map(|line| Condition::Above(price(line)));
    let expected = [new, new, old, old];
    assert_eq!(lines(&profile), expected, "before the day, whether armed or not; not what was drawn since");
    assert_eq!(profile.apply(edit("AAPL", hours(-2))), Ok(Edited::Unchanged), "once");
    // Over a restart it is the same split.
    let mut again: Profile = serde_json::from_str(&serde_json::to_string(&profile).unwrap()).unwrap();
    assert_eq!(again.apply(edit("AAPL", hours(-2))), Ok(Edited::Unchanged));
    assert_eq!(lines(&again), expected);
}
