//! The dispatcher: routes each quote to the topics of the users who picked it, and rules on their alerts.
//!
//! It never fetches and never delivers: what fired is published, and whoever delivers hears it from the bus.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use bus::{Bus, Interest, Message, Topic, Unread};
use jiff::Timestamp;
use market::{
    Alert, AlertFired, Condition, Profile, Quote, Symbol, UserName,
    alert::{DAY_MOVE_ALERT, Trigger},
    profile::{DAY_MOVE_PERCENT, Edit},
    quote::REPLAY,
};
use tokio_util::sync::CancellationToken;

use crate::{desk::DeskHandle, store::Accounts, token};

/// The rule that everybody has without setting anything up.
const DAY_MOVE: Condition = Condition::DayMove(DAY_MOVE_PERCENT);

/// Routes and rules.
#[derive(Debug)]
pub struct Dispatcher {
    bus: Bus,
    desk: DeskHandle,
    /// Whether made-up prices may fire alerts: where the user chose them, not where they stand in.
    alerts_on_simulated: bool,
    accounts: Arc<Accounts>,
    /// What each user picked, as published so far.
    picks: HashMap<UserName, BTreeSet<Symbol>>,
    /// Whom somebody picked, or has an alert on. The quotes of the others concern nobody here.
    concerned: HashSet<Symbol>,
    /// The newest of each symbol, as it came: thousands may come a second, and few are ever read.
    quotes: HashMap<Symbol, Unread>,
    memory: HashMap<Rule, Trigger>,
    /// What was to fire once and has, on a price that is not of now: silent here, and still armed where it is kept.
    spent: HashSet<Rule>,
}

/// Whose rule on what a trigger remembers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Rule {
    Alert { user: UserName, id: String, line: String },
    DayMove { user: UserName, symbol: Symbol },
}

impl Rule {
    /// An alert whose condition was edited is a new rule: it must not fire because of what the old one saw. One that was
    /// carried over a split is the same.
    fn of(user: &UserName, alert: &Alert) -> Self {
        let line = match alert.drawn_at {
            Some(drawn) => format!("{} {drawn} {}", alert.symbol, alert.extended_hours),
            None => format!("{} {:?} {}", alert.symbol, alert.condition, alert.extended_hours),
        };
        Self::Alert { user: user.clone(), id: alert.id.clone(), line }
    }
}

impl Dispatcher {
    /// A dispatcher for the users of this desk.
    pub fn new(bus: Bus, desk: DeskHandle, alerts_on_simulated: bool) -> Self {
        Self {
            bus,
            desk,
            alerts_on_simulated,
            accounts: Arc::default(),
            picks: HashMap::new(),
            concerned: HashSet::new(),
            quotes: HashMap::new(),
            memory: HashMap::new(),
            spent: HashSet::new(),
        }
    }

