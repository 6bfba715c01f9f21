//! The messages with `QoS` 1 and 2 on their way to one client: their identifiers, what the client has said about them,
//! and what is to be sent again when it is back. Must never have more on their way than the client takes, and must never
//! give two of them one identifier.

use crate::parcel::Delivery;
use std::collections::VecDeque;

/// Messages on their way to one client at the most; fewer if it takes fewer. Identifiers are not higher.
pub(crate) const WINDOW: u16 = 256;

/// Room for more than this is given back when nothing is on its way.
const KEPT: usize = 16;

#[derive(Debug)]
struct Sent {
    /// Counts up in the order of sending.
    number: u64,
    /// It was sent on the connection that there is now.
    is_open: bool,
    stage: Stage,
}

/// How far a message is.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    Published(Delivery),
    /// The client has it, and was told that its identifier is free.
    Released,
}

/// What a PUBREC makes of a message.
#[derive(Debug)]
pub(crate) enum Received {
    /// A PUBREL is due; the message, if this is the first.
    Release(Option<Delivery>),
    /// There will be no more about it.
    Over(Delivery),
    Unknown,
}

#[derive(Debug, Default)]
pub(crate) struct Inflight {
    /// By identifier, less 1.
    slots: Vec<Option<Sent>>,
    free: VecDeque<u16>,
    /// To be sent again, in order.
    again: VecDeque<u16>,
    open: usize,
    max: usize,
    sent: u64,
}

impl Inflight {
    /// A new connection, whose client takes so many at once: whatever it has not acknowledged is to be sent again.
    pub(crate) fn resume(&mut self, receive_maximum: u16) {
        self.max = usize::from(receive_maximum.min(WINDOW));
        self.open = 0;
        let mut again: Vec<(u64, u16)> = Vec::new();
        for (id, sent) in (1..).zip(&mut self.slots) {
            if let Some(sent) = sent {
                sent.is_open = false;
                again.push((sent.number, id));
            }
        }
        again.sort_unstable();
        self.again = again.into_iter().map(|(_, id)| id).collect();
    }

    /// The next that is to be sent again, if the client takes one more now.
    pub(crate) fn next_again(&mut self) -> Option<(u16, &Stage)> {
        while self.open < self.max {
            let id = self.again.pop_front()?;
            if self.slot(id).is_some_and(|slot| slot.is_some()) {
                self.open += 1;
                let sent = self.slots.get_mut(usize::from(id) - 1)?.as_mut()?;
                sent.is_open = true;
                return Some((id, &sent.stage));
            }
        }
        None
    }

    /// Could one be sent again now?
    pub(crate) fn has_again(&self) -> bool {
        !self.again.is_empty() && self.open < self.max
    }

    /// How many more the client takes now. None before all is sent again that has to be.
    pub(crate) fn room(&self) -> usize {
        if self.again.is_empty() { self.max.saturating_sub(self.open) } else { 0 }
    }

