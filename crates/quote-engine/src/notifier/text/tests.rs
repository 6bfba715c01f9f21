//! What notifications and the tray say, in both languages.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use market::{Language, SymbolNote, UserName};

use super::*;

fn price(value: f64) -> Price {
    Price::from_f64(value).unwrap()
}

fn fired(condition: Condition, price: f64, moved: f64) -> AlertFired {
    serde_json::from_value(serde_json::json!({
        "id": "1", "alert_id": "a", "user": "me", "symbol": "AAPL", "condition": condition, "price": price,
        "change_percent": moved, "currency": "USD", "price_digits": 2, "quoted_at": "2026-11-24T15:42:00Z",
        "fired_at": "2026-11-24T15:42:01Z", "source": "yahoo", "delay_minutes": 15,
        "time_zone": "America/New_York",
    }))
    .unwrap()
}

fn words(tag: &str) -> Words {
    Words::new(Some(&Language::parse(tag).unwrap()), &[])
}

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

fn reader() -> Profile {
    Profile::new(UserName::me())
}

/// A reader with a name of their own for AAPL.
fn who_calls_it(alias: &str) -> Profile {
    let mut reader = reader();
    reader.notes.insert(symbol("AAPL"), SymbolNote { alias: alias.into(), note: String::new() });
    reader
}

fn said(tag: &str, fired: &AlertFired) -> (String, String) {
    let Notification { title, body, .. } = one(&words(tag), &reader(), fired);
    (title, body)
}

fn texts(title: &str, body: &str) -> (String, String) {
    (title.into(), body.into())
}

#[test]
fn names_symbol_rule_price_move_and_time() {
    let above = fired(Condition::Above(price(250.0)), 250.02, 2.22);
    let fell = fired(Condition::DayMove(3.5), 97_508.9, -3.1);
    let body = "250.02 USD, +2.22 % today. Set at 250.00. 10:42 EST, delayed 15 min";
    assert_eq!(said("en", &above), texts("▲ AAPL above 250.00", body));
    let body = "97,508.90 USD, −3.10 % today. 10:42 EST, delayed 15 min";
    assert_eq!(said("en", &fell), texts("▼ AAPL −3.5 % today", body));
    let body = "250,02 USD, heute +2,22 %. Gesetzt bei 250,00. 10:42 EST, 15 min verzögert";
    assert_eq!(said("de", &above), texts("▲ AAPL über 250,00", body));
    let body = "97.508,90 USD, heute −3,10 %. 10:42 EST, 15 min verzögert";
    assert_eq!(said("de", &fell), texts("▼ AAPL −3,5 % heute", body));
}

#[test]
fn every_rule_has_its_words() {
    let within = Condition::MoveWithin(MoveWithin { percent: 3.0, minutes: 15 });
    let fell = AlertFired { moved_percent: Some(-3.42), ..fired(within, 250.02, 2.22) };
    let body = "250.02 USD, +2.22 % today. Moved −3.42 %. 10:42 EST, delayed 15 min";
    assert_eq!(said("en", &fell), texts("▼ AAPL −3 % in 15 min", body));
    let body = "250,02 USD, heute +2,22 %. Bewegung −3,42 %. 10:42 EST, 15 min verzögert";
    assert_eq!(said("de", &fell), texts("▼ AAPL −3 % in 15 min", body));
    for (condition, english, german) in [
        (Condition::Below(price(1_250.0)), "▼ AAPL below 1,250.00", "▼ AAPL unter 1.250,00"),
        (Condition::YearHigh, "▲ AAPL 52-week high", "▲ AAPL 52-Wochen-Hoch"),
        (Condition::YearLow, "▼ AAPL 52-week low", "▼ AAPL 52-Wochen-Tief"),
        (Condition::VolumeSpike(2.5), "AAPL volume 2.5 × the usual", "AAPL Volumen 2,5 × üblich"),
    ] {
        let fired = fired(condition, 250.02, 2.22);
        assert_eq!((said("en", &fired).0.as_str(), said("de", &fired).0.as_str()), (english, german));
    }
}

#[test]
fn what_can_be_done_depends_on_whose_alert_it_is() {
    let labels = |tag, fired: &AlertFired| {
        let said = one(&words(tag), &reader(), fired);
        (said.open, said.buttons.into_iter().map(|button| button.label).collect::<Vec<_>>(), said.alert_id)
    };
    let own = fired(Condition::YearHigh, 1.0, 1.0);
    let english = vec!["Mute today".to_owned(), "Delete alert".to_owned()];
    assert_eq!(labels("en", &own), ("Open".into(), english, Some("a".into())));
    let german = vec!["Heute stumm".to_owned(), "Alarm löschen".to_owned()];
    assert_eq!(labels("de", &own), ("Öffnen".into(), german, Some("a".into())));
    let everybodys = AlertFired { alert_id: DAY_MOVE_ALERT.into(), ..fired(Condition::DayMove(3.0), 1.0, 3.0) };
    assert_eq!(labels("en", &everybodys), ("Open".into(), vec!["Mute today".into()], None));
    assert!(several(&words("en"), &reader(), &[everybodys], 9).buttons.is_empty());
}

