//! Durations as text in the configuration: `"500ms"`, `"5s"`, `"1m"`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer, de::Error};

const ALLOWED: &str = "allowed: 10ms to 1h, such as \"500ms\", \"5s\", \"1m\"";

pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{}ms", duration.as_millis()))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let duration = parse(&text).filter(|d| (Duration::from_millis(10)..=Duration::from_secs(3_600)).contains(d));
    duration.ok_or_else(|| D::Error::custom(format!("{text:?} is no duration here; {ALLOWED}")))
}

fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let millis = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(millis).map(Duration::from_millis)
}
