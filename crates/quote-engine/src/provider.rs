//! Who sells data: the seam behind which everything a vendor does differently stays.
//!
//! Vendor knowledge (URLs, headers, field names) lives in the folder of that vendor and nowhere else.

pub mod backoff;
pub mod binance;
pub mod clock;
pub mod coinbase;
pub(crate) mod cooldown;
mod crypto;
pub mod ecb;
pub mod finnhub;
pub mod http;
mod kept_file;
mod renewed;
pub mod replay;
pub mod settings;
pub mod simulated;
pub mod socket;
pub mod stream;
pub mod text;
pub mod yahoo;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use market::{
    HealthCode, History, Instrument, Kind, MarketList, Quote, Range, Split, Symbol, TradingHours,
    schedule::RequestLimits,
};
use tokio::sync::watch;

use stream::TickSender;

/// A source of quotes.
#[async_trait]
pub trait Provider: fmt::Debug + Send + Sync {
    /// Its name, as in `Quote::source`, `provider/<name>` and the configuration.
    fn name(&self) -> &'static str;

    /// What it can do, and how often it may be asked.
    fn capabilities(&self) -> Capabilities;

    /// Whether it may know a symbol, judged by how that is written; asks nobody.
    fn covers(&self, symbol: &Symbol) -> bool;

    /// The latest quotes of up to `capabilities().limits` symbols, in one request where the vendor allows.
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Answer, ProviderError>;

    /// Instruments whose symbol or name fits what a person typed, best first.
    async fn search(&self, _text: &str) -> Result<Vec<Instrument>, ProviderError> {
        Err(ProviderError::NotOffered { provider: self.capabilities().display_name, what: "a search" })
    }

    /// The bars of a symbol.
    async fn history(&self, _symbol: &Symbol, _range: Range) -> Result<History, ProviderError> {
        Err(ProviderError::NotOffered { provider: self.capabilities().display_name, what: "charts" })
    }

    /// The day's courses of many symbols in few requests; those that are not known are left out.
    async fn sparks(&self, _symbols: &[Symbol]) -> Result<Vec<History>, ProviderError> {
        Err(ProviderError::NotOffered { provider: self.capabilities().display_name, what: "small charts" })
    }

    /// The splits of a symbol in the last years and the next day, the oldest first.
    async fn splits(&self, _symbol: &Symbol) -> Result<Vec<Split>, ProviderError> {
        Err(ProviderError::NotOffered { provider: self.capabilities().display_name, what: "splits" })
    }

    /// What a list of the vendor's names at the moment, first things first.
    async fn list(&self, _list: MarketList) -> Result<Vec<Instrument>, ProviderError> {
        Err(ProviderError::NotOffered { provider: self.capabilities().display_name, what: "lists of the market" })
    }

    /// Sends the ticks of what is wanted (the most important first) until it is dropped; connects again by itself.
    /// Ends at once where there is no stream.
    async fn stream(&self, _wanted: watch::Receiver<Arc<[Symbol]>>, _ticks: TickSender) {}
}

/// What a provider can do, and how often it may be asked.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Capabilities {
    /// Its name in messages.
    pub display_name: &'static str,
    /// The kinds of instruments it has quotes of.
    pub kinds: &'static [Kind],
    /// What one request for quotes carries at the most, and how many may be made.
    pub limits: RequestLimits,
    /// Bytes a symbol takes up in a request.
    pub symbol_cost: fn(&Symbol) -> usize,
    /// The provider's own rhythm, where it has one that overrides the configured interval.
    pub tick: Option<Duration>,
    /// How old its prices are.
    pub delay: Delay,
    /// Symbols its stream carries at the most; 0 where it has none.
    pub stream_max: usize,
    /// Whether its quotes carry what is shown beside a price: name, 52 weeks, market capitalisation.
    pub figures: bool,
    /// Whether it finds instruments by name.
    pub search: bool,
    /// Whether it has bars.
    pub history: bool,
    /// Whether it wants a key of the user's.
    pub needs_key: bool,
}

impl Capabilities {
    /// Quotes as the trade happens, and nothing else; a symbol takes up a byte.
    pub const fn of(display_name: &'static str, kinds: &'static [Kind], limits: RequestLimits) -> Self {
        Self {
            display_name,
            kinds,
            limits,
            symbol_cost: |_| 1,
            tick: None,
            delay: Delay::None,
            stream_max: 0,
            figures: false,
            search: false,
            history: false,
            needs_key: false,
        }
    }
}

/// How old a provider's prices are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// As the trade happens.
    None,
    /// It depends on the exchange; each quote says it.
    ByExchange,
    /// One price a day.
    Daily,
}

/// What came back of a request for quotes. A bad row never spoils the good ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The good rows.
    pub quotes: Vec<Quote>,
    /// Symbols that were asked for and that the provider does not know.
    pub unknown: Vec<Symbol>,
    /// Those of them that it did know once: delisted or renamed.
    pub delisted: Vec<Symbol>,
    /// Rows that made no sense, with the reason; the last good price of these stays.
    pub rejected: Vec<(Symbol, String)>,
    /// Trading hours of the day, where the answer told them; not of every symbol.
    pub hours: Vec<(Symbol, TradingHours)>,
    /// What the user should know about how the answer was had, such as a slower fall-back.
    pub note: Option<Note>,
}

