//! What a notification and the tray say, in words. The one place in Rust where a number becomes text for a person.

use jiff::{Timestamp, tz::TimeZone};
use market::{
    AlertFired, Condition, Digest, MoveWithin, Mover, Price, Quote, QuoteState,
    alert::DAY_MOVE_ALERT,
    quote::{REPLAY, SIMULATED},
};

use super::{Notification, NotificationAction};

/// The notification of one alert: `▲ AAPL above 250.00`, then price, move, rule and time.
pub fn one(fired: &AlertFired) -> Notification {
    let digits = fired.price_digits;
    let Rule { arrow, text, detail } = Rule::of(fired);
    let currency = fired.currency.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let moved = fired.change_percent.map(|moved| format!(", {} today", percent(moved))).unwrap_or_default();
    let detail = detail.map(|detail| format!(" {detail}.")).unwrap_or_default();
    let at = clock(fired.quoted_at, fired.time_zone.as_deref());
    let delay = fired.delay_minutes.filter(|m| *m > 0).map(|m| format!(", delayed {m} min")).unwrap_or_default();
    let is_own = fired.alert_id != DAY_MOVE_ALERT;
    let delete = is_own.then_some(NotificationAction::DeleteAlert);
    Notification {
        title: format!("{}{arrow}{} {text}", source_mark(&fired.source), fired.symbol),
        body: format!("{}{currency}{moved}.{detail} {at}{delay}", price(fired.price, digits)),
        symbol: Some(fired.symbol.clone()),
        alert_id: is_own.then(|| fired.alert_id.clone()),
        actions: [NotificationAction::MuteToday].into_iter().chain(delete).collect(),
    }
}

/// A rule in words.
struct Rule {
    /// With the blank after it; empty where there is no direction.
    arrow: &'static str,
    text: String,
    /// What more there is to say of it.
    detail: Option<String>,
}

impl Rule {
    fn of(fired: &AlertFired) -> Self {
        let digits = fired.price_digits;
        let set_at = |line| Some(format!("Set at {}", price(line, digits)));
        match fired.condition {
            Condition::Above(line) => Self::new(UP, format!("above {}", price(line, digits)), set_at(line)),
            Condition::Below(line) => Self::new(DOWN, format!("below {}", price(line, digits)), set_at(line)),
            Condition::DayMove(line) => {
                let (arrow, sign) = direction(fired.change_percent);
                Self::new(arrow, format!("{sign}{line} % today"), None)
            }
            Condition::MoveWithin(MoveWithin { percent: line, minutes }) => {
                let (arrow, sign) = direction(fired.moved_percent);
                let moved = fired.moved_percent.map(|moved| format!("Moved {}", percent(moved)));
                Self::new(arrow, format!("{sign}{line} % in {minutes} min"), moved)
            }
            Condition::YearHigh => Self::new(UP, "52-week high".into(), None),
            Condition::YearLow => Self::new(DOWN, "52-week low".into(), None),
            Condition::VolumeSpike(times) => Self::new("", format!("volume {times} × the usual"), None),
        }
    }

    fn new(arrow: &'static str, text: String, detail: Option<String>) -> Self {
        Self { arrow, text, detail }
    }
}

const UP: &str = "▲ ";
const DOWN: &str = "▼ ";

/// Arrow and sign of a move.
fn direction(moved: Option<f64>) -> (&'static str, &'static str) {
    if moved.is_none_or(|moved| moved >= 0.0) { (UP, "+") } else { (DOWN, "−") }
}

/// The notification of many alerts at once: how many, and of what. Of all of them the first are enough.
pub fn several(first: &[AlertFired], count: usize) -> Notification {
    let mut symbols: Vec<&str> = Vec::new();
    for fired in first {
        if !symbols.contains(&fired.symbol.as_str()) {
            symbols.push(fired.symbol.as_str());
        }
    }
    let more = if count > first.len() { ", …" } else { "" };
    // Made-up and recorded prices stand only among themselves.
    let mark = first.first().map(|one| source_mark(&one.source)).unwrap_or_default();
    about_several(format!("{mark}{count} alerts"), symbols.join(", ") + more)
}

/// The notification of a daily digest: those that rose on one line, those that fell on another.
pub fn digest(digest: &Digest) -> Notification {
    let line = |arrow: &str, movers: &[Mover]| {
        let told = movers.iter().map(|mover| format!("{} {}", mover.symbol, percent(mover.change_percent)));
        (!movers.is_empty()).then(|| format!("{arrow}{}", told.collect::<Vec<_>>().join(", ")))
    };
    let lines: Vec<String> = [line(UP, &digest.up), line(DOWN, &digest.down)].into_iter().flatten().collect();
    let any = digest.up.first().or(digest.down.first());
    let mark = any.map(|mover| source_mark(&mover.source)).unwrap_or_default();
    about_several(format!("{mark}Biggest movers today"), lines.join("\n"))
}

fn about_several(title: String, body: String) -> Notification {
    Notification { title, body, symbol: None, alert_id: None, actions: Vec::new() }
}

/// A quote on one line, for the tray: `AAPL 244.60 ▲ +1.27 %`, stale `AAPL 244.60 · 14:02`, simulated `SIM AAPL 244.60`,
/// recorded `REPLAY AAPL 244.60`.
pub fn line(quote: &Quote) -> String {
    let shown = format!("{} {}", quote.symbol, price(quote.price, quote.price_digits));
    if quote.is_simulated() {
        return format!("SIM {shown}");
    }
    if quote.source == REPLAY {
        return format!("REPLAY {shown}");
    }
    if quote.state == QuoteState::Stale {
        return format!("{shown} · {}", clock(quote.quoted_at, quote.time_zone.as_deref()));
    }
    match quote.change_percent {
        Some(moved) if moved > 0.0 => format!("{shown} ▲ {}", percent(moved)),
        Some(moved) if moved < 0.0 => format!("{shown} ▼ {}", percent(moved)),
        _ => shown,
    }
}

