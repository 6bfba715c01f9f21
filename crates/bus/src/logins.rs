//! Passwords that are checked: few at once, and ever more slowly for an address that shows wrong ones. Whoever shows a
//! right one pays nothing. Must never keep a password, and must never make one address wait for another.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use broker::{Identity, Refusal};
use market::UserName;
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};

use crate::Accounts;

/// Passwords checked at once: each takes a processor, and memory.
const CHECKS_MAX: usize = 2;
/// Wrong passwords of an address that cost it nothing.
const FREE: u32 = 10;
/// Every further one makes its next one wait so long.
const PACE: Duration = Duration::from_millis(200);
/// Who would have to wait for longer is told that it is too much.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Addresses that are remembered; beyond that, the one that waits least is forgotten.
const ADDRESSES_MAX: usize = 1_024;

/// How passwords are checked.
#[derive(Debug)]
pub struct Logins {
    checks: Semaphore,
    /// When each address will have paid for what it showed.
    due: Mutex<HashMap<IpAddr, Instant>>,
}

impl Default for Logins {
    fn default() -> Self {
        Self { checks: Semaphore::new(CHECKS_MAX), due: Mutex::default() }
    }
}

impl Logins {
    /// Checks a password, when it is its turn.
    pub(crate) async fn check(
        self: Arc<Self>,
        accounts: Arc<dyn Accounts>,
        peer: IpAddr,
        user: UserName,
        password: String,
    ) -> Result<Identity, Refusal> {
        let peer = household(peer);
        let wait = self.charge(peer, Instant::now()).ok_or(Refusal::Busy)?;
        sleep(wait).await;
        let turn = timeout(WAIT_MAX, self.checks.acquire()).await;
        let Ok(Ok(turn)) = turn else { return Err(Refusal::Busy) };
        let name = user.clone();
        let is_right = spawn_blocking(move || accounts.verify(&name, &password)).await.unwrap_or(false);
        drop(turn);
        if !is_right {
            return Err(Refusal::BadCredentials);
        }
        self.give_back(peer);
        Ok(Identity::User(user.as_str().into()))
    }

    /// What an address has to wait before one more of its passwords is checked; `None` if that is too much.
    fn charge(&self, peer: IpAddr, now: Instant) -> Option<Duration> {
        let mut due = self.lock();
        let paid = due.get(&peer).copied().unwrap_or(now).max(now) + PACE;
        let wait = (paid - now).saturating_sub(PACE * FREE);
        if wait > WAIT_MAX {
            return None;
        }
        if due.len() >= ADDRESSES_MAX && !due.contains_key(&peer) {
            forget(&mut due, now);
        }
        due.insert(peer, paid);
        Some(wait)
    }

    fn give_back(&self, peer: IpAddr) {
        if let Some(due) = self.lock().get_mut(&peer) {
            *due -= PACE;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets all who have paid, or who has to pay least.
fn forget(due: &mut HashMap<IpAddr, Instant>, now: Instant) {
    due.retain(|_, due| *due > now);
    let least = due.iter().min_by_key(|(_, due)| **due).map(|(peer, _)| *peer);
    if let (true, Some(least)) = (due.len() >= ADDRESSES_MAX, least) {
        due.remove(&least);
    }
}

/// An address as it is counted: in IPv6, all that one household has.
fn household(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn wrong_passwords_are_slowed_for_their_own_address_only() {
        let (logins, now) = (Logins::default(), Instant::now());
        let there = "192.0.2.1".parse().unwrap();
        for _ in 0..FREE {
            assert_eq!(logins.charge(HERE, now), Some(Duration::ZERO));
        }
        assert_eq!(logins.charge(HERE, now), Some(PACE));
        let waiting = (0..1_000).filter(|_| logins.charge(HERE, now).is_some()).count();
        assert_eq!(waiting, 24, "who would wait for longer is not kept");
        assert_eq!(logins.charge(HERE, now), None);
        assert_eq!(logins.charge(there, now), Some(Duration::ZERO));
        let later = now + WAIT_MAX + PACE * (FREE + 1);
        assert_eq!(logins.charge(HERE, later), Some(Duration::ZERO), "paid with time");
    }

    #[test]
    fn right_passwords_cost_nothing() {
        let (logins, now) = (Logins::default(), Instant::now());
        for _ in 0..1_000 {
            assert_eq!(logins.charge(HERE, now), Some(Duration::ZERO));
            logins.give_back(HERE);
        }
    }

    #[test]
    fn many_addresses_take_no_more_room_and_the_worst_is_remembered() {
        let (logins, now) = (Logins::default(), Instant::now());
        while logins.charge(HERE, now).is_some() {}
        for n in 0..10_000_u32 {
            assert_eq!(logins.charge(std::net::Ipv4Addr::from_bits(n).into(), now), Some(Duration::ZERO));
        }
        assert_eq!(logins.lock().len(), ADDRESSES_MAX);
        assert_eq!(logins.charge(HERE, now), None);
    }

    #[test]
    fn a_household_is_one_address() {
        let one = |text: &str| household(text.parse().unwrap());
        assert_eq!(one("2001:db8:1:2:3:4:5:6"), one("2001:db8:1:2::1"));
        assert_ne!(one("2001:db8:1:2::1"), one("2001:db8:1:3::1"));
        assert_eq!(one("::ffff:192.0.2.1"), one("192.0.2.1"));
    }
}