/// What is wrong, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// For programs; `None` where there is no word for it.
    pub code: Option<HealthCode>,
    /// In words a user understands.
    pub text: String,
}

impl Note {
    /// Both.
    pub fn new(code: HealthCode, text: impl Into<String>) -> Self {
        Self { code: Some(code), text: text.into() }
    }
}

impl From<&ProviderError> for Note {
    fn from(error: &ProviderError) -> Self {
        Self { code: error.code(), text: error.to_string() }
    }
}

/// Why a provider did not answer. The message is for the user: what was being done, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No connection, a time-out, or the answer broke off.
    #[error("{provider} does not answer ({detail})")]
    Unreachable {
        /// The provider's display name.
        provider: &'static str,
        /// What happened, in a few words.
        detail: String,
    },
    /// Too many requests.
    #[error("{provider} asked us to slow down")]
    RateLimited {
        /// The provider's display name.
        provider: &'static str,
        /// How long it asks us to wait, where it says.
        retry_after: Option<Duration>,
    },
    /// It wants a key of the user's, and there is none.
    #[error("{provider} needs a key, and none is set")]
    KeyMissing {
        /// The provider's display name.
        provider: &'static str,
    },
    /// It does not accept the user's key.
    #[error("{provider} did not accept the key ({detail})")]
    KeyRejected {
        /// The provider's display name.
        provider: &'static str,
        /// What it said.
        detail: String,
    },
    /// It does not do this at all.
    #[error("{provider} has no {what}", what = what.trim_start_matches("a "))]
    NotOffered {
        /// The provider's display name.
        provider: &'static str,
        /// What was asked for.
        what: &'static str,
    },
    /// It refuses this network or this client.
    #[error("{provider} refuses this network ({detail})")]
    Refused {
        /// The provider's display name.
        provider: &'static str,
        /// What it said.
        detail: String,
    },
    /// It wants a decision of the user's first.
    #[error("{provider} gives nothing yet ({detail})")]
    Undecided {
        /// The provider's display name.
        provider: &'static str,
        /// Which, and where it is made.
        detail: String,
    },
    /// It does not know the symbol.
    #[error("{provider} does not know {symbol}")]
    UnknownSymbol {
        /// The provider's display name.
        provider: &'static str,
        /// What was asked for.
        symbol: Symbol,
    },
    /// An engine in another process tells why.
    #[error("{text}")]
    Elsewhere {
        /// In its words.
        text: String,
        /// Whether it lies with what was asked for.
        never: bool,
    },
    /// It answered something that is no answer.
    #[error("{provider} answered something that is not market data ({detail})")]
    Malformed {
        /// The provider's display name.
        provider: &'static str,
        /// What was wrong with it.
        detail: String,
    },
}

/// What a caller should do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It lies with the symbol: asking again changes nothing soon.
    Never,
    /// It may pass: ask again with growing pauses.
    Backoff,
    /// Not before this time has passed.
    After(Duration),
    /// Not before the user has changed something.
    Stop,
}

/// How long to leave a provider alone that says "too many requests" without saying for how long.
pub const RATE_LIMIT_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause a provider can impose.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(15 * 60);

impl ProviderError {
    /// What to do about it.
    pub fn retry(&self) -> Retry {
        match self {
            Self::UnknownSymbol { .. } | Self::NotOffered { .. } | Self::Elsewhere { never: true, .. } => Retry::Never,
            Self::KeyMissing { .. } | Self::KeyRejected { .. } => Retry::Stop,
            Self::RateLimited { retry_after, .. } => {
                Retry::After(retry_after.unwrap_or(RATE_LIMIT_PAUSE).min(RETRY_AFTER_MAX))
            }
            Self::Refused { .. } | Self::Undecided { .. } => Retry::After(RATE_LIMIT_PAUSE),
            Self::Unreachable { .. } | Self::Malformed { .. } | Self::Elsewhere { .. } => Retry::Backoff,
        }
    }

    /// What it says about the provider, for programs; `None` where it lies with what was asked for.
    pub fn code(&self) -> Option<HealthCode> {
        match self {
            Self::UnknownSymbol { .. } | Self::NotOffered { .. } | Self::Elsewhere { .. } => None,
            Self::KeyMissing { .. } => Some(HealthCode::KeyMissing),
            Self::KeyRejected { .. } => Some(HealthCode::KeyRejected),
            Self::Undecided { .. } => Some(HealthCode::Consent),
            Self::Refused { .. } => Some(HealthCode::Refused),
            Self::RateLimited { .. } => Some(HealthCode::RateLimited),
            Self::Unreachable { .. } => Some(HealthCode::Unreachable),
            Self::Malformed { .. } => Some(HealthCode::BadAnswer),
        }
    }
}
