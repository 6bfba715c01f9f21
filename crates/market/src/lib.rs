//! The nouns and the rules of a stock ticker.
//!
//! Every type that crosses a wire (MQTT, REST, the window's IPC, TypeScript) is defined here, once. Nothing in this
//! crate does I/O, waits, or reads a clock: `now` is always a parameter.

pub mod alert;
pub mod alert_log;
pub mod backup;
pub mod bar;
pub mod calendar;
pub mod carry_over;
pub mod conflate;
pub mod currency;
pub mod destination;
pub mod digest;
pub mod health;
pub mod holdings;
pub mod instrument;
pub mod language;
pub mod notes;
pub mod portable;
mod preferences_change;
pub mod price;
pub mod profile;
pub mod push;
pub mod quiet;
pub mod quote;
pub mod rendezvous;
pub mod schedule;
pub mod spike;
pub mod split;
pub mod stream;
pub mod symbol;
pub mod watchlist;

pub use alert::{Alert, AlertDraft, AlertFired, Condition, MoveWithin};
pub use alert_log::{AlertLog, LogEdit, LogEntry, LogEvent, LogSummary};
pub use backup::{Backup, Backups};
pub use bar::{Bar, History, Range};
pub use calendar::{HoursSource, Market, MarketHours, Timetable, TradingHours};
pub use conflate::{Conflator, OfSymbol};
pub use destination::{DeadLetter, Destination, DestinationState, DestinationTest, Destinations, Target};
pub use digest::{Digest, DigestTime, Mover};
pub use health::{HealthCode, KeyPlace, ProviderHealth, ProviderKey, ProviderState};
pub use holdings::{Lot, Position, Rate, Totals, Unvalued, UnvaluedReason, Valuation};
pub use instrument::{Instrument, Kind, MarketList};
pub use language::{Language, LanguageError};
pub use notes::SymbolNote;
pub use portable::{ExportFormat, Import, ImportChoice, ImportError, ImportFault, ImportFormat, ImportProblem};
pub use preferences_change::PreferencesChange;
pub use price::{Price, PriceError};
pub use profile::{Edit, EditError, Edited, Preferences, Profile, UserName};
pub use push::{PushKeys, PushSubscription};
pub use quiet::{Mute, MuteFor, QuietHours, Silence, TimeOfDay};
pub use quote::{Quote, QuoteState, Session, Standstill};
pub use schedule::{PollSchedule, Tier};
pub use split::{SeenSplit, Split};
pub use stream::StreamMessage;
pub use symbol::{Symbol, SymbolError};
pub use watchlist::{Column, GroupBy, ListSort, ListView, Watchlist, Watchlists};

/// A point in time, UTC; RFC 3339 on every wire.
pub use jiff::Timestamp;
