//! Several symbols can mean one pair (`BTC-USD`, `BTC/USD`): each pair is asked for once, and answered under every
//! name it was asked by.

use std::{collections::HashMap, sync::Arc};

use market::Symbol;
use tokio::sync::watch;

use super::super::{
    Answer,
    socket::Sockets,
    stream::{Delivery, Tick, TickSender, mailbox},
};

/// The pair that a symbol means to an exchange, in our spelling; `None` where it can have none.
pub(in super::super) type Meaning = fn(&Symbol) -> Option<Symbol>;

/// Pairs, in the order in which they are wanted, and what each is called.
#[derive(Debug, Default)]
pub(in super::super) struct Spellings {
    pub(in super::super) pairs: Vec<Symbol>,
    /// Symbols that mean nothing here.
    pub(in super::super) none: Vec<Symbol>,
    names: HashMap<Symbol, Vec<Symbol>>,
}

impl Spellings {
    pub(in super::super) fn of(symbols: &[Symbol], meaning: Meaning) -> Self {
        let mut spellings = Self::default();
        for symbol in symbols {
            let Some(pair) = meaning(symbol) else {
                spellings.none.push(symbol.clone());
                continue;
            };
            let names = spellings.names.entry(pair.clone()).or_default();
            if names.is_empty() {
                spellings.pairs.push(pair);
            }
            if !names.contains(symbol) {
                names.push(symbol.clone());
            }
        }
        spellings
    }

    fn named(&self, pair: &Symbol) -> &[Symbol] {
        self.names.get(pair).map_or(&[], Vec::as_slice)
    }

    fn all_named<'a>(&'a self, pairs: &'a [Symbol]) -> impl Iterator<Item = Symbol> + 'a {
        pairs.iter().flat_map(|pair| self.named(pair)).cloned()
    }

    /// An answer about pairs, as one about what was asked for.
    pub(in super::super) fn answer(&self, about: Answer) -> Answer {
        let each = |pair: &Symbol| self.named(pair).to_vec();
        Answer {
            quotes: about
                .quotes
                .iter()
                .flat_map(|quote| {
                    each(&quote.symbol).into_iter().map(|symbol| market::Quote { symbol, ..quote.clone() })
                })
                .collect(),
            unknown: self.all_named(&about.unknown).chain(self.none.iter().cloned()).collect(),
            rejected: about
                .rejected
                .iter()
                .flat_map(|(pair, why)| each(pair).into_iter().map(|symbol| (symbol, why.clone())))
                .collect(),
            note: about.note,
            ..Answer::default()
        }
    }

    fn ticks(&self, tick: &Tick) -> Vec<Tick> {
        let named = |symbol: &Symbol| match tick {
            Tick::Quote(quote) => {
                Tick::Quote(Box::new(market::Quote { symbol: symbol.clone(), ..quote.as_ref().clone() }))
            }
            Tick::Print(print) => Tick::Print(super::super::stream::Print { symbol: symbol.clone(), ..print.clone() }),
        };
        self.named(market::OfSymbol::symbol(tick)).iter().map(named).collect()
    }

    fn pass_on(&self, delivery: Delivery, ticks: &TickSender) {
        if let Some((error, pairs)) = delivery.lost {
            ticks.lost(error, &self.all_named(&pairs).collect::<Vec<_>>());
        }
        ticks.send(delivery.ticks.iter().flat_map(|tick| self.ticks(tick)));
        if delivery.restored {
            ticks.restored();
        }
    }
}

/// Streams what is wanted: pairs go over the sockets, and what comes is passed on under every name they are wanted by.
pub(in super::super) async fn stream(
    sockets: &Sockets,
    meaning: Meaning,
    mut wanted: watch::Receiver<Arc<[Symbol]>>,
    ticks: TickSender,
) {
    let mut spellings = Spellings::of(&wanted.borrow_and_update(), meaning);
    let (pairs, pairs_wanted) = watch::channel(Arc::from(spellings.pairs.as_slice()));
    let (heard, delivered) = mailbox();
    let running = sockets.run(pairs_wanted, heard);
    tokio::pin!(running);
    loop {
        tokio::select! {
            () = &mut running => return,
            changed = wanted.changed() => {
                if changed.is_err() {
                    return;
                }
                spellings = Spellings::of(&wanted.borrow_and_update(), meaning);
                pairs.send_replace(Arc::from(spellings.pairs.as_slice()));
            }
            delivery = delivered.recv() => spellings.pass_on(delivery, &ticks),
        }
    }
}