#[test]
fn a_digest_has_a_line_each_way() {
    let mover = |symbol: &str, percent: f64| serde_json::json!({"symbol": symbol, "price": 1.0, "change_percent": percent, "source": "yahoo"});
    let made = |tag: &str, reader: &Profile, up: &[serde_json::Value], down: &[serde_json::Value]| {
        let json = serde_json::json!({
            "id": "1", "user": "me", "day": "2026-11-25", "made_at": "2026-11-25T17:30:00Z", "up": up, "down": down,
        });
        let Notification { title, body, .. } = digest(&words(tag), reader, &serde_json::from_value(json).unwrap());
        (title, body)
    };
    let (up, down) = ([mover("NVDA", 4.2), mover("AAPL", 1.0)], [mover("TSLA", -3.0)]);
    let body = "▲ NVDA +4.20 %, AAPL +1.00 %\n▼ TSLA −3.00 %";
    assert_eq!(made("en", &reader(), &up, &down), texts("Biggest movers today", body));
    let body = "▲ NVDA +4,20 %, Obst +1,00 %\n▼ TSLA −3,00 %";
    assert_eq!(made("de", &who_calls_it("Obst"), &up, &down), texts("Größte Bewegungen heute", body));
    assert_eq!(made("en", &reader(), &[], &down).1, "▼ TSLA −3.00 %");
}

#[test]
fn prices_that_are_not_of_now_say_so_first() {
    for (source, english, german) in [(SIMULATED, "SIMULATED", "SIMULIERT"), (REPLAY, "REPLAY", "AUFZEICHNUNG")] {
        let fired = AlertFired { source: source.into(), ..fired(Condition::Below(price(1.0)), 0.5, -1.0) };
        for (tag, mark, below, many) in
            [("en", english, "below 1.00", "2 alerts"), ("de", german, "unter 1,00", "2 Alarme")]
        {
            assert_eq!(said(tag, &fired).0, format!("{mark} ▼ AAPL {below}"));
            let all = several(&words(tag), &reader(), &[fired.clone(), fired.clone()], 2);
            assert_eq!((all.title, all.body), (format!("{mark} {many}"), "AAPL".into()));
        }
    }
}

fn quote(with: &serde_json::Value) -> Quote {
    let mut quote = serde_json::json!({
        "symbol": "AAPL", "kind": "equity", "price": 1_244.6, "change_percent": 1.27, "price_digits": 2, "session": "regular",
        "quoted_at": "2026-11-24T15:42:00Z", "received_at": "2026-11-24T15:42:00Z", "source": "yahoo", "state": "live",
        "time_zone": "America/New_York",
    });
    quote.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    serde_json::from_value(quote).unwrap()
}

#[test]
fn a_line_of_the_tray_in_both_languages() {
    for (with, english, german) in [
        (serde_json::json!({}), "AAPL 1,244.60 ▲ +1.27 %", "AAPL 1.244,60 ▲ +1,27 %"),
        (serde_json::json!({"change_percent": -1234.5}), "AAPL 1,244.60 ▼ −1,234 %", "AAPL 1.244,60 ▼ −1.234 %"),
        (serde_json::json!({"change_percent": 0.004}), "AAPL 1,244.60", "AAPL 1.244,60"),
        (serde_json::json!({"state": "stale"}), "AAPL 1,244.60 · 10:42 EST", "AAPL 1.244,60 · 10:42 EST"),
        (serde_json::json!({"source": SIMULATED}), "SIM AAPL 1,244.60", "SIM AAPL 1.244,60"),
        (serde_json::json!({"source": REPLAY}), "REPLAY AAPL 1,244.60", "AUFZEICHNUNG AAPL 1.244,60"),
    ] {
        let lines = ["en", "de"].map(|tag| line(&words(tag), &reader(), &quote(&with)));
        assert_eq!(lines, [english, german]);
    }
    let named = line(&words("de"), &who_calls_it("Obst"), &quote(&serde_json::json!({})));
    assert_eq!(named, "Obst 1.244,60 ▲ +1,27 %");
}

#[test]
fn a_price_has_as_many_digits_as_its_size_asks_for() {
    let of = |value: f64, kind| super::price(&words("en"), price(value), None, Some(kind));
    for (value, written) in [(1_244.6, "1,244.60"), (0.666_25, "0.6663"), (0.001_234, "0.001234"), (-37.63, "−37.63")]
    {
        assert_eq!(of(value, Kind::Crypto), written);
    }
    assert_eq!((of(157.5, Kind::Currency), of(1.0583, Kind::Currency)), ("157.500".into(), "1.05830".into()));
}

#[test]
fn an_alias_stands_before_its_symbol_and_the_tray_has_room_for_one() {
    let above = fired(Condition::Above(price(250.0)), 250.02, 2.22);
    let title = |tag, alias: &str| one(&words(tag), &who_calls_it(alias), &above).title;
    assert_eq!(title("en", "The fruit"), "▲ The fruit (AAPL) above 250.00");
    assert_eq!(title("de", "Öl & Obst"), "▲ Öl & Obst (AAPL) über 250,00");
}

#[test]
fn hostile_names_are_text() {
    let above = fired(Condition::Above(price(250.0)), 250.02, 2.22);
    let title = |alias: &str| one(&words("en"), &who_calls_it(alias), &above).title;
    let syntax = "{ $price } { alert-below } \"\\u0041\" *[x]";
    assert_eq!(title(syntax), format!("▲ {syntax} (AAPL) above 250.00"));
    assert_eq!(title("Fruit\u{202e}.gpj\u{2069}\u{200f}"), "▲ Fruit.gpj (AAPL) above 250.00");
    assert_eq!(title("a\nb\u{2028}c\u{7}"), "▲ abc (AAPL) above 250.00");
    assert_eq!(
        title("תפוח\u{2069}\u{202e}"),
        "▲ \u{2068}תפוח\u{2069} (AAPL) above 250.00",
        "set apart, and nothing else"
    );
    let turned = AlertFired { symbol: symbol("A$RULE"), currency: Some("U\u{202e}\n$".into()), ..above };
    let said = one(&words("en"), &reader(), &turned);
    assert_eq!(said.title, "▲ A$RULE above 250.00");
    assert!(said.body.starts_with("250.02 U$, +2.22 % today. "), "{}", said.body);
}
