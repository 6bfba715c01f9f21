//! Lists of the made-up market: its listed shares, by how they move today.

use market::{Instrument, Kind, MarketList, Quote, Symbol};

use super::listing::LISTED;

const INSTRUMENTS_MAX: usize = 25;

/// What can be on a list.
pub(super) fn candidates() -> Vec<Symbol> {
    let shares = LISTED.iter().filter(|listed| listed.kind == Kind::Equity);
    shares.filter_map(|listed| Symbol::parse(listed.symbol).ok()).collect()
}

/// The list that the quotes of the candidates make.
pub(super) fn of(list: MarketList, mut quotes: Vec<Quote>) -> Vec<Instrument> {
    quotes.sort_by(|one, other| rank(list, other).total_cmp(&rank(list, one)));
    quotes.truncate(INSTRUMENTS_MAX);
    quotes.into_iter().map(instrument).collect()
}

/// The higher the further up.
fn rank(list: MarketList, quote: &Quote) -> f64 {
    let percent = quote.change_percent.unwrap_or_default();
    match list {
        MarketList::Trending => percent.abs(),
        MarketList::MostActive => quote.volume.unwrap_or_default(),
        MarketList::Gainers => percent,
        MarketList::Losers => -percent,
    }
}

fn instrument(quote: Quote) -> Instrument {
    Instrument {
        name: quote.name.unwrap_or_else(|| quote.symbol.to_string()),
        exchange: quote.exchange.unwrap_or_default(),
        kind: quote.kind,
        symbol: quote.symbol,
    }
}
