//! What the broker inside has counted, as windows, browsers and Prometheus are told. Must never be read to decide
//! anything.

use broker::Broker;
use serde::Serialize;

/// What the broker inside has counted since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MqttStats {
    /// Clients that are connected.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub sessions: usize,
    /// Sessions that are kept while their clients are away.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub parked: usize,
    /// Filters that are held, those of our own services among them.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub subscriptions: usize,
    /// Topics that clients follow.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub followed: usize,
    /// Topics with a kept value.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub retained: usize,
    /// Messages that wait for their readers.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub queued: usize,
    /// Messages published.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub messages_in: u64,
    /// Messages delivered.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub messages_out: u64,
    /// Values that were replaced by a newer one before their reader took them.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub conflated: u64,
    /// Messages that their reader was too slow or too small for.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub dropped: u64,
    /// Publishes of clients that may not publish there.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub refused_publishes: u64,
    /// Values that were not kept because there were too many topics.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub unretained: u64,
    /// Subscriptions beyond what may be followed.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub unfollowed: u64,
    /// How often the router died and was built anew.
    #[cfg_attr(feature = "specta", specta(type = f64))]
    pub router_rebuilds: u64,
}

impl MqttStats {
    /// As they are now.
    pub fn of(broker: &Broker) -> Self {
        let stats = broker.stats();
        Self {
            sessions: stats.sessions,
            parked: stats.parked,
            subscriptions: stats.subscriptions,
            followed: broker.followed().borrow().len(),
            retained: stats.retained,
            queued: stats.queued,
            messages_in: stats.messages_in,
            messages_out: stats.messages_out,
            conflated: stats.conflated,
            dropped: stats.dropped,
            refused_publishes: stats.refused_publishes,
            unretained: stats.unretained,
            unfollowed: stats.unfollowed,
            router_rebuilds: stats.router_rebuilds,
        }
    }

    /// Name, kind and value of each, for Prometheus.
    pub fn series(&self) -> [(&'static str, &'static str, u64); 14] {
        [
            ("quickstocks_mqtt_sessions", "gauge", self.sessions as u64),
            ("quickstocks_mqtt_parked", "gauge", self.parked as u64),
            ("quickstocks_mqtt_subscriptions", "gauge", self.subscriptions as u64),
            ("quickstocks_mqtt_followed", "gauge", self.followed as u64),
            ("quickstocks_mqtt_retained", "gauge", self.retained as u64),
            ("quickstocks_mqtt_queued", "gauge", self.queued as u64),
            ("quickstocks_mqtt_messages_in_total", "counter", self.messages_in),
            ("quickstocks_mqtt_messages_out_total", "counter", self.messages_out),
            ("quickstocks_mqtt_conflated_total", "counter", self.conflated),
            ("quickstocks_mqtt_dropped_total", "counter", self.dropped),
            ("quickstocks_mqtt_refused_publishes_total", "counter", self.refused_publishes),
            ("quickstocks_mqtt_unretained_total", "counter", self.unretained),
            ("quickstocks_mqtt_unfollowed_total", "counter", self.unfollowed),
            ("quickstocks_mqtt_router_rebuilds_total", "counter", self.router_rebuilds),
        ]
    }
}
