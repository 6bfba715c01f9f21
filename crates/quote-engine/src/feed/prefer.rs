//! Whom to ask first for which symbols, where the user's order differs by kind or market.
//!
//! A symbol's kind is judged by how it is written until a provider has told it. Nobody is left out here: who is not
//! preferred comes after, in the usual order.

use std::collections::{BTreeMap, HashMap};

use market::{Kind, Market, Quote, Symbol};

use crate::provider::Provider;

/// The longest suffix of an exchange, without its dot.
const SUFFIX_CHARS_MAX: usize = 4;
/// The kinds that can be preferred for, as they are written on every wire.
const KINDS: [(&str, Kind); 8] = [
    ("equity", Kind::Equity),
    ("etf", Kind::Etf),
    ("index", Kind::Index),
    ("fund", Kind::Fund),
    ("currency", Kind::Currency),
    ("crypto", Kind::Crypto),
    ("future", Kind::Future),
    ("option", Kind::Option),
];

/// What a preference is about. Where several fit a symbol, the first in this order counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Symbols that end like this, such as `.L`.
    Suffix(String),
    /// Symbols of a market, by its name in the calendar.
    Market(&'static str),
    /// Symbols of a kind.
    Kind(Kind),
}

/// Who is asked first for a group's symbols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// Which symbols.
    pub of: Group,
    /// The names of providers, the preferred one first.
    pub first: Vec<String>,
}

impl Group {
    /// Reads `crypto`, `.L` or `London`; what is wrong is said with what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let kind = KINDS.iter().find(|(name, _)| *name == text).map(|(_, kind)| Self::Kind(*kind));
        let market = || Market::named(text).map(|market| Self::Market(market.name()));
        kind.or_else(|| suffix(text)).or_else(market).ok_or_else(|| {
            let kinds = KINDS.map(|(name, _)| name).join(", ");
            let markets: Vec<&str> = Market::names().collect();
            let markets = markets.join(", ");
            format!(
                "there is no kind or market {text:?}; allowed: {kinds}, a suffix such as \".L\", or one of {markets}"
            )
        })
    }

    fn holds(&self, symbol: &Symbol, kind: impl FnOnce() -> Kind) -> bool {
        match self {
            Self::Suffix(suffix) => symbol.as_str().ends_with(suffix.as_str()),
            Self::Market(name) => Market::of(symbol, None, None).is_some_and(|market| market.name() == *name),
            Self::Kind(wanted) => kind() == *wanted,
        }
    }
}

fn suffix(text: &str) -> Option<Group> {
    let letters = text.strip_prefix('.')?;
    let fits = (1..=SUFFIX_CHARS_MAX).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| Group::Suffix(text.to_ascii_uppercase()))
}

/// In which order the lines to providers are asked, by their places in the usual order.
#[derive(Debug)]
pub(super) struct Orders {
    usual: Order,
    /// The most particular first.
    preferred: Vec<(Group, Order)>,
    /// What providers said of symbols that do not look it.
    told: HashMap<Symbol, Kind>,
}

/// The places of all lines, the preferred ones first.
#[derive(Debug)]
struct Order {
    places: Vec<usize>,
    /// How many of them the user prefers.
    preferred: usize,
}

impl Orders {
    pub(super) fn new(providers: &[std::sync::Arc<dyn Provider>], preferences: &[Preference]) -> Self {
        let place = |name: &String| providers.iter().position(|provider| provider.name() == name);
        let order = |first: &[String]| Order::new(first.iter().filter_map(place), providers.len());
        let mut preferred: Vec<_> = preferences.iter().map(|p| (p.of.clone(), order(&p.first))).collect();
        preferred.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { usual: order(&[]), preferred, told: HashMap::new() }
    }

    /// The places of the lines for a symbol, the preferred one first.
    pub(super) fn of(&self, symbol: &Symbol) -> &[usize] {
        &self.order(symbol).places
    }

    /// The same, or of no symbol in particular; and those that the user prefers for it.
    pub(super) fn about(&self, symbol: Option<&Symbol>) -> (&[usize], &[usize]) {
        let order = symbol.map_or(&self.usual, |symbol| self.order(symbol));
        (&order.places, &order.places[..order.preferred])
    }

    fn order(&self, symbol: &Symbol) -> &Order {
        let kind = || self.told.get(symbol).copied().unwrap_or_else(|| Kind::looks(symbol));
        let preferred = self.preferred.iter().find(|(group, _)| group.holds(symbol, kind));
        preferred.map_or(&self.usual, |(_, order)| order)
    }

    /// Takes note of what quotes say of their symbols' kinds; says whether that changes whom to ask. A share is what
    /// everything is to those who do not know better: it is no news of what was told otherwise.
    pub(super) fn learn(&mut self, quotes: &[Quote]) -> bool {
        if !self.preferred.iter().any(|(group, _)| matches!(group, Group::Kind(_))) {
            return false;
        }
        let mut changed = false;
        for Quote { symbol, kind, .. } in quotes {
            if matches!(kind, Kind::Equity | Kind::Other) || self.told.get(symbol) == Some(kind) {
                continue;
            }
            let before = self.of(symbol).to_vec();
            self.told.insert(symbol.clone(), *kind);
            changed |= self.of(symbol) != before;
        }
        changed
    }

    pub(super) fn forget_all_but<V>(&mut self, wanted: &BTreeMap<Symbol, V>) {
        self.told.retain(|symbol, _| wanted.contains_key(symbol));
    }
}

impl Order {
    /// These first, then the rest of so many; each once.
    fn new(first: impl Iterator<Item = usize>, count: usize) -> Self {
        let mut seen = vec![false; count];
        let mut new = |at: &usize| !std::mem::replace(&mut seen[*at], true);
        let mut places: Vec<usize> = first.filter(&mut new).collect();
        let preferred = places.len();
        places.extend((0..count).filter(new));
        Self { places, preferred }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_kinds_suffixes_and_markets() {
        assert_eq!(Group::parse("crypto"), Ok(Group::Kind(Kind::Crypto)));
        assert_eq!(Group::parse(".l"), Ok(Group::Suffix(".L".into())));
        assert_eq!(Group::parse("us stocks"), Ok(Group::Market("US stocks")));
        for bad in ["", "cryto", ".", ".TOOLONG", ". L", "other"] {
            let told = Group::parse(bad).unwrap_err();
            assert!(told.contains("allowed: equity, etf") && told.contains("London"), "{told}");
        }
    }
}
