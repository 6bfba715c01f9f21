//! What the feed tells the bus.

use bus::{Bus, Message};
use market::{ProviderHealth, Quote, Symbol};

#[derive(Debug)]
pub(super) struct Voice(pub(super) Bus);

impl Voice {
    /// Quotes, each with its price as plain text unless the price only stands in for a real one.
    pub(super) async fn quotes(&self, quotes: Vec<Quote>, stands_in: bool) {
        let messages = quotes.into_iter().flat_map(|quote| {
            let real = !stands_in || !quote.is_simulated();
            let price = real.then(|| Message::Price(quote.symbol.clone(), quote.price));
            std::iter::once(Message::Quote(quote)).chain(price)
        });
        if let Err(error) = self.0.publish_all(messages).await {
            tracing::warn!(%error, "not published");
        }
    }

    /// A symbol that nobody wants any more.
    pub(super) async fn gone(&self, symbol: Symbol) {
        self.say(Message::QuoteGone(symbol.clone())).await;
        self.say(Message::PriceGone(symbol)).await;
    }

    /// How a provider is doing.
    pub(super) async fn health(&self, health: ProviderHealth) {
        self.say(Message::Provider(health)).await;
    }

    async fn say(&self, message: Message) {
        if let Err(error) = self.0.publish(&message).await {
            tracing::warn!(%error, "not published");
        }
    }
}
