//! What a notification and the tray say of prices. The one place in Rust where a number becomes text for a person.
//!
//! It words nothing itself: the texts are those of [`Words`]. What comes from outside stands in them as plain text.

use icu_decimal::input::Decimal;
use jiff::{Timestamp, tz::TimeZone};
use market::{
    AlertFired, Condition, Digest, Kind, MoveWithin, Mover, Price, Profile, Quote, QuoteState, Symbol,
    alert::DAY_MOVE_ALERT,
    quote::{REPLAY, SIMULATED},
};

use super::{Button, Notification, NotificationAction};
use crate::words::Words;

const UP: &str = "▲";
const DOWN: &str = "▼";
const MINUS: &str = "−";
/// Stands for a number that is none.
const UNKNOWN: &str = "–";
/// Below this, in percent, a move reads as none.
const FLAT: f64 = 0.005;
/// Digits after the decimal sign at the most.
const DIGITS_MAX: usize = 12;

/// The notification of one alert: `▲ AAPL above 250.00`, then price, move, rule and time.
pub fn one(words: &Words, reader: &Profile, fired: &AlertFired) -> Notification {
    let Rule { arrow, text, detail } = Rule::of(words, fired);
    let title = words.alert_title(&full_name(words, reader, &fired.symbol), &text);
    let mark = source_mark(words, &fired.source);
    let said = [Some(money_and_move(words, fired)), detail, Some(time_and_delay(words, fired))];
    let is_own = fired.alert_id != DAY_MOVE_ALERT;
    let delete = is_own.then(|| Button { action: NotificationAction::DeleteAlert, label: words.button_delete() });
    let mute = Button { action: NotificationAction::MuteToday, label: words.button_mute() };
    Notification {
        title: [mark.as_deref(), arrow, Some(&title)].into_iter().flatten().collect::<Vec<_>>().join(" "),
        body: said.into_iter().flatten().collect::<Vec<_>>().join(". "),
        symbol: Some(fired.symbol.clone()),
        alert_id: is_own.then(|| fired.alert_id.clone()),
        open: words.button_open(),
        buttons: [mute].into_iter().chain(delete).collect(),
    }
}

/// The rule alone: `above 250.00`.
pub fn rule(words: &Words, fired: &AlertFired) -> String {
    Rule::of(words, fired).text
}

/// `250.02 USD, +2.22 % today`.
fn money_and_move(words: &Words, fired: &AlertFired) -> String {
    let currency = fired.currency.as_deref().map(|code| format!(" {}", plain(code))).unwrap_or_default();
    let money = price(words, fired.price, fired.price_digits, None) + &currency;
    fired.change_percent.map_or_else(|| money.clone(), |moved| words.alert_price(&money, &percent(words, moved)))
}

/// `10:42 EST, delayed 15 min`.
fn time_and_delay(words: &Words, fired: &AlertFired) -> String {
    let at = clock(fired.quoted_at, fired.time_zone.as_deref());
    match fired.delay_minutes {
        Some(minutes) if minutes > 0 => words.alert_delayed(&at, &count(words, minutes)),
        _ => at,
    }
}

/// A rule in words.
struct Rule {
    arrow: Option<&'static str>,
    text: String,
    /// What more there is to say of it.
    detail: Option<String>,
}

impl Rule {
    fn of(words: &Words, fired: &AlertFired) -> Self {
        let line = |line| price(words, line, fired.price_digits, None);
        let set_at = |at| Some(words.alert_set_at(&line(at)));
        match fired.condition {
            Condition::Above(at) => Self::new(UP, words.alert_above(&line(at)), set_at(at)),
            Condition::Below(at) => Self::new(DOWN, words.alert_below(&line(at)), set_at(at)),
            Condition::DayMove(size) => {
                let (arrow, sign) = way(fired.change_percent);
                Self::new(arrow, words.alert_day_move(&format!("{sign}{} %", few_digits(words, size))), None)
            }
            Condition::MoveWithin(MoveWithin { percent: size, minutes }) => {
                let (arrow, sign) = way(fired.moved_percent);
                let size = format!("{sign}{} %", few_digits(words, size));
                let moved = fired.moved_percent.map(|moved| words.alert_moved(&percent(words, moved)));
                Self::new(arrow, words.alert_move_within(&size, &count(words, minutes)), moved)
            }
            Condition::YearHigh => Self::new(UP, words.alert_year_high(), None),
            Condition::YearLow => Self::new(DOWN, words.alert_year_low(), None),
            Condition::VolumeSpike(times) => {
                Self { arrow: None, text: words.alert_volume_spike(&few_digits(words, times)), detail: None }
            }
        }
    }

