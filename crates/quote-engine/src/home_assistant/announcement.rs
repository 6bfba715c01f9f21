//! What Home Assistant is told of a symbol and of a user's alerts: the announcements of its MQTT discovery, one of its
//! own for each ("single component"), so that one symbol comes and goes without a word about the others, and old
//! versions of it understand them. Pure.

use bus::{Topic, Topics};
use market::{Quote, Symbol, UserName};
use serde_json::{Value, json};

use super::HomeAssistantConfig;

const NAME: &str = "Quickstocks";
/// The services without which a price is no longer kept up.
const FOR_PRICES: &[&str] = &["engine"];
/// The services without which no alert fires.
const FOR_ALERTS: &[&str] = &["engine", "dispatcher", "desk"];
/// What may fire: the kinds of `market::Condition`.
const EVENTS: &[&str] = &["above", "below", "day_move", "move_within", "year_high", "year_low", "volume_spike"];
/// A quote as attributes. `state` is a word that Home Assistant keeps for itself.
const ATTRIBUTES: &str =
    "{{ (dict(value_json, quote_state=value_json.state) if value_json is mapping else {}) | tojson }}";
/// An alert as an event.
const EVENT: &str = "{{ dict(value_json, event_type=value_json.condition.kind) | tojson }}";
const STATUS: &str = "{{ value_json.state }}";

/// What of a quote decides what its sensor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Traits {
    currency: Option<String>,
    digits: Option<u8>,
}

impl Traits {
    pub(super) fn of(quote: &Quote) -> Self {
        Self { currency: quote.currency.clone(), digits: quote.price_digits }
    }
}

#[derive(Debug)]
pub(super) struct Announcer {
    topics: Topics,
    price_availability: Value,
    alert_availability: Value,
    device: Value,
    origin: Value,
}

impl Announcer {
    pub(super) fn new(topics: Topics, config: &HomeAssistantConfig) -> Self {
        let needs = |services: &[&str]| -> Value {
            let services = if config.is_alone { &["desk"] } else { services };
            let broker = config.own_broker.then_some("broker");
            let topic = |service: &str| {
                let status = Topic::Status { service: service.into(), instance: config.instance.clone() };
                json!({ "topic": topics.format(&status), "value_template": STATUS })
            };
            services.iter().copied().chain(broker).map(topic).collect()
        };
        let version = config.version;
        Self {
            price_availability: needs(FOR_PRICES),
            alert_availability: needs(FOR_ALERTS),
            device: json!({
                "identifiers": [topics.home_prefix()], "name": NAME, "manufacturer": NAME, "sw_version": version,
            }),
            origin: json!({ "name": NAME, "sw_version": version }),
            topics,
        }
    }

    pub(super) fn sensor_id(&self, symbol: &Symbol) -> String {
        self.topics.home_id(symbol)
    }

    /// A price: a measurement in its currency. No device class: `monetary` knows sums of money only, and no history.
    pub(super) fn sensor(&self, symbol: &Symbol, traits: &Traits) -> Value {
        let mut sensor = json!({
            "name": symbol,
            "unique_id": self.sensor_id(symbol),
            "icon": "mdi:chart-line",
            "state_topic": self.topics.format(&Topic::Price(symbol.clone())),
            "state_class": "measurement",
            "json_attributes_topic": self.topics.format(&Topic::Quote(symbol.clone())),
            "json_attributes_template": ATTRIBUTES,
            "availability": self.price_availability,
            "availability_mode": "all",
            "device": self.device,
            "origin": self.origin,
        });
        if let Some(currency) = &traits.currency {
            sensor["unit_of_measurement"] = json!(currency);
        }
        if let Some(digits) = traits.digits {
            sensor["suggested_display_precision"] = json!(digits);
        }
        sensor
    }

    pub(super) fn alerts_id(&self, user: &UserName) -> String {
        format!("{}_alerts_{user}", self.topics.home_prefix())
    }

    /// A user's alerts: an event of the kind that fired, with everything that is told of it.
    pub(super) fn alerts(&self, user: &UserName) -> Value {
        json!({
            "name": format!("Alerts {user}"),
            "unique_id": self.alerts_id(user),
            "icon": "mdi:bell-ring",
            "state_topic": self.topics.format(&Topic::Alert(user.clone())),
            "event_types": EVENTS,
            "value_template": EVENT,
            "qos": 1,
            "availability": self.alert_availability,
            "availability_mode": "all",
            "device": self.device,
            "origin": self.origin,
        })
    }
}

#[cfg(test)]
mod tests {
    use market::{Condition, Price, alert::MoveWithin};

    use super::*;

    fn announcer() -> Announcer {
        let config = HomeAssistantConfig {
            enabled: true,
            symbols: std::collections::BTreeSet::new(),
            simulated: false,
            instance: "1a2b".into(),
            is_alone: false,
            own_broker: true,
            version: "1.2.3",
            data_dir: "unused".into(),
        };
        Announcer::new(Topics::new("quickstocks/v1", false), &config)
    }

    #[test]
    fn a_sensor_is_a_measurement_in_its_currency() {
        let symbol = Symbol::parse("EURUSD=X").unwrap();
        let traits = Traits { currency: Some("USD".into()), digits: Some(4) };
        let sensor = announcer().sensor(&symbol, &traits);
        assert_eq!(sensor["unit_of_measurement"], "USD");
        assert_eq!(sensor["state_class"], "measurement");
        assert_eq!(sensor["suggested_display_precision"], 4);
        assert!(sensor.get("device_class").is_none());
        assert_eq!(sensor["unique_id"], "quickstocks_EURUSD_3dX");
        assert_eq!(sensor["state_topic"], "quickstocks/v1/price/EURUSD=X");
        assert_eq!(sensor["json_attributes_topic"], "quickstocks/v1/quote/EURUSD=X");
        let needed: Vec<&str> =
            sensor["availability"].as_array().unwrap().iter().map(|each| each["topic"].as_str().unwrap()).collect();
        assert_eq!(needed, ["quickstocks/v1/status/engine/1a2b", "quickstocks/v1/status/broker/1a2b"]);
        assert_eq!(sensor["origin"], json!({ "name": "Quickstocks", "sw_version": "1.2.3" }));
        let bare = announcer().sensor(&symbol, &Traits { currency: None, digits: None });
        assert!(bare.get("unit_of_measurement").is_none() && bare.get("suggested_display_precision").is_none());
    }

    #[test]
    fn every_kind_of_alert_is_an_event() {
        let price = Price::from_f64(1.0).unwrap();
        let all = [
            Condition::Above(price),
            Condition::Below(price),
            Condition::DayMove(1.0),
            Condition::MoveWithin(MoveWithin { percent: 1.0, minutes: 1 }),
            Condition::YearHigh,
            Condition::YearLow,
            Condition::VolumeSpike(2.0),
        ];
        let kinds: Vec<String> = all.iter().map(|each| json!(each)["kind"].as_str().unwrap().to_owned()).collect();
        assert_eq!(kinds, EVENTS);
        let alerts = announcer().alerts(&UserName::me());
        assert_eq!(alerts["state_topic"], "quickstocks/v1/user/me/alert");
        assert_eq!(alerts["availability"].as_array().unwrap().len(), 4);
    }
}
