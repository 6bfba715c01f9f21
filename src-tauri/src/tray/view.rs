//! What the tray says, in the words of a language.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{Timestamp, tz::TimeZone};
use market::{
    Profile, ProviderHealth, ProviderState, Quote, QuoteState, Symbol,
    profile::{Palette, TrayText},
    quote::REPLAY,
};
use quote_engine::{notifier::text, words::Words};

use super::badge::Badge;

/// Quotes in the menu at the most.
pub(super) const ROWS_MAX: usize = 5;
/// Each symbol can be read before the next takes its turn.
const SECONDS_MIN: u8 = 2;

/// What the tray says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Beside the icon, where the platform shows text there, and in its tooltip.
    pub title: String,
    /// The same as a picture, where the platform shows no text.
    pub badge: Option<Badge>,
    /// The pinned quotes; a click opens that symbol.
    pub rows: Vec<(Symbol, String)>,
    /// How the feed is doing.
    pub feed: String,
    /// Until when alerts are paused, on the clock beside the tray.
    pub paused_until: Option<String>,
    /// Whether the ticker strip is on the screen.
    pub strip: bool,
    /// What the entries that are always there are called.
    pub labels: Labels,
}

/// What the entries of the menu that are always there are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Opens the window.
    pub open: String,
    /// Shows the ticker strip, or takes it away.
    pub strip: String,
    /// Pauses alerts, or resumes them.
    pub pause: String,
    /// Opens the window at its settings.
    pub settings: String,
    /// Ends the app.
    pub quit: String,
}

impl Labels {
    /// In these words.
    pub fn of(words: &Words, paused_until: Option<&str>) -> Self {
        Self {
            open: words.tray_open(),
            strip: words.tray_strip(),
            pause: paused_until.map_or_else(|| words.tray_pause(), |time| words.tray_resume(time)),
            settings: words.tray_settings(),
            quit: words.tray_quit(),
        }
    }
}

impl View {
    /// What it says about these lists and quotes.
    pub fn of<'a>(
        words: &Words,
        profile: &Profile,
        quotes: &HashMap<Symbol, Quote>,
        providers: impl IntoIterator<Item = &'a ProviderHealth>,
        now: Timestamp,
    ) -> Self {
        let pinned = pinned(profile);
        let rows =
            pinned.iter().map(|symbol| ((*symbol).clone(), row(words, profile, symbol, quotes.get(*symbol)))).collect();
        let titled = titled(profile, quotes, now).or_else(|| quotes.get(*pinned.first()?));
        let titled = titled.filter(|_| profile.preferences.tray_text != TrayText::Off);
        let palette = profile.preferences.palette.unwrap_or(Palette::Western);
        let listed: Vec<&Quote> = profile.symbols().filter_map(|symbol| quotes.get(symbol)).collect();
        let paused_until = profile.preferences.alerts_paused_until.filter(|until| *until > now).map(local_time);
        Self {
            title: titled.map(|quote| text::line(words, profile, quote)).unwrap_or_default(),
            badge: titled.map(|quote| Badge::of(quote, palette)),
            rows,
            feed: feed(words, providers, &listed),
            labels: Labels::of(words, paused_until.as_deref()),
            paused_until,
            strip: profile.preferences.strip,
        }
    }
}

/// Whose turn it is, where what is followed takes turns: what is open, in the order of the lists.
fn titled<'a>(profile: &Profile, quotes: &'a HashMap<Symbol, Quote>, now: Timestamp) -> Option<&'a Quote> {
    if profile.preferences.tray_text != TrayText::Rotate {
        return None;
    }
    let mut seen = HashSet::new();
    let listed = profile.watchlists.iter().flat_map(|list| &list.symbols).filter(|symbol| seen.insert(*symbol));
    let open: Vec<&Quote> =
        listed.filter_map(|symbol| quotes.get(symbol)).filter(|quote| quote.state != QuoteState::Closed).collect();
    let turn = now.as_second() / i64::from(profile.preferences.tray_seconds.max(SECONDS_MIN));
    open.get(usize::try_from(turn).ok()?.checked_rem(open.len())?).copied()
}

/// The pinned symbol, then the first list's, up to five.
fn pinned(profile: &Profile) -> Vec<&Symbol> {
    let chosen = profile.preferences.pinned.as_ref();
    let first_list = profile.watchlists.first().into_iter().flat_map(|list| &list.symbols);
    let others = first_list.filter(|symbol| Some(*symbol) != chosen);
    chosen.into_iter().chain(others).take(ROWS_MAX).collect()
}

fn row(words: &Words, profile: &Profile, symbol: &Symbol, quote: Option<&Quote>) -> String {
    let waiting = || format!("{} …", text::name(profile, symbol));
    quote.map_or_else(waiting, |quote| text::line(words, profile, quote))
}