    fn new(arrow: &'static str, text: String, detail: Option<String>) -> Self {
        Self { arrow: Some(arrow), text, detail }
    }
}

/// Arrow and sign of a move that fired.
fn way(moved: Option<f64>) -> (&'static str, &'static str) {
    if moved.is_none_or(|moved| moved >= 0.0) { (UP, "+") } else { (DOWN, MINUS) }
}

/// The notification of many alerts at once: how many, and of what. Of all of them the first are enough.
pub fn several(words: &Words, reader: &Profile, first: &[AlertFired], all: usize) -> Notification {
    let mut symbols: Vec<&Symbol> = Vec::new();
    for fired in first {
        if !symbols.contains(&&fired.symbol) {
            symbols.push(&fired.symbol);
        }
    }
    let names: Vec<_> = symbols.into_iter().map(|symbol| name(reader, symbol)).collect();
    let more = if all > first.len() { ", …" } else { "" };
    // Made-up and recorded prices stand only among themselves.
    let mark = first.first().and_then(|one| source_mark(words, &one.source));
    about_several(words, mark, &words.alerts_many(all, &count(words, all)), names.join(", ") + more)
}

/// The notification of a daily digest: those that rose on one line, those that fell on another.
pub fn digest(words: &Words, reader: &Profile, digest: &Digest) -> Notification {
    let line = |arrow: &str, movers: &[Mover]| {
        let told = movers
            .iter()
            .map(|mover| format!("{} {}", name(reader, &mover.symbol), percent(words, mover.change_percent)));
        (!movers.is_empty()).then(|| format!("{arrow} {}", told.collect::<Vec<_>>().join(", ")))
    };
    let lines: Vec<String> = [line(UP, &digest.up), line(DOWN, &digest.down)].into_iter().flatten().collect();
    let any = digest.up.first().or(digest.down.first());
    let mark = any.and_then(|mover| source_mark(words, &mover.source));
    about_several(words, mark, &words.digest_title(), lines.join("\n"))
}

/// A notification to see whether one arrives.
pub fn test(words: &Words) -> Notification {
    about_several(words, None, "Quickstocks", words.test_notification())
}

fn about_several(words: &Words, mark: Option<String>, title: &str, body: String) -> Notification {
    let title = mark.map_or_else(|| title.to_owned(), |mark| format!("{mark} {title}"));
    Notification { title, body, symbol: None, alert_id: None, open: words.button_open(), buttons: Vec::new() }
}

/// A quote on one line, for the tray: `AAPL 244.60 ▲ +1.27 %`, stale `AAPL 244.60 · 14:02`, simulated `SIM AAPL 244.60`,
/// recorded `REPLAY AAPL 244.60`.
pub fn line(words: &Words, reader: &Profile, quote: &Quote) -> String {
    let price = price(words, quote.price, quote.price_digits, Some(quote.kind));
    let shown = format!("{} {price}", name(reader, &quote.symbol));
    if quote.is_simulated() {
        return format!("{} {shown}", words.tray_simulated());
    }
    if quote.source == REPLAY {
        return format!("{} {shown}", words.tray_replay());
    }
    if quote.state == QuoteState::Stale {
        return format!("{shown} · {}", clock(quote.quoted_at, quote.time_zone.as_deref()));
    }
    match quote.change_percent {
        Some(moved) if moved >= FLAT => format!("{shown} {UP} {}", percent(words, moved)),
        Some(moved) if moved <= -FLAT => format!("{shown} {DOWN} {}", percent(words, moved)),
        _ => shown,
    }
}

