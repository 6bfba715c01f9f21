//! What the program says outside of its window, in one language: the texts of `locales/system`, each under a name of its own,
//! and how that language writes numbers.
//!
//! It never makes a sentence of its own: which numbers stand in it and how they are rounded is `notifier/text.rs`'s.

use std::fmt;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use icu_decimal::{DecimalFormatter, DecimalFormatterPreferences, input::Decimal, options::DecimalFormatterOptions};
use icu_locale_core::Locale;
use market::Language;
use unic_langid::LanguageIdentifier;

/// Every language there is, by its tag, with its texts.
const LANGUAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));
/// What everybody is spoken to whose language there is not.
const FALLBACK: &str = "en";

/// The words of one language. Not cheap to make: make it when the language changes, or for what is rare.
pub struct Words {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
    /// Whose numbers. What writes them is no matter of two threads, and cheap: its data are in the program.
    numbers: DecimalFormatterPreferences,
}

impl Words {
    /// The chosen language, else the first of the reader's (BCP 47 tags, best first) that there is, else English.
    pub fn new(chosen: Option<&Language>, readers: &[String]) -> Self {
        let mut wanted = chosen.map(Language::as_str).into_iter().chain(readers.iter().map(String::as_str));
        let found = wanted.find_map(|reader| Some((reader, language_of(reader)?)));
        let (locale, (tag, texts)) = found.unwrap_or((FALLBACK, language_of(FALLBACK).unwrap_or((FALLBACK, ""))));
        Self { tag, bundle: bundle(locale, texts), numbers: numbers(locale) }
    }

    /// Its tag, such as `de`.
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// A number as the language writes it, with the digits that it has.
    pub(crate) fn decimal(&self, number: &Decimal) -> String {
        let decimals = DecimalFormatter::try_new(self.numbers, DecimalFormatterOptions::default());
        decimals.map_or_else(|_| number.to_string(), |decimals| decimals.format(number).to_string())
    }

    fn say(&self, id: &str, filled_in: &FluentArgs<'_>) -> String {
        let pattern = self.bundle.get_message(id).and_then(|message| message.value());
        // A test holds every language to what it is filled in with.
        let text = pattern.map(|pattern| self.bundle.format_pattern(pattern, Some(filled_in), &mut Vec::new()));
        text.map_or_else(|| id.to_owned(), String::from)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.tag).finish()
    }
}

/// `de` for `de-AT`; that of the very tag where there is one.
fn language_of(reader: &str) -> Option<(&'static str, &'static str)> {
    let same = |tag: &str| LANGUAGES.iter().find(|(language, _)| language.eq_ignore_ascii_case(tag)).copied();
    same(reader).or_else(|| same(reader.split('-').next()?))
}

fn bundle(locale: &str, texts: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![locale.parse::<LanguageIdentifier>().unwrap_or_default()]);
    // `notifier::text` sets apart what needs it.
    bundle.set_use_isolating(false);
    // What cannot be read is left out; a test sees to it that there is no such thing.
    let texts = FluentResource::try_new(texts.to_owned()).unwrap_or_else(|(readable, _)| readable);
    bundle.add_resource_overriding(texts);
    bundle
}

fn numbers(locale: &str) -> DecimalFormatterPreferences {
    Locale::try_from_str(locale).unwrap_or(Locale::UNKNOWN).into()
}

/// One function for each text, so that none is said that there is not, nor without what is filled in.
macro_rules! texts {
    ($($id:literal => $name:ident($($filled:ident: $kind:ty),*);)*) => {
        impl Words {
            $(
                #[doc = concat!("The text `", $id, "`.")]
                pub fn $name(&self $(, $filled: $kind)*) -> String {
                    let filled_in: &[(&str, FluentValue<'_>)] = &[$((stringify!($filled), $filled.into())),*];
                    self.say($id, &filled_in.iter().cloned().collect())
                }
            )*
        }

        /// Every text: its id, the name of its function, and what is filled in.
        #[cfg(test)]
        const TEXTS: &[(&str, &str, &[&str])] = &[$(($id, stringify!($name), &[$(stringify!($filled)),*])),*];
    };
}

texts! {
    "alert-title" => alert_title(name: &str, rule: &str);
    "alert-name" => alert_name(alias: &str, symbol: &str);
    "alert-above" => alert_above(price: &str);
    "alert-below" => alert_below(price: &str);
    "alert-day-move" => alert_day_move(percent: &str);
    "alert-move-within" => alert_move_within(percent: &str, minutes: &str);
    "alert-year-high" => alert_year_high();
    "alert-year-low" => alert_year_low();
    "alert-volume-spike" => alert_volume_spike(times: &str);
    "alert-price" => alert_price(price: &str, percent: &str);
    "alert-set-at" => alert_set_at(price: &str);
    "alert-moved" => alert_moved(percent: &str);
    "alert-delayed" => alert_delayed(time: &str, minutes: &str);
    "alerts-many" => alerts_many(n: usize, count: &str);
    "digest-title" => digest_title();
    "test-notification" => test_notification();
    "button-open" => button_open();
    "button-mute" => button_mute();
    "button-delete" => button_delete();
    "mark-simulated" => mark_simulated();
    "mark-replay" => mark_replay();
    "tray-simulated" => tray_simulated();
    "tray-replay" => tray_replay();
    "feed-simulated" => feed_simulated();
    "feed-replay" => feed_replay();
    "feed-connecting" => feed_connecting();
    "feed-stale" => feed_stale(time: &str, name: &str);
    "feed-slow" => feed_slow(name: &str);
    "feed-closed" => feed_closed(name: &str);
    "feed-live" => feed_live(name: &str);
    "feed-delayed" => feed_delayed(name: &str, minutes: &str);
    "provider-ecb" => provider_ecb();
    "tray-open" => tray_open();
    "tray-strip" => tray_strip();
    "tray-pause" => tray_pause();
    "tray-resume" => tray_resume(time: &str);
    "tray-settings" => tray_settings();
    "tray-quit" => tray_quit();
    "strip-title" => strip_title();
    "window-failing" => window_failing();
    "dialog-open" => dialog_open();
    "dialog-save" => dialog_save();
}

#[cfg(test)]
mod tests;