/// `Live · Yahoo Finance · 15 min`, or what is wrong and since when.
fn feed<'a>(words: &Words, providers: impl IntoIterator<Item = &'a ProviderHealth>, quotes: &[&Quote]) -> String {
    if quotes.iter().any(|quote| quote.is_simulated()) {
        return words.feed_simulated();
    }
    if quotes.iter().any(|quote| quote.source == REPLAY) {
        return words.feed_replay();
    }
    let main = main_source(quotes);
    let used = providers.into_iter().filter(|health| health.state != ProviderState::Off);
    let of_main = |health: &ProviderHealth| Some(health.name.as_str()) == main;
    let Some(health) = used.max_by_key(|health| (of_main(health), rank(health.state), health.since)) else {
        return words.feed_connecting();
    };
    let name = display_name(words, &health.name);
    match health.state {
        ProviderState::Down => words.feed_stale(&local_time(health.since), &name),
        ProviderState::Degraded => words.feed_slow(&name),
        ProviderState::Up | ProviderState::Off => live(words, &name, quotes),
    }
}

fn live(words: &Words, name: &str, quotes: &[&Quote]) -> String {
    if !quotes.is_empty() && quotes.iter().all(|quote| quote.state == QuoteState::Closed) {
        return words.feed_closed(name);
    }
    match quotes.iter().filter_map(|quote| quote.delay_minutes).max() {
        Some(minutes) if minutes > 0 => words.feed_delayed(name, &text::count(words, minutes)),
        _ => words.feed_live(name),
    }
}

/// The provider that most prices come from.
fn main_source<'a>(quotes: &[&'a Quote]) -> Option<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for quote in quotes {
        *counts.entry(&quote.source).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(source, _)| source)
}

/// Before there are prices, the provider that answers best is named.
fn rank(state: ProviderState) -> u8 {
    match state {
        ProviderState::Off => 0,
        ProviderState::Down => 1,
        ProviderState::Degraded => 2,
        ProviderState::Up => 3,
    }
}

/// `yahoo` is `Yahoo Finance`, as in the window; most are their name with a capital.
fn display_name(words: &Words, name: &str) -> String {
    match name {
        "yahoo" => return "Yahoo Finance".into(),
        "ecb" => return words.provider_ecb(),
        _ => {}
    }
    let mut letters = name.chars();
    let name: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    text::plain(&name)
}

