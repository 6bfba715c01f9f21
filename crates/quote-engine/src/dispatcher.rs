//! The dispatcher: routes each quote to the topics of the users who picked it, and rules on their alerts.
//!
//! It never fetches and never delivers: what fired is published, and whoever delivers hears it from the bus.

mod digests;
mod rules;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use bus::{Bus, Interest, Message, Topic, Unread};
use jiff::{Timestamp, tz::TimeZone};
use market::{AlertFired, AlertLog, Digest, LogEvent, Quote, Symbol, UserName, quote::REPLAY};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};
use tokio_util::sync::CancellationToken;

use self::{
    digests::Digests,
    rules::{Fires, Past, Rules},
};
use crate::{
    desk::{DeskHandle, Happened},
    peers::Peers,
    store::{Account, Accounts},
    token,
};

/// How often is looked whether a daily digest is due.
const DIGEST_LOOK: Duration = Duration::from_secs(30);
/// How often the desk is asked again what rules told before.
const RULE_RETRY: Duration = Duration::from_secs(1);

/// Routes and rules.
#[derive(Debug)]
pub struct Dispatcher {
    bus: Bus,
    desk: DeskHandle,
    /// Whether made-up prices may fire alerts: where the user chose them, not where they stand in.
    alerts_on_simulated: bool,
    digest_look: Duration,
    accounts: Arc<Accounts>,
    /// What each user picked, as published so far.
    picks: HashMap<UserName, BTreeSet<Symbol>>,
    /// The same by symbol.
    pickers: HashMap<Symbol, BTreeSet<UserName>>,
    /// The newest of each symbol, as it came: thousands may come a second, and few are ever read.
    quotes: HashMap<Symbol, Unread>,
    rules: Rules,
    digests: Digests,
    /// The dispatchers that share the users.
    peers: Peers,
    /// The users that are ours.
    mine: BTreeSet<UserName>,
    /// Of those, the ones whose rules wait: what they told before is not known, since the desk is out of reach.
    unruled: BTreeSet<UserName>,
}

impl Dispatcher {
    /// A dispatcher for the users of this desk.
    pub fn new(bus: Bus, desk: DeskHandle, alerts_on_simulated: bool) -> Self {
        Self {
            bus,
            desk,
            alerts_on_simulated,
            digest_look: DIGEST_LOOK,
            accounts: Arc::default(),
            picks: HashMap::new(),
            pickers: HashMap::new(),
            quotes: HashMap::new(),
            rules: Rules::default(),
            digests: Digests::default(),
            peers: Peers::alone(),
            mine: BTreeSet::new(),
            unruled: BTreeSet::new(),
        }
    }

    /// Shares the users with these dispatchers.
    #[must_use]
    pub fn sharing(self, peers: Peers) -> Self {
        Self { peers, ..self }
    }

    /// Looks so often whether a daily digest is due.
    #[must_use]
    pub fn looking_every(self, digest_look: Duration) -> Self {
        Self { digest_look, ..self }
    }