    /// Gives a message an identifier; ask for [`Inflight::room`] first.
    pub(crate) fn send(&mut self, delivery: Delivery) -> u16 {
        let id = self.free.pop_front().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u16
        });
        self.sent += 1;
        self.open += 1;
        let sent = Sent { number: self.sent, is_open: true, stage: Stage::Published(delivery) };
        if let Some(slot) = self.slot(id) {
            *slot = Some(sent);
        }
        id
    }

    /// PUBACK: the message that is over, if it was one with `QoS` 1.
    pub(crate) fn taken(&mut self, id: u16) -> Option<Delivery> {
        self.end(id, |stage| matches!(stage, Stage::Published(delivery) if delivery.qos == 1))
    }

    /// It cannot be sent after all.
    pub(crate) fn discard(&mut self, id: u16) -> Option<Delivery> {
        self.end(id, |_| true)
    }

    /// PUBREC.
    pub(crate) fn received(&mut self, id: u16, refused: bool) -> Received {
        let Some(Some(sent)) = self.slot(id) else { return Received::Unknown };
        match &sent.stage {
            Stage::Published(delivery) if delivery.qos != 2 => Received::Unknown,
            _ if refused => self.end(id, |_| true).map_or(Received::Unknown, Received::Over),
            _ => match std::mem::replace(&mut sent.stage, Stage::Released) {
                Stage::Published(delivery) => Received::Release(Some(delivery)),
                Stage::Released => Received::Release(None),
            },
        }
    }

    /// PUBCOMP.
    pub(crate) fn completed(&mut self, id: u16) {
        self.end(id, |stage| matches!(stage, Stage::Released));
    }

    fn slot(&mut self, id: u16) -> Option<&mut Option<Sent>> {
        self.slots.get_mut(usize::from(id).checked_sub(1)?)
    }

    fn end(&mut self, id: u16, is_so: impl FnOnce(&Stage) -> bool) -> Option<Delivery> {
        let sent = self.slot(id)?.take_if(|sent| is_so(&sent.stage))?;
        self.open -= usize::from(sent.is_open);
        self.free.push_back(id);
        if self.free.len() == self.slots.len() && self.slots.len() > KEPT {
            self.slots = Vec::new();
            self.free = VecDeque::new();
        }
        match sent.stage {
            Stage::Published(delivery) => Some(delivery),
            Stage::Released => None,
        }
    }

    /// Those that the client may never have got, in the order of sending.
    pub(crate) fn into_unacknowledged(self) -> Vec<Delivery> {
        let mut sent: Vec<Sent> = self.slots.into_iter().flatten().collect();
        sent.sort_unstable_by_key(|sent| sent.number);
        let published = sent.into_iter().filter_map(|sent| match sent.stage {
            Stage::Published(delivery) => Some(delivery),
            Stage::Released => None,
        });
        published.collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::parcel::Parcel;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn delivery(number: u32, qos: u8) -> Delivery {
        let parcel = Parcel::new("t", bytes::Bytes::copy_from_slice(&number.to_be_bytes()), false);
        Delivery { parcel: Arc::new(parcel), tags: None, qos, retain: false, stored: false }
    }

    fn number(delivery: &Delivery) -> u32 {
        u32::from_be_bytes(delivery.parcel.payload[..].try_into().unwrap())
    }

    #[derive(Debug, Clone)]
    enum Step {
        Send(u8),
        /// The client says all it can about one of those that it has.
        Answer(prop::sample::Index),
        /// It says something that makes no sense.
        Nonsense(u16),
        Reconnect(u16),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            6 => (1..3_u8).prop_map(Step::Send),
            4 => any::<prop::sample::Index>().prop_map(Step::Answer),
            1 => any::<u16>().prop_map(Step::Nonsense),
            1 => (1..9_u16).prop_map(Step::Reconnect),
        ];
        prop::collection::vec(step, 0..200)
    }

    /// What the client has, by identifier.
    type Client = BTreeMap<u16, (u32, u8, bool)>;

    fn resend(inflight: &mut Inflight, client: &mut Client) -> Vec<u32> {
        let mut order = Vec::new();
        while let Some((id, stage)) = inflight.next_again() {
            if let Stage::Published(delivery) = stage {
                order.push(number(delivery));
                client.insert(id, (number(delivery), delivery.qos, false));
            } else {
                client.insert(id, (u32::MAX, 2, true));
            }
        }
        order
    }

    proptest! {
        #[test]
        fn each_message_ends_once_and_no_window_is_overrun(steps in steps()) {
            let mut inflight = Inflight::default();
            inflight.resume(4);
            let (mut client, mut next, mut max, mut over) = (Client::new(), 0, 4, Vec::new());
            for step in steps {
                match step {
                    Step::Send(qos) if inflight.room() > 0 => {
                        let id = inflight.send(delivery(next, qos));
                        prop_assert!(id > 0 && id <= WINDOW);
                        prop_assert!(client.insert(id, (next, qos, false)).is_none(), "{} is in use", id);
                        next += 1;
                    }
                    Step::Answer(which) if !client.is_empty() => {
                        let id = *which.get(&client.keys().copied().collect::<Vec<_>>());
                        let (_, qos, released) = client[&id];
                        match (qos, released) {
                            (1, _) => {
                                over.push(number(&inflight.taken(id).unwrap()));
                                client.remove(&id);
                            }
                            (_, false) => {
                                let Received::Release(Some(delivery)) = inflight.received(id, false) else { panic!() };
                                over.push(number(&delivery));
                                client.get_mut(&id).unwrap().2 = true;
                            }
                            (_, true) => {
                                inflight.completed(id);
                                client.remove(&id);
                            }
                        }
                    }
                    Step::Nonsense(id) if !client.contains_key(&id) && inflight.again.is_empty() => {
                        prop_assert!(inflight.taken(id).is_none());
                        prop_assert!(matches!(inflight.received(id, true), Received::Unknown));
                        inflight.completed(id);
                    }
                    Step::Reconnect(receive_maximum) => {
                        max = usize::from(receive_maximum);
                        client.clear();
                        inflight.resume(receive_maximum);
                    }
                    Step::Send(_) | Step::Answer(_) | Step::Nonsense(_) => {}
                }
                let order = resend(&mut inflight, &mut client);
                prop_assert!(order.is_sorted());
                prop_assert!(client.len() <= max && inflight.open == client.len());
            }
            let mut rest: Vec<u32> = inflight.into_unacknowledged().iter().map(number).collect();
            prop_assert!(rest.is_sorted());
            rest.extend(over);
            rest.sort_unstable();
            prop_assert_eq!(rest, (0..next).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_was_acknowledged_gives_its_room_back() {
        let mut inflight = Inflight::default();
        inflight.resume(u16::MAX);
        let ids: Vec<u16> = (0..u32::from(WINDOW)).map(|n| inflight.send(delivery(n, 1))).collect();
        assert_eq!(inflight.room(), 0);
        for id in ids {
            assert!(inflight.taken(id).is_some());
        }
        assert_eq!((inflight.room(), inflight.slots.capacity()), (usize::from(WINDOW), 0));
    }
}
