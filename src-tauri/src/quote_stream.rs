//! A window's quotes: a snapshot, then conflated batches, for as long as somebody looks.
//!
//! While the window is hidden nothing is sent; when it is shown again it starts with a fresh snapshot.

use bus::Bus;
use market::{StreamMessage, UserName};
use quickstocks_server::stream::QuoteStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Sends until `ended`, until the bus is closed, or until `send` says that nobody is there.
pub async fn run(
    bus: Bus,
    user: UserName,
    mut visible: watch::Receiver<bool>,
    send: impl Fn(StreamMessage) -> bool,
    ended: CancellationToken,
) {
    let watching = async {
        while visible.wait_for(|visible| *visible).await.is_ok() {
            let mut quotes = QuoteStream::new(&bus, user.clone()).await;
            loop {
                tokio::select! {
                    biased;
                    hidden = visible.wait_for(|visible| !visible) => match hidden {
                        Ok(_) => break,
                        Err(_) => return,
                    },
                    message = quotes.next() => if !message.is_some_and(&send) {
                        return;
                    },
                }
            }
        }
    };
    ended.run_until_cancelled(watching).await;
}
