//! Lists of the market, kept for a while: many windows may look, a provider is asked seldom, and once at a time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex as StdMutex, PoisonError},
};

use market::{Instrument, MarketList};
use tokio::{
    sync::Mutex,
    time::{Duration, Instant},
};

use super::{handle::LocalFeed, whom::Asked};
use crate::provider::{ProviderError, Retry};

/// How long a list is as good as new.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// How long nobody is asked again after a failure.
const FAILED: Duration = Duration::from_secs(30);

type Listed = Result<Vec<Instrument>, ProviderError>;

#[derive(Debug)]
struct Kept {
    at: Instant,
    /// Whether the simulated market was the one that was asked: its list ends with it.
    stand_in: bool,
    answer: Listed,
}

impl Kept {
    fn is_good(&self, stand_in: bool, now: Instant) -> bool {
        let at_most = if self.answer.is_ok() { FRESH } else { FAILED };
        self.stand_in == stand_in && now - self.at < at_most
    }
}

/// The last answer for each list. Bounded by how many lists there are.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists(Arc<StdMutex<BTreeMap<MarketList, Place>>>);

/// Locked while its list is being asked for.
type Place = Arc<Mutex<Option<Kept>>>;

impl Lists {
    fn place(&self, list: MarketList) -> Place {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(list).or_default())
    }
}

impl LocalFeed {
    /// A list of the market from the first provider that has it, at most five minutes old.
    pub(super) async fn list(&self, list: MarketList) -> Listed {
        let place = self.lists.place(list);
        let mut kept = place.lock().await;
        let stand_in = self.stands_in();
        if let Some(good) = kept.as_ref().filter(|kept| kept.is_good(stand_in, Instant::now())) {
            return good.answer.clone();
        }
        let answer = self.ask_for_list(list).await;
        *kept = Some(Kept { at: Instant::now(), stand_in, answer: answer.clone() });
        answer
    }

    /// Of several that fail, the preferred one's reason counts.
    async fn ask_for_list(&self, list: MarketList) -> Listed {
        let nobody = ProviderError::NotOffered { provider: "The chosen feed", what: "lists of the market" };
        let mut failure = None;
        for Asked { provider, .. } in self.asked(None).await {
            match provider.list(list).await {
                Ok(found) => return Ok(found),
                Err(error) if error.retry() == Retry::Never => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.unwrap_or(nobody))
    }
}
