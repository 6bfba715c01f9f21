//! What a notification and the tray say, in words. The one place in Rust where a number becomes text for a person.

use jiff::{Timestamp, tz::TimeZone};
use market::{
    AlertFired, Condition, Price, Quote, QuoteState,
    alert::DAY_MOVE_ALERT,
    quote::{REPLAY, SIMULATED},
};

use super::{Notification, NotificationAction};

/// The notification of one alert: `▲ AAPL above 250.00`, then price, move, rule and time.
pub fn one(fired: &AlertFired) -> Notification {
    let digits = fired.price_digits;
    let (arrow, rule, set) = match fired.condition {
        Condition::Above(line) => ("▲", format!("above {}", price(line, digits)), Some(price(line, digits))),
        Condition::Below(line) => ("▼", format!("below {}", price(line, digits)), Some(price(line, digits))),
        Condition::DayMove(line) => {
            let up = fired.change_percent.is_none_or(|moved| moved >= 0.0);
            let (arrow, sign) = if up { ("▲", "+") } else { ("▼", "−") };
            (arrow, format!("{sign}{line} % today"), None)
        }
    };
    let currency = fired.currency.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let moved = fired.change_percent.map(|moved| format!(", {} today", percent(moved))).unwrap_or_default();
    let set = set.map(|line| format!(" Set at {line}.")).unwrap_or_default();
    let at = clock(fired.quoted_at, fired.time_zone.as_deref());
    let delay = fired.delay_minutes.filter(|m| *m > 0).map(|m| format!(", delayed {m} min")).unwrap_or_default();
    let is_own = fired.alert_id != DAY_MOVE_ALERT;
    let delete = is_own.then_some(NotificationAction::DeleteAlert);
    let actions = [NotificationAction::MuteToday].into_iter().chain(delete).collect();
    Notification {
        title: format!("{}{arrow} {} {rule}", source_mark(&fired.source), fired.symbol),
        body: format!("{}{currency}{moved}.{set} {at}{delay}", price(fired.price, digits)),
        symbol: Some(fired.symbol.clone()),
        alert_id: is_own.then(|| fired.alert_id.clone()),
        actions,
    }
}

/// The notification of many alerts at once: how many, and of what.
pub fn several(fired: &[AlertFired]) -> Notification {
    let symbols: Vec<&str> = fired.iter().map(|one| one.symbol.as_str()).collect();
    // Made-up and recorded prices stand only among themselves.
    let mark = fired.iter().map(|one| source_mark(&one.source)).max().unwrap_or_default();
    let title = format!("{mark}{} alerts", fired.len());
    Notification { title, body: symbols.join(", "), symbol: None, alert_id: None, actions: Vec::new() }
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
    fn made_up_prices_say_so_first() {
        let made_up = AlertFired { source: SIMULATED.into(), ..fired(Condition::Below(price(1.0)), 0.5, -1.0) };
        assert!(one(&made_up).title.starts_with("SIMULATED ▼ AAPL"));
        assert_eq!(several(&[made_up.clone(), made_up]).title, "SIMULATED 2 alerts");
    }

    #[test]
    fn recorded_prices_say_so_first() {
        let recorded = AlertFired { source: REPLAY.into(), ..fired(Condition::Below(price(1.0)), 0.5, -1.0) };
        assert!(one(&recorded).title.starts_with("REPLAY ▼ AAPL"));
        assert_eq!(several(&[recorded.clone(), recorded]).title, "REPLAY 2 alerts");
    }
}
