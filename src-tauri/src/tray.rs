//! The tray: a price beside the icon, five quotes, how the feed is doing, and the way to quit.
//!
//! What it says is a [`View`], made without Tauri; what is on the screen is changed in place, at most once a second
//! and only where the view differs.

mod badge;
mod icon;
mod view;

use std::{collections::HashMap, time::Duration};

use jiff::{Span, Timestamp};
use market::{ProviderHealth, Quote, StreamMessage, Symbol};
use quickstocks_server::stream::QuoteStream;
use tauri::{AppHandle, Manager as _};

pub use badge::{Badge, Direction};
pub(crate) use icon::Tray;
pub use view::{Labels, View};

use crate::{desktop::Desktop, words};

/// How often the tray may change.
const PACE: Duration = Duration::from_secs(1);
/// How long alerts are paused.
const PAUSE_HOURS: i64 = 1;

/// Keeps the tray up to date until the services stop.
pub(crate) async fn run(app: AppHandle, tray: Tray) {
    let desktop = app.state::<Desktop>();
    let mut stream = QuoteStream::new(desktop.bus(), desktop.user().clone()).await;
    let mut seen = Seen::default();
    let (mut words, mut language) = (words::of(None), None);
    let mut shown = None;
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(message) => seen.take_in(message),
                None => return,
            },
            _ = pace.tick() => {
                let Ok(profile) = desktop.profile() else { return };
                if language != profile.preferences.language {
                    language.clone_from(&profile.preferences.language);
                    words = words::of(language.as_ref());
                }
                let view = View::of(&words, &profile, &seen.quotes, seen.providers.values(), Timestamp::now());
                if shown.as_ref() != Some(&view) {
                    tray.show(&app, view.clone());
                    shown = Some(view);
                }
            }
        }
    }
}

/// What the tray has heard of. Bounded by what is followed.
#[derive(Debug, Default)]
struct Seen {
    quotes: HashMap<Symbol, Quote>,
    providers: HashMap<String, ProviderHealth>,
}

impl Seen {
    fn take_in(&mut self, message: StreamMessage) {
        match message {
            StreamMessage::Snapshot(quotes) => {
                self.quotes.clear();
                self.take_in(StreamMessage::Batch(quotes));
            }
            StreamMessage::Batch(quotes) => {
                self.quotes.extend(quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)));
            }
            StreamMessage::Gone(symbols) => self.quotes.retain(|symbol, _| !symbols.contains(symbol)),
            StreamMessage::Provider(health) => {
                self.providers.insert(health.name.clone(), health);
            }
            StreamMessage::Alert(_)
            | StreamMessage::AlertLog(_)
            | StreamMessage::Watchlists(_)
            | StreamMessage::Preferences(_) => {}
        }
    }
}

/// Pauses alerts for an hour, or ends the pause.
async fn toggle_pause(app: AppHandle) {
    let desktop = app.state::<Desktop>();
    let now = Timestamp::now();
    let toggled = desktop.choose(|chosen| {
        let paused = chosen.alerts_paused_until.is_some_and(|until| until > now);
        chosen.alerts_paused_until = if paused { None } else { now.checked_add(Span::new().hours(PAUSE_HOURS)).ok() };
    });
    if let Err(error) = toggled.await {
        tracing::warn!(message = error.message, "alerts are neither paused nor resumed");
    }
}
