//! Every rule that is at work, by the symbol it is about: a quote meets those of its own symbol and no others.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use market::{
    Alert, AlertFired, AlertLog, Condition, Quote, Symbol, UserName,
    alert::{Armed, DAY_MOVE_ALERT, DailyMove, Firing},
    profile::DAY_MOVE_PERCENT,
    quote::{REPLAY, SIMULATED},
};

/// The rules of everybody.
#[derive(Debug, Default)]
pub(super) struct Rules {
    alerts: HashMap<Symbol, Vec<(UserName, Armed)>>,
    /// The rule that everybody has, without setting anything up, on what is followed.
    day_moves: HashMap<Symbol, Vec<(UserName, DailyMove)>>,
}

/// What has fired.
#[derive(Debug)]
pub(super) struct Fires {
    pub(super) user: UserName,
    pub(super) alert_id: String,
    pub(super) condition: Condition,
    pub(super) extended_hours: bool,
    /// Whether it was to fire once.
    pub(super) once: bool,
    pub(super) firing: Firing,
}

/// What a new rule sees first: what it told in an earlier run, and the present price, so that the very next one may
/// cross its line.
pub(super) struct Past<'a> {
    pub(super) log: &'a AlertLog,
    pub(super) quote: &'a dyn Fn(&Symbol) -> Option<Quote>,
    pub(super) now: Timestamp,
}

impl Rules {
    /// Whether there is any alert on the symbol.
    pub(super) fn concern(&self, symbol: &Symbol) -> bool {
        self.alerts.contains_key(symbol)
    }

    /// Puts a user's alerts in place of those before. What an unchanged rule has seen still counts.
    pub(super) fn set_alerts(&mut self, user: &UserName, before: &[Alert], alerts: &[Alert], past: &Past<'_>) {
        let mut kept = self.take_alerts(user, before);
        for alert in alerts.iter().filter(|alert| alert.enabled) {
            let known = kept.remove(&alert.id).filter(|armed| armed.rules_as(alert));
            let armed = known.map_or_else(|| past.armed(alert), |armed| armed.with(alert.clone()));
            self.alerts.entry(alert.symbol.clone()).or_default().push((user.clone(), armed));
        }
    }

    fn take_alerts(&mut self, user: &UserName, alerts: &[Alert]) -> HashMap<String, Armed> {
        let mut taken = HashMap::new();
        for symbol in alerts.iter().map(|alert| &alert.symbol).collect::<HashSet<_>>() {
            let Some(present) = self.alerts.get_mut(symbol) else { continue };
            let own = present.extract_if(.., |(owner, _)| owner == user);
            taken.extend(own.map(|(_, armed)| (armed.alert().id.clone(), armed)));
            if present.is_empty() {
                self.alerts.remove(symbol);
            }
        }
        taken
    }

    /// Tells this user of moves on the day of these symbols, and of those before no more.
    pub(super) fn set_day_moves(
        &mut self,
        user: &UserName,
        before: &BTreeSet<Symbol>,
        symbols: &BTreeSet<Symbol>,
        past: &Past<'_>,
    ) {
        for symbol in before.difference(symbols) {
            let Some(present) = self.day_moves.get_mut(symbol) else { continue };
            present.retain(|(owner, _)| owner != user);
            if present.is_empty() {
                self.day_moves.remove(symbol);
            }
        }
        for symbol in symbols.difference(before) {
            self.day_moves.entry(symbol.clone()).or_default().push((user.clone(), past.daily_move(symbol)));
        }
    }

    /// Takes in a quote; gives back what fires.
    pub(super) fn observe(&mut self, quote: &Quote, now: Timestamp) -> Vec<Fires> {
        let mut fires = Vec::new();
        for (user, armed) in self.alerts.get_mut(&quote.symbol).into_iter().flatten() {
            if let Some(firing) = armed.observe(quote, now) {
                let Alert { id, condition, extended_hours, repeat, .. } = armed.alert();
                let (user, alert_id, once) = (user.clone(), id.clone(), !repeat);
                let (condition, extended_hours) = (*condition, *extended_hours);
                fires.push(Fires { user, alert_id, condition, extended_hours, once, firing });
            }
        }
        for (user, daily) in self.day_moves.get_mut(&quote.symbol).into_iter().flatten() {
            if daily.observe(DAY_MOVE_PERCENT, quote) {
                fires.push(Fires {
                    user: user.clone(),
                    alert_id: DAY_MOVE_ALERT.into(),
                    condition: Condition::DayMove(DAY_MOVE_PERCENT),
                    extended_hours: false,
                    once: false,
                    firing: Firing::default(),
                });
            }
        }
        fires
    }
}

impl Past<'_> {
    fn armed(&self, alert: &Alert) -> Armed {
        let mut armed = Armed::new(alert.clone());
        let same = |fired: &&AlertFired| {
            (&fired.alert_id, &fired.symbol, &fired.condition) == (&alert.id, &alert.symbol, &alert.condition)
        };
        if let Some(fired) = self.told().rfind(same) {
            armed.resume(fired);
        }
        if let Some(quote) = (self.quote)(&alert.symbol) {
            armed.observe(&quote, self.now);
        }
        armed
    }

    fn daily_move(&self, symbol: &Symbol) -> DailyMove {
        let mut daily = DailyMove::default();
        let same = |fired: &&AlertFired| fired.alert_id == DAY_MOVE_ALERT && fired.symbol == *symbol;
        self.told().filter(same).for_each(|fired| daily.resume(fired));
        if let Some(quote) = (self.quote)(symbol) {
            daily.observe(DAY_MOVE_PERCENT, &quote);
        }
        daily
    }

    /// What was told of prices of now, oldest first: made-up and recorded ones say nothing of them.
    fn told(&self) -> impl DoubleEndedIterator<Item = &AlertFired> {
        self.log.fired().rev().filter(|fired| !matches!(fired.source.as_str(), SIMULATED | REPLAY))
    }
}