/// The time on the clock beside the tray.
fn local_time(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::system()).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use market::{Language, SymbolNote, UserName};
    use serde_json::json;

    const NOW: &str = "2026-11-24T15:42:00Z";

    fn quote(symbol: &str, source: &str, state: &str) -> (Symbol, Quote) {
        let quote: Quote = serde_json::from_value(json!({
            "symbol": symbol, "kind": "equity", "price": 244.6, "change_percent": 1.27, "price_digits": 2,
            "session": "regular", "quoted_at": NOW, "received_at": NOW, "source": source, "state": state,
            "delay_minutes": 15, "time_zone": "America/New_York",
        }))
        .unwrap();
        (quote.symbol.clone(), quote)
    }

    fn health(state: ProviderState) -> ProviderHealth {
        let since = NOW.parse().unwrap();
        ProviderHealth {
            name: "yahoo".into(),
            state,
            reason: None,
            code: None,
            since,
            next_try: None,
            unknown: Vec::new(),
        }
    }

    fn words(tag: &str) -> Words {
        Words::new(Some(&Language::parse(tag).unwrap()), &[])
    }

    fn view(quotes: &[(Symbol, Quote)], health: &[ProviderHealth], profile: &Profile) -> View {
        View::of(&words("en"), profile, &quotes.iter().cloned().collect(), health, NOW.parse().unwrap())
    }

    #[test]
    fn the_pinned_symbol_stands_first_and_in_the_title() {
        let mut profile = Profile::new(UserName::me());
        profile.preferences.pinned = Some(Symbol::parse("NVDA").unwrap());
        let view = view(&[quote("NVDA", "yahoo", "delayed")], &[health(ProviderState::Up)], &profile);
        assert_eq!(view.title, "NVDA 244.60 ▲ +1.27 %");
        let symbols: Vec<_> = view.rows.iter().map(|(symbol, _)| symbol.as_str()).collect();
        assert_eq!(symbols, ["NVDA", "AAPL", "MSFT", "^GSPC", "BTC-USD"]);
        assert_eq!(view.rows[1].1, "AAPL …");
        assert_eq!(view.feed, "Live · Yahoo Finance · 15 min");
    }

    #[test]
    fn old_and_made_up_prices_are_said_to_be_so() {
        let profile = Profile::new(UserName::me());
        let stale = view(&[quote("AAPL", "yahoo", "stale")], &[health(ProviderState::Down)], &profile);
        assert!(stale.title.starts_with("AAPL 244.60 · 10:42"), "{}", stale.title);
        assert!(stale.feed.starts_with("Stale since "), "{}", stale.feed);
        let simulated = view(&[quote("AAPL", "simulated", "live")], &[health(ProviderState::Down)], &profile);
        assert_eq!((simulated.title.as_str(), simulated.feed.as_str()), ("SIM AAPL 244.60", "SIMULATED prices"));
    }

    #[test]
    fn recorded_prices_are_said_to_be_so() {
        let profile = Profile::new(UserName::me());
        let view = view(&[quote("AAPL", "replay", "live")], &[health(ProviderState::Off)], &profile);
        assert_eq!((view.title.as_str(), view.feed.as_str()), ("REPLAY AAPL 244.60", "REPLAY of recorded prices"));
    }

    #[test]
    fn the_feed_is_that_of_most_prices() {
        let profile = Profile::new(UserName::me());
        let yahoo_down = health(ProviderState::Down);
        let finnhub_up = ProviderHealth { name: "finnhub".into(), ..health(ProviderState::Up) };
        let taken_over = [quote("AAPL", "finnhub", "live"), quote("MSFT", "finnhub", "live")];
        let view = view(&taken_over, &[yahoo_down, finnhub_up], &profile);
        assert!(view.feed.starts_with("Live · Finnhub"), "{}", view.feed);
    }

    #[test]
    fn what_is_open_takes_turns_in_the_title() {
        let mut profile = Profile::new(UserName::me());
        (profile.preferences.tray_text, profile.preferences.tray_seconds) = (TrayText::Rotate, 8);
        let quotes: HashMap<_, _> =
            [quote("AAPL", "yahoo", "live"), quote("MSFT", "yahoo", "closed"), quote("BTC-USD", "yahoo", "stale")]
                .into();
        let now: Timestamp = NOW.parse().unwrap();
        let title = |quotes: &HashMap<_, _>, after: i64| {
            let view =
                View::of(&words("en"), &profile, quotes, [], Timestamp::from_second(now.as_second() + after).unwrap());
            view.title.split(' ').next().unwrap_or_default().to_owned()
        };
        let turns: Vec<_> = (0..4).map(|turn| title(&quotes, turn * 8)).collect();
        assert_eq!((turns[0] != turns[1], &turns[0], &turns[1]), (true, &turns[2], &turns[3]));
        assert!(turns.contains(&"AAPL".into()) && turns.contains(&"BTC-USD".into()), "{turns:?}");
        let closed: HashMap<_, _> = [quote("AAPL", "yahoo", "closed"), quote("MSFT", "yahoo", "closed")].into();
        assert_eq!(
            (title(&closed, 0), title(&closed, 8)),
            ("AAPL".into(), "AAPL".into()),
            "the pinned one where all rest"
        );
    }

    #[test]
    fn no_text_is_no_text_and_no_picture() {
        let mut profile = Profile::new(UserName::me());
        profile.preferences.tray_text = TrayText::Off;
        let view = view(&[quote("AAPL", "yahoo", "live")], &[], &profile);
        assert_eq!((view.title.as_str(), view.badge, view.rows[0].1.as_str()), ("", None, "AAPL 244.60 ▲ +1.27 %"));
    }

    #[test]
    fn it_speaks_german_too_and_calls_things_as_the_user_does() {
        let mut profile = Profile::new(UserName::me());
        for (symbol, alias) in [("AAPL", "Obst & Co."), ("MSFT", "{ tray-quit }")] {
            let note = SymbolNote { alias: alias.into(), note: String::new() };
            profile.notes.insert(Symbol::parse(symbol).unwrap(), note);
        }
        let of = |quotes: &[(Symbol, Quote)], state| {
            let quotes = quotes.iter().cloned().collect();
            View::of(&words("de"), &profile, &quotes, &[health(state)], NOW.parse().unwrap())
        };
        let live = of(&[quote("AAPL", "yahoo", "delayed")], ProviderState::Up);
        assert_eq!(live.title, "Obst & Co. 244,60 ▲ +1,27 %");
        assert_eq!(live.rows[1].1, "{ tray-quit } …");
        assert_eq!(live.feed, "Live · Yahoo Finance · 15 min");
        let labels = [&live.labels.open, &live.labels.pause, &live.labels.settings, &live.labels.quit];
        let german = ["Quickstocks öffnen", "Alarme 1 Stunde pausieren", "Einstellungen…", "Quickstocks beenden"];
        assert_eq!(labels, german);
        assert!(of(&[], ProviderState::Down).feed.starts_with("Veraltet seit "));
        assert_eq!(of(&[quote("AAPL", "ecb", "closed")], ProviderState::Up).feed, "Börsen geschlossen · Yahoo Finance");
        assert_eq!(of(&[quote("AAPL", "simulated", "live")], ProviderState::Up).feed, "SIMULIERTE Kurse");
    }

    #[test]
    fn a_pause_ends_by_itself() {
        let mut profile = Profile::new(UserName::me());
        for (until, paused) in [("2026-11-24T15:41:59Z", false), ("2026-11-24T16:42:00Z", true)] {
            profile.preferences.alerts_paused_until = Some(until.parse().unwrap());
            assert_eq!(view(&[], &[], &profile).paused_until.is_some(), paused);
        }
        assert!(view(&[], &[], &profile).labels.pause.starts_with("Alerts paused until "));
        assert_eq!(view(&[], &[], &profile).feed, "Connecting");
    }
}
