//! When markets open and close next: what the providers told of it, and the calendar. Asks nobody.

use std::collections::BTreeSet;

use market::{Market, MarketHours, Symbol, Timestamp, Timetable};
use tokio::sync::oneshot;

use super::{
    Feed,
    handle::{Command, LocalFeed},
};

/// Symbols whose hours are asked for at once, at the most.
pub const HOURS_MAX: usize = 200;

/// Whose hours somebody wants to know.
#[derive(Debug)]
pub(super) struct HoursWanted {
    symbols: BTreeSet<Symbol>,
    done: oneshot::Sender<Vec<MarketHours>>,
}

impl LocalFeed {
    /// When regular trading in these begins or ends next; those of which nobody knows are left out.
    pub(super) async fn hours(&self, symbols: BTreeSet<Symbol>) -> Vec<MarketHours> {
        let (done, told) = oneshot::channel();
        if self.commands.send(Command::Hours(HoursWanted { symbols, done })).await.is_err() {
            return Vec::new();
        }
        told.await.unwrap_or_default()
    }
}

impl Feed {
    pub(super) fn tell_hours(&self, wanted: HoursWanted) {
        let now = Timestamp::now();
        let told = wanted.symbols.iter().take(HOURS_MAX).filter_map(|symbol| self.hours_of(symbol, now)).collect();
        // Whoever asked may have turned away.
        let _ = wanted.done.send(told);
    }

    /// Of several providers' words the last one counts.
    fn hours_of(&self, symbol: &Symbol, now: Timestamp) -> Option<MarketHours> {
        let quote = self.board.get(symbol);
        let zone = quote.and_then(|quote| quote.time_zone.as_deref());
        let market = Market::of(symbol, quote.and_then(|quote| quote.exchange.as_deref()), zone);
        let told = self.lines.iter().filter_map(|line| line.trading_hours(symbol));
        let timetable = Timetable { hours: told.max_by_key(|hours| hours.told_at), market };
        let hours = timetable.hours_of(symbol, now)?;
        Some(MarketHours { time_zone: zone.map(str::to_owned).or(hours.time_zone), ..hours })
    }
}