    /// Routes and rules until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut quotes = self.bus.subscribe(&[Interest::Quotes]).await;
        let mut accounts = self.desk.accounts();
        let now = Arc::clone(&accounts.borrow_and_update());
        self.take_in_accounts(now).await;
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                Ok(()) = accounts.changed() => {
                    let now = Arc::clone(&accounts.borrow_and_update());
                    self.take_in_accounts(now).await;
                }
                heard = quotes.recv_unread() => match heard {
                    Some(heard) => self.hear(heard).await,
                    None => return,
                },
            }
        }
    }

    /// Publishes what users newly picked, clears what they dropped, forgets rules that are gone.
    async fn take_in_accounts(&mut self, accounts: Arc<Accounts>) {
        for (user, account) in accounts.iter() {
            let picks: BTreeSet<Symbol> = account.profile.watchlists.iter().flat_map(|l| l.symbols.clone()).collect();
            let before = self.picks.insert(user.clone(), picks.clone()).unwrap_or_default();
            for dropped in before.difference(&picks) {
                self.say(Message::UserQuoteGone(user.clone(), dropped.clone())).await;
            }
            for quote in picks.difference(&before).filter_map(|symbol| self.quote(symbol)) {
                self.say(Message::UserQuote(user.clone(), quote)).await;
            }
        }
        for user in self.picks.keys().filter(|user| !accounts.contains_key(*user)).cloned().collect::<Vec<_>>() {
            for symbol in self.picks.remove(&user).unwrap_or_default() {
                self.say(Message::UserQuoteGone(user.clone(), symbol)).await;
            }
        }
        let alerted = accounts.values().flat_map(|account| &account.profile.alerts).map(|alert| &alert.symbol);
        self.concerned = self.picks.values().flatten().chain(alerted).cloned().collect();
        self.accounts = accounts;
        self.forget_old_rules();
        self.arm_new_rules();
    }

    fn forget_old_rules(&mut self) {
        let accounts = Arc::clone(&self.accounts);
        let armed = accounts.iter().flat_map(|(user, account)| {
            let enabled = account.profile.alerts.iter().filter(|alert| alert.enabled);
            enabled.map(move |alert| Rule::of(user, alert))
        });
        let present: HashSet<Rule> = armed.collect();
        self.spent.retain(|rule| present.contains(rule));
        let picks = &self.picks;
        self.memory.retain(|rule, _| match rule {
            Rule::Alert { .. } => present.contains(rule),
            Rule::DayMove { user, symbol } => picks.get(user).is_some_and(|p| p.contains(symbol)),
        });
    }

    /// A new alert sees the present price first, so that the very next one may cross its line.
    fn arm_new_rules(&mut self) {
        for (user, account) in self.accounts.iter() {
            for alert in account.profile.alerts.iter().filter(|alert| alert.enabled) {
                let rule = Rule::of(user, alert);
                if !self.memory.contains_key(&rule)
                    && let Some(quote) = self.quote(&alert.symbol)
                {
                    let mut trigger = Trigger::default();
                    trigger.observe(&alert.condition, alert.extended_hours, &quote);
                    self.memory.insert(rule, trigger);
                }
            }
        }
    }

    /// The newest quote of a symbol.
    fn quote(&self, symbol: &Symbol) -> Option<Quote> {
        match self.quotes.get(symbol)?.read()? {
            Message::Quote(quote) => Some(quote),
            _ => None,
        }
    }

    async fn hear(&mut self, heard: Unread) {
        let Topic::Quote(symbol) = heard.topic() else { return };
        let symbol = symbol.clone();
        if heard.is_gone() {
            return self.forget(&symbol).await;
        }
        if !self.concerned.contains(&symbol) {
            self.quotes.insert(symbol, heard);
        } else if let Some(Message::Quote(quote)) = heard.read() {
            self.take_in(&quote).await;
            self.quotes.insert(symbol, heard);
        }
    }

    async fn take_in(&mut self, quote: &Quote) {
        let accounts = Arc::clone(&self.accounts);
        for (user, account) in accounts.iter() {
            let picked = self.picks.get(user).is_some_and(|picks| picks.contains(&quote.symbol));
            if picked {
                self.say(Message::UserQuote(user.clone(), quote.clone())).await;
            }
            if self.may_alert(quote) {
                self.rule(user, &account.profile, quote, picked).await;
            }
        }
    }

    fn may_alert(&self, quote: &Quote) -> bool {
        self.alerts_on_simulated || !quote.is_simulated()
    }

    async fn rule(&mut self, user: &UserName, profile: &Profile, quote: &Quote, picked: bool) {
        let now = Timestamp::now();
        let paused = profile.preferences.alerts_paused_until.is_some_and(|until| now < until);
        let mut fired = Vec::new();
        for alert in profile.alerts.iter().filter(|alert| alert.enabled && alert.symbol == quote.symbol) {
            let rule = Rule::of(user, alert);
            let trigger = self.memory.entry(rule.clone()).or_default();
            if trigger.observe(&alert.condition, alert.extended_hours, quote) && !self.spent.contains(&rule) {
                fired.push((alert.id.as_str(), alert.condition, alert.extended_hours));
                if !alert.repeat {
                    self.disable(rule, user, alert, quote);
                }
            }
        }
        if picked && profile.preferences.day_move_alerts {
            let rule = Rule::DayMove { user: user.clone(), symbol: quote.symbol.clone() };
            if self.memory.entry(rule).or_default().observe_daily(&DAY_MOVE, quote) {
                fired.push((DAY_MOVE_ALERT, DAY_MOVE, false));
            }
        }
        for (alert_id, condition, extended_hours) in fired.into_iter().filter(|_| !paused) {
            let told = AlertFired {
                id: token::generate(),
                alert_id: alert_id.into(),
                user: user.to_string(),
                symbol: quote.symbol.clone(),
                condition,
                price: quote.ruling_price(extended_hours),
                change_percent: quote.day_move(extended_hours),
                currency: quote.currency.clone(),
                price_digits: quote.price_digits,
                quoted_at: quote.extended_at.filter(|_| extended_hours).unwrap_or(quote.quoted_at),
                fired_at: now,
                source: quote.source.clone(),
                delay_minutes: quote.delay_minutes,
                time_zone: quote.time_zone.clone(),
            };
            self.say(Message::Alert(user.clone(), told)).await;
        }
    }

    /// An alert that was to fire once has: the desk writes that down, on its own time. A recording switches nothing off
    /// for good.
    fn disable(&mut self, rule: Rule, user: &UserName, alert: &Alert, quote: &Quote) {
        if quote.source == REPLAY {
            self.spent.insert(rule);
            return;
        }
        let (desk, user, id) = (self.desk.clone(), user.clone(), alert.id.clone());
        tokio::spawn(async move {
            if let Err(error) = desk.apply(&user, Edit::DisableAlert { id }).await {
                tracing::warn!(%user, %error, "an alert that fired is not written down as such");
            }
        });
    }

    async fn forget(&mut self, symbol: &Symbol) {
        self.quotes.remove(symbol);
        let pickers: Vec<UserName> =
            self.picks.iter().filter(|(_, picks)| picks.contains(symbol)).map(|(user, _)| user.clone()).collect();
        for user in pickers {
            self.say(Message::UserQuoteGone(user, symbol.clone())).await;
        }
    }

    async fn say(&self, message: Message) {
        if let Err(error) = self.bus.publish(&message).await {
            tracing::warn!(%error, "not published");
        }
    }
}
