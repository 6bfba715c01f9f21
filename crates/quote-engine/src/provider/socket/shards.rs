//! Deals symbols out over connections.

use std::collections::HashSet;

use market::Symbol;
use tokio::sync::watch;

use super::SocketLimits;

/// However little a connection tells, it is asked for this much.
const SYMBOLS_MIN: usize = 10;

/// Which symbols go over which connection: a symbol stays where it is while it is wanted.
pub(super) struct Shards {
    limits: SocketLimits,
    shards: Vec<watch::Sender<Vec<Symbol>>>,
}

impl Shards {
    pub(super) fn new(limits: SocketLimits) -> Self {
        Self { limits, shards: Vec::new() }
    }

    /// No connection carries more than so many symbols from now on.
    pub(super) fn shrink(&mut self, to: usize) {
        self.limits.symbols_max = self.limits.symbols_max.min(to).max(SYMBOLS_MIN);
    }

    /// Deals out what is wanted, the most important first; gives back what new connections listen to.
    pub(super) fn deal(&mut self, wanted: &[Symbol]) -> Vec<watch::Receiver<Vec<Symbol>>> {
        let room = self.limits.symbols_max * self.limits.connections_max;
        let wanted = &wanted[..wanted.len().min(room)];
        let mut open: HashSet<&Symbol> = wanted.iter().collect();
        let mut dealt: Vec<Vec<Symbol>> = self.shards.iter().map(|shard| shard.borrow().clone()).collect();
        for shard in &mut dealt {
            shard.retain(|symbol| open.remove(symbol));
            // What a connection that has shrunk cannot carry any more.
            open.extend(
                wanted.iter().filter(|symbol| shard.iter().skip(self.limits.symbols_max).any(|s| s == *symbol)),
            );
            shard.truncate(self.limits.symbols_max);
        }
        let mut rest: Vec<Symbol> = wanted.iter().filter(|symbol| open.remove(symbol)).cloned().collect();
        for shard in &mut dealt {
            let free = self.limits.symbols_max.saturating_sub(shard.len()).min(rest.len());
            shard.extend(rest.drain(..free));
        }
        for (shard, symbols) in self.shards.iter().zip(dealt) {
            shard.send_if_modified(|before| {
                let changed = *before != symbols;
                *before = symbols;
                changed
            });
        }
        // An empty connection closes; its place is free.
        self.shards.retain(|shard| !shard.borrow().is_empty());
        self.opened(&rest)
    }

    fn opened(&mut self, rest: &[Symbol]) -> Vec<watch::Receiver<Vec<Symbol>>> {
        let open = |symbols: &[Symbol]| watch::channel(symbols.to_vec());
        let (senders, receivers): (Vec<_>, Vec<_>) = rest.chunks(self.limits.symbols_max.max(1)).map(open).unzip();
        self.shards.extend(senders);
        receivers
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use proptest::prelude::*;

    use super::*;

    const LIMITS: SocketLimits =
        SocketLimits { symbols_max: 3, connections_max: 4, pace: Duration::ZERO, silence_max: Duration::from_secs(60) };

    proptest! {
        /// However wishes change: no connection over its bound, nobody twice, the first ones are on, and who stays
        /// stays on the same connection.
        #[test]
        fn dealing_keeps_its_bounds(wishes in prop::collection::vec(prop::collection::btree_set(0u8..30, 0..20), 1..20)) {
            let mut shards = Shards::new(LIMITS);
            for wish in wishes {
                let wanted: Vec<Symbol> = wish.iter().map(|n| Symbol::parse(&format!("S{n}")).unwrap()).collect();
                let before: Vec<Vec<Symbol>> = shards.shards.iter().map(|shard| shard.borrow().clone()).collect();
                drop(shards.deal(&wanted));
                let dealt: Vec<Vec<Symbol>> = shards.shards.iter().map(|shard| shard.borrow().clone()).collect();
                prop_assert!(dealt.len() <= 4 && dealt.iter().all(|shard| (1..=3).contains(&shard.len())));
                let on: Vec<&Symbol> = dealt.iter().flatten().collect();
                prop_assert_eq!(on.len(), on.iter().collect::<BTreeSet<_>>().len());
                let first: BTreeSet<&Symbol> = wanted.iter().take(12).collect();
                prop_assert_eq!(on.into_iter().collect::<BTreeSet<_>>(), first.clone());
                for old in &before {
                    let stayed: Vec<&Symbol> = old.iter().filter(|symbol| first.contains(symbol)).collect();
                    let together = stayed.is_empty() || dealt.iter().any(|new| stayed.iter().all(|symbol| new.contains(symbol)));
                    prop_assert!(together, "{stayed:?} were torn apart");
                }
            }
        }
    }
}
