//! Conflation: of many quotes of a symbol only the newest is worth sending.

use std::collections::HashMap;

use crate::{Quote, Symbol};

/// What is about one symbol.
pub trait OfSymbol {
    /// Which.
    fn symbol(&self) -> &Symbol;
}

impl OfSymbol for Quote {
    fn symbol(&self) -> &Symbol {
        &self.symbol
    }
}

/// Holds the newest value of each symbol until somebody takes them. Bounded by the number of symbols.
#[derive(Debug)]
pub struct Conflator<T = Quote> {
    pending: Vec<T>,
    position: HashMap<Symbol, usize>,
}

impl<T> Default for Conflator<T> {
    fn default() -> Self {
        Self { pending: Vec::new(), position: HashMap::new() }
    }
}

impl<T: OfSymbol> Conflator<T> {
    /// Takes in a value; replaces the one of the same symbol that still waits.
    pub fn push(&mut self, value: T) {
        if let Some(&at) = self.position.get(value.symbol()) {
            self.pending[at] = value;
        } else {
            self.position.insert(value.symbol().clone(), self.pending.len());
            self.pending.push(value);
        }
    }

    /// Everything that waits, in the order in which the symbols first changed.
    pub fn drain(&mut self) -> Vec<T> {
        self.position.clear();
        std::mem::take(&mut self.pending)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Price, quote::tests::quote};

    proptest! {
        /// However pushes and drains fall, a reader ends with the last value of each symbol, and never goes back.
        #[test]
        fn never_loses_the_last_value(steps in prop::collection::vec((0u8..5, any::<bool>()), 0..200)) {
            let mut conflator = Conflator::default();
            let mut truth = HashMap::new();
            let mut reader: HashMap<Symbol, Price> = HashMap::new();
            for (n, (symbol, drain)) in steps.into_iter().enumerate() {
                let q = quote(&format!("S{symbol}"), n as f64);
                truth.insert(q.symbol.clone(), q.price);
                conflator.push(q);
                if drain {
                    for q in conflator.drain() {
                        let before = reader.insert(q.symbol.clone(), q.price);
                        prop_assert!(before.is_none_or(|b| b < q.price));
                    }
                }
            }
            prop_assert!(conflator.pending.len() <= 5);
            reader.extend(conflator.drain().into_iter().map(|q| (q.symbol.clone(), q.price)));
            prop_assert!(conflator.is_empty());
            prop_assert_eq!(reader, truth);
        }
    }
}