    /// Routes and rules until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut quotes = self.bus.subscribe(&[Interest::Quotes]).await;
        let mut accounts = self.desk.accounts();
        let mut online = self.peers.online();
        online.borrow_and_update();
        let now = Arc::clone(&accounts.borrow_and_update());
        self.take_in_accounts(now).await;
        let mut tries = interval(RULE_RETRY);
        tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut digest_look = interval_at(Instant::now() + self.digest_look, self.digest_look);
        digest_look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                Ok(()) = accounts.changed() => {
                    let now = Arc::clone(&accounts.borrow_and_update());
                    self.take_in_accounts(now).await;
                }
                Ok(()) = online.changed() => {
                    online.borrow_and_update();
                    self.take_in_accounts(Arc::clone(&self.accounts)).await;
                }
                _ = tries.tick(), if !self.unruled.is_empty() => self.rule_on_the_rest().await,
                _ = digest_look.tick() => self.make_digests().await,
                heard = quotes.recv_unread() => match heard {
                    Some(heard) => self.hear(heard).await,
                    None => return,
                },
            }
        }
    }

    /// Publishes what users newly picked, clears what they dropped, puts their rules to work. Users that have become
    /// another dispatcher's are left to it, with all that stands on the bus.
    async fn take_in_accounts(&mut self, accounts: Arc<Accounts>) {
        let before = std::mem::replace(&mut self.accounts, Arc::clone(&accounts));
        let mine_before = std::mem::take(&mut self.mine);
        let peers = self.peers.clone();
        for (user, account) in accounts.iter().filter(|(user, _)| peers.is_mine(user.as_str())) {
            self.mine.insert(user.clone());
            let known = before.get(user).filter(|_| mine_before.contains(user));
            if known.is_none_or(|known| known.profile != account.profile) {
                self.take_in_rules(user, known, account).await;
                let picks = account.profile.watchlists.iter().flat_map(|list| list.symbols.iter().cloned());
                self.take_in_picks(user, picks.collect()).await;
            }
        }
        for user in mine_before.difference(&self.mine.clone()) {
            if let Some(gone) = before.get(user) {
                self.drop_rules(user, gone);
            }
            if accounts.contains_key(user) {
                self.hand_over_picks(user);
            } else {
                self.take_in_picks(user, BTreeSet::new()).await;
            }
            self.picks.remove(user);
        }
    }

    /// Where it is not known what a user's rules told before, none is at work: it would be told twice.
    async fn take_in_rules(&mut self, user: &UserName, before: Option<&Account>, account: &Account) {
        let before = before.filter(|_| !self.unruled.contains(user));
        match self.desk.alert_log(user).await {
            Ok(log) => self.set_rules(user, before, account, &log),
            Err(error) => {
                tracing::warn!(%user, %error, "alerts wait until it is known what they told before");
                if let Some(before) = before {
                    self.drop_rules(user, before);
                }
                self.unruled.insert(user.clone());
            }
        }
    }

    async fn rule_on_the_rest(&mut self) {
        let accounts = Arc::clone(&self.accounts);
        for user in self.unruled.clone() {
            let Some(account) = accounts.get(&user).filter(|_| self.mine.contains(&user)) else {
                self.unruled.remove(&user);
                continue;
            };
            let Ok(log) = self.desk.alert_log(&user).await else { return };
            self.set_rules(&user, None, account, &log);
        }
    }

    fn set_rules(&mut self, user: &UserName, before: Option<&Account>, account: &Account, log: &AlertLog) {
        self.unruled.remove(user);
        let (now, profile) = (Timestamp::now(), &account.profile);
        let (quotes, on_simulated) = (&self.quotes, self.alerts_on_simulated);
        let quote = |symbol: &Symbol| read(quotes.get(symbol)?).filter(|quote| on_simulated || !quote.is_simulated());
        let past = Past { log, quote: &quote, now };
        let known = before.map_or(&[][..], |before| &before.profile.alerts);
        if known != profile.alerts {
            self.rules.set_alerts(user, known, &profile.alerts, &past);
        }
        self.rules.set_day_moves(user, &before.map(watched).unwrap_or_default(), &watched(account), &past);
    }

    fn drop_rules(&mut self, user: &UserName, gone: &Account) {
        let log = AlertLog::default();
        let past = Past { log: &log, quote: &|_| None, now: Timestamp::now() };
        self.rules.set_alerts(user, &gone.profile.alerts, &[], &past);
        self.rules.set_day_moves(user, &watched(gone), &BTreeSet::new(), &past);
        self.digests.forget(user);
        self.unruled.remove(user);
    }

    /// Another dispatcher routes for this user now.
    fn hand_over_picks(&mut self, user: &UserName) {
        for symbol in self.picks.remove(user).unwrap_or_default() {
            self.pick_no_more(user, &symbol);
        }
    }

    fn pick_no_more(&mut self, user: &UserName, symbol: &Symbol) {
        if let Some(pickers) = self.pickers.get_mut(symbol) {
            pickers.remove(user);
            if pickers.is_empty() {
                self.pickers.remove(symbol);
            }
        }
    }

    async fn take_in_picks(&mut self, user: &UserName, picks: BTreeSet<Symbol>) {
        let before = self.picks.insert(user.clone(), picks.clone()).unwrap_or_default();
        for dropped in before.difference(&picks) {
            self.pick_no_more(user, dropped);
            self.say(Message::UserQuoteGone(user.clone(), dropped.clone())).await;
        }
        for picked in picks.difference(&before) {
            self.pickers.entry(picked.clone()).or_default().insert(user.clone());
            if let Some(quote) = self.quote(picked) {
                self.say(Message::UserQuote(user.clone(), quote)).await;
            }
        }
    }

    /// The newest quote of a symbol.
    fn quote(&self, symbol: &Symbol) -> Option<Quote> {
        read(self.quotes.get(symbol)?)
    }

    async fn hear(&mut self, heard: Unread) {
        let Topic::Quote(symbol) = heard.topic() else { return };
        let symbol = symbol.clone();
        if heard.is_gone() {
            return self.forget(&symbol).await;
        }
        if !self.pickers.contains_key(&symbol) && !self.rules.concern(&symbol) {
            self.quotes.insert(symbol, heard);
        } else if let Some(Message::Quote(quote)) = heard.read() {
            self.take_in(&quote).await;
            self.quotes.insert(symbol, heard);
        }
    }

    async fn take_in(&mut self, quote: &Quote) {
        for user in self.pickers.get(&quote.symbol).into_iter().flatten() {
            self.say(Message::UserQuote(user.clone(), quote.clone())).await;
        }
        if self.may_alert(quote) {
            let now = Timestamp::now();
            for fires in self.rules.observe(quote, now) {
                self.tell(fires, quote, now).await;
            }
        }
    }

    fn may_alert(&self, quote: &Quote) -> bool {
        self.alerts_on_simulated || !quote.is_simulated()
    }

    /// Hands what fired to the desk, which writes it down before anybody hears of it. A recording switches nothing off
    /// for good.
    async fn tell(&self, fires: Fires, quote: &Quote, now: Timestamp) {
        let Some(account) = self.accounts.get(&fires.user) else { return };
        let silent = account.profile.preferences.silence(Some(&quote.symbol), now, &TimeZone::system());
        let spent = (fires.once && quote.source != REPLAY).then(|| fires.alert_id.clone());
        let user = fires.user.clone();
        let event = LogEvent::Alert(fired(fires, quote, now));
        self.desk.write_down(Happened { user, event, silent, spent }).await;
    }

    /// Makes the daily digests that are due. Where no market has traded yet, it is looked again later.
    async fn make_digests(&mut self) {
        let (now, accounts) = (Timestamp::now(), Arc::clone(&self.accounts));
        for (user, account) in accounts.iter().filter(|(user, _)| self.mine.contains(*user)) {
            let preferences = &account.profile.preferences;
            // Nearly always it is not, whatever the log says.
            if !self.digests.is_due(user, preferences, None, now) {
                continue;
            }
            let Ok(log) = self.desk.alert_log(user).await else { continue };
            if !self.digests.is_due(user, preferences, log.digest_on(), now) {
                continue;
            }
            let picks = self.picks.get(user).into_iter().flatten();
            let heard = picks.filter(|symbol| !preferences.mutes(symbol, now)).filter_map(|symbol| self.quote(symbol));
            let quotes = heard.filter(|quote| self.may_alert(quote));
            let zone = preferences.zone(&TimeZone::system());
            if let Some(digest) = Digest::of(token::generate(), user.to_string(), quotes, now, &zone) {
                self.digests.done_for_today(user, preferences, now);
                let silent = preferences.silence(None, now, &TimeZone::system());
                let event = LogEvent::Digest(digest);
                self.desk.write_down(Happened { user: user.clone(), event, silent, spent: None }).await;
            }
        }
    }

    async fn forget(&mut self, symbol: &Symbol) {
        self.quotes.remove(symbol);
        for user in self.pickers.get(symbol).into_iter().flatten() {
            self.say(Message::UserQuoteGone(user.clone(), symbol.clone())).await;
        }
    }

    async fn say(&self, message: Message) {
        if let Err(error) = self.bus.publish(&message).await {
            tracing::warn!(%error, "not published");
        }
    }
}

/// The symbols whose moves on the day a user is told of.
fn watched(account: &Account) -> BTreeSet<Symbol> {
    let lists = account.profile.watchlists.iter().filter(|_| account.profile.preferences.day_move_alerts);
    lists.flat_map(|list| list.symbols.iter().cloned()).collect()
}

fn read(quote: &Unread) -> Option<Quote> {
    match quote.read()? {
        Message::Quote(quote) => Some(quote),
        _ => None,
    }
}

/// What is told of an alert that fires on a quote.
fn fired(fires: Fires, quote: &Quote, now: Timestamp) -> AlertFired {
    let Fires { user, alert_id, condition, extended_hours, firing, .. } = fires;
    AlertFired {
        id: token::generate(),
        alert_id,
        user: user.into(),
        symbol: quote.symbol.clone(),
        condition,
        price: quote.ruling_price(extended_hours),
        change_percent: quote.day_move(extended_hours),
        moved_percent: firing.moved_percent,
        currency: quote.currency.clone(),
        price_digits: quote.price_digits,
        quoted_at: quote.ruling_time(extended_hours),
        fired_at: now,
        source: quote.source.clone(),
        delay_minutes: quote.delay_minutes,
        time_zone: quote.time_zone.clone(),
    }
}