/// What the reader calls it, else the symbol.
pub fn name(reader: &Profile, symbol: &Symbol) -> String {
    plain(reader.alias(symbol).unwrap_or(symbol.as_str()))
}

/// `The fruit (AAPL)`, or the symbol alone.
fn full_name(words: &Words, reader: &Profile, symbol: &Symbol) -> String {
    let alias = reader.alias(symbol).map(|alias| words.alert_name(&plain(alias), &plain(symbol.as_str())));
    alias.unwrap_or_else(|| plain(symbol.as_str()))
}

/// What somebody else has written, as it stands in a sentence: on one line, and without a say in which way the rest of it
/// runs.
pub fn plain(text: &str) -> String {
    /// Every mark and control of direction.
    const TURNS: [char; 12] = [
        '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}',
        '\u{2067}', '\u{2068}', '\u{2069}',
    ];
    /// The first letter of a script that runs from right to left.
    const RIGHT_TO_LEFT: char = '\u{590}';
    let breaks = |c: &char| c.is_control() || TURNS.contains(c) || matches!(c, '\u{2028}' | '\u{2029}');
    let text: String = text.chars().filter(|c| !breaks(c)).collect();
    // Not around all: what shows no such marks shows boxes.
    if text.chars().all(|c| c < RIGHT_TO_LEFT) { text } else { format!("\u{2068}{text}\u{2069}") }
}

/// What stands before a price that is not of now.
fn source_mark(words: &Words, source: &str) -> Option<String> {
    match source {
        SIMULATED => Some(words.mark_simulated()),
        REPLAY => Some(words.mark_replay()),
        _ => None,
    }
}

/// A price with its digits, or as many as its size asks for.
fn price(words: &Words, value: Price, digits: Option<u8>, kind: Option<Kind>) -> String {
    let digits = digits.map_or_else(|| digits_for(value.to_f64().abs(), kind), usize::from).min(DIGITS_MAX);
    number(words, &format!("{value:.digits$}"))
}

/// As the window does it.
fn digits_for(size: f64, kind: Option<Kind>) -> usize {
    match kind {
        Some(Kind::Currency) if size >= 20.0 => 3,
        Some(Kind::Currency) => 5,
        _ if size >= 1.0 || size == 0.0 => 2,
        _ if size >= 0.01 => 4,
        _ => (3.0 - size.log10().floor()) as usize,
    }
}

/// A move with its sign, a true minus, two digits; none from 1,000 on.
fn percent(words: &Words, moved: f64) -> String {
    let digits = if moved.abs() >= 1_000.0 { 0 } else { 2 };
    let size = format!("{:.digits$}", moved.abs());
    let is_zero = !size.contains(|digit: char| ('1'..='9').contains(&digit));
    let sign = if is_zero { "" } else { way(Some(moved)).1 };
    format!("{sign}{} %", number(words, &size))
}

/// With two digits after the decimal sign at the most.
fn few_digits(words: &Words, value: f64) -> String {
    let digits = format!("{value:.2}");
    number(words, digits.trim_end_matches('0').trim_end_matches('.'))
}

/// How many there are.
pub fn count(words: &Words, many: impl TryInto<u64>) -> String {
    many.try_into().map_or_else(|_| UNKNOWN.into(), |many: u64| number(words, &many.to_string()))
}

/// Digits, as the language writes them.
fn number(words: &Words, digits: &str) -> String {
    let (sign, size) = digits.strip_prefix('-').map_or(("", digits), |size| (MINUS, size));
    size.parse::<Decimal>().map_or_else(|_| UNKNOWN.into(), |size| format!("{sign}{}", words.decimal(&size)))
}

/// The exchange's time of day with its zone, or UTC where that is not known.
fn clock(at: Timestamp, time_zone: Option<&str>) -> String {
    let zone = time_zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    at.to_zoned_datetime(zone).strftime("%H:%M %Z").to_string()
}

#[cfg(test)]
mod tests;