/// What stands before a price that is not of now.
fn source_mark(source: &str) -> &'static str {
    match source {
        SIMULATED => "SIMULATED ",
        REPLAY => "REPLAY ",
        _ => "",
    }
}

/// A price with its digits, or as many as its size asks for, grouped by thousands.
fn price(value: Price, digits: Option<u8>) -> String {
    let digits = digits.map_or(if value.to_f64().abs() >= 1.0 { 2 } else { 4 }, usize::from).min(12);
    let text = format!("{value:.digits$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// A move with its sign, a true minus, two digits.
fn percent(moved: f64) -> String {
    let sign = if moved < 0.0 { "−" } else { "+" };
    format!("{sign}{:.2} %", moved.abs())
}

/// The exchange's time of day with its zone, or UTC where that is not known.
fn clock(at: Timestamp, time_zone: Option<&str>) -> String {
    let zone = time_zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    at.to_zoned_datetime(zone).strftime("%H:%M %Z").to_string()
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn names_symbol_rule_price_move_and_time() {
        let said = one(&fired(Condition::Above(price(250.0)), 250.02, 2.22));
        assert_eq!(said.title, "▲ AAPL above 250.00");
        assert_eq!(said.body, "250.02 USD, +2.22 % today. Set at 250.00. 10:42 EST, delayed 15 min");
        let fell = one(&fired(Condition::DayMove(3.0), 97_508.9, -3.1));
        assert_eq!(fell.title, "▼ AAPL −3 % today");
        assert_eq!(fell.body, "97,508.90 USD, −3.10 % today. 10:42 EST, delayed 15 min");
    }

    #[test]
    fn every_rule_has_its_words() {
        let within = Condition::MoveWithin(MoveWithin { percent: 3.0, minutes: 15 });
        let fell = AlertFired { moved_percent: Some(-3.42), ..fired(within, 250.02, 2.22) };
        assert_eq!(one(&fell).title, "▼ AAPL −3 % in 15 min");
        assert_eq!(one(&fell).body, "250.02 USD, +2.22 % today. Moved −3.42 %. 10:42 EST, delayed 15 min");
        assert_eq!(one(&fired(Condition::YearHigh, 250.02, 2.22)).title, "▲ AAPL 52-week high");
        assert_eq!(one(&fired(Condition::YearLow, 250.02, 2.22)).title, "▼ AAPL 52-week low");
        assert_eq!(one(&fired(Condition::VolumeSpike(2.5), 250.02, 2.22)).title, "AAPL volume 2.5 × the usual");
    }

    #[test]
    fn what_can_be_done_depends_on_whose_alert_it_is() {
        let own = one(&fired(Condition::YearHigh, 1.0, 1.0));
        assert_eq!(own.actions, [NotificationAction::MuteToday, NotificationAction::DeleteAlert]);
        assert_eq!(own.alert_id.as_deref(), Some("a"));
        let everybodys = AlertFired { alert_id: DAY_MOVE_ALERT.into(), ..fired(Condition::DayMove(3.0), 1.0, 3.0) };
        let said = one(&everybodys);
        assert_eq!((said.actions, said.alert_id), (vec![NotificationAction::MuteToday], None));
        assert!(several(&[everybodys], 9).actions.is_empty());
    }

    #[test]
    fn a_digest_has_a_line_each_way() {
        let mover = |symbol: &str, percent: f64| serde_json::json!({"symbol": symbol, "price": 1.0, "change_percent": percent, "source": "yahoo"});
        let made = |up: &[serde_json::Value], down: &[serde_json::Value]| {
            let json = serde_json::json!({
                "id": "1", "user": "me", "day": "2026-11-25", "made_at": "2026-11-25T17:30:00Z", "up": up, "down": down,
            });
            digest(&serde_json::from_value(json).unwrap())
        };
        let both = made(&[mover("NVDA", 4.2), mover("AAPL", 1.0)], &[mover("TSLA", -3.0)]);
        assert_eq!(both.title, "Biggest movers today");
        assert_eq!(both.body, "▲ NVDA +4.20 %, AAPL +1.00 %\n▼ TSLA −3.00 %");
        assert_eq!(made(&[], &[mover("TSLA", -3.0)]).body, "▼ TSLA −3.00 %");
    }

    #[test]
    fn made_up_prices_say_so_first() {
        let made_up = AlertFired { source: SIMULATED.into(), ..fired(Condition::Below(price(1.0)), 0.5, -1.0) };
        assert!(one(&made_up).title.starts_with("SIMULATED ▼ AAPL"));
        assert_eq!(several(&[made_up.clone(), made_up], 2).title, "SIMULATED 2 alerts");
    }

    #[test]
    fn recorded_prices_say_so_first() {
        let recorded = AlertFired { source: REPLAY.into(), ..fired(Condition::Below(price(1.0)), 0.5, -1.0) };
        assert!(one(&recorded).title.starts_with("REPLAY ▼ AAPL"));
        assert_eq!(several(&[recorded.clone(), recorded], 2).title, "REPLAY 2 alerts");
    }
}
