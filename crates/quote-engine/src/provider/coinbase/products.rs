//! What can be traded there: one list for everybody who searches, kept for hours.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use market::Instrument;
use tokio::sync::Mutex;

use crate::provider::ProviderError;

/// How long the list is good for.
const AGE_MAX: Duration = Duration::from_secs(6 * 60 * 60);
/// The longest text searched for, in characters.
const TEXT_CHARS_MAX: usize = 100;
/// The most rows a search answers with.
const FOUND_MAX: usize = 10;

/// The list, once it has been asked for.
#[derive(Debug, Default)]
pub(super) struct Products(Mutex<Option<(Instant, Arc<[Instrument]>)>>);

impl Products {
    /// The list; asked for by one searcher while the others wait.
    pub(super) async fn list(
        &self,
        ask: impl Future<Output = Result<Vec<Instrument>, ProviderError>>,
    ) -> Result<Arc<[Instrument]>, ProviderError> {
        let mut kept = self.0.lock().await;
        if let Some((_, list)) = kept.as_ref().filter(|(since, _)| since.elapsed() < AGE_MAX) {
            return Ok(Arc::clone(list));
        }
        let list: Arc<[Instrument]> = ask.await?.into();
        *kept = Some((Instant::now(), Arc::clone(&list)));
        Ok(list)
    }
}

/// The products that fit a text, best first: the pair itself, the asset's pairs, what begins so, what holds it.
pub(super) fn fitting(products: &[Instrument], text: &str) -> Vec<Instrument> {
    let wanted = plain(&text.chars().take(TEXT_CHARS_MAX).collect::<String>());
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut ranked: Vec<(u8, usize, &Instrument)> = products
        .iter()
        .enumerate()
        .filter_map(|(place, product)| Some((rank(product, &wanted)?, place, product)))
        .collect();
    ranked.sort_by_key(|(rank, place, _)| (*rank, *place));
    ranked.into_iter().take(FOUND_MAX).map(|(_, _, product)| product.clone()).collect()
}

fn rank(product: &Instrument, wanted: &str) -> Option<u8> {
    let (base, quote) = product.symbol.as_str().split_once('-')?;
    let whole = format!("{base}{quote}");
    // Most people mean dollars.
    let elsewhere = u8::from(quote != "USD");
    match () {
        () if whole == wanted => Some(0),
        () if base == wanted => Some(1 + elsewhere),
        () if whole.starts_with(wanted) => Some(3 + elsewhere),
        () if plain(&product.name).contains(wanted) => Some(5 + elsewhere),
        () => None,
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

#[cfg(test)]
mod tests {
    use market::{Kind, Symbol};

    use super::*;

    fn products() -> Vec<Instrument> {
        let product = |id: &str| Instrument {
            symbol: Symbol::parse(id).unwrap(),
            name: id.replace('-', "/"),
            exchange: "Coinbase".to_owned(),
            kind: Kind::Crypto,
        };
        ["BTC-EUR", "WBTC-USD", "BTC-USD", "BTCX-USD", "ETH-BTC", "ETH-USD"].map(product).to_vec()
    }

    fn found(text: &str) -> Vec<String> {
        fitting(&products(), text).into_iter().map(|product| product.symbol.to_string()).collect()
    }

    #[test]
    fn the_pair_comes_first_then_the_asset() {
        assert_eq!(found("btc/eur")[0], "BTC-EUR");
        assert_eq!(found("btc"), ["BTC-USD", "BTC-EUR", "BTCX-USD", "WBTC-USD", "ETH-BTC"]);
        assert_eq!(found("doge"), [""; 0]);
        assert_eq!(found(" -/ "), [""; 0]);
    }

    #[tokio::test]
    async fn the_list_is_asked_for_once() {
        let kept = Products::default();
        let fails = async { Err(ProviderError::Malformed { provider: "Coinbase", detail: "x".to_owned() }) };
        assert!(kept.list(fails).await.is_err());
        assert_eq!(kept.list(async { Ok(products()) }).await.unwrap().len(), 6);
        assert_eq!(kept.list(async { unreachable!("it is kept") }).await.unwrap().len(), 6);
    }
}
