//! Minor units: exchanges that quote in pence, cents or agorot.

/// The ISO 4217 code and the divisor of a minor unit that exchanges quote in, or `None` for a major one.
///
/// Case decides: `GBp` is pence, `GBP` is pounds.
pub fn minor_unit(code: &str) -> Option<(&'static str, u32)> {
    match code {
        "GBp" | "GBX" | "GBx" => Some(("GBP", 100)),
        "ZAc" | "ZAC" => Some(("ZAR", 100)),
        "ILA" => Some(("ILS", 100)),
        "USX" | "USc" => Some(("USD", 100)),
        _ => None,
    }
}

/// Divides a chart's number into the major unit without leaving float noise behind; prices are exact by themselves.
pub fn to_major(amount: f64, divisor: u32) -> f64 {
    without_noise(amount / f64::from(divisor))
}

/// The nearest number of twelve significant digits: more than any price has, fewer than float noise needs.
pub fn without_noise(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_pence_once_and_exactly() {
        let (code, divisor) = minor_unit("GBp").unwrap();
        assert_eq!((code, to_major(308.8, divisor)), ("GBP", 3.088));
        assert_eq!(minor_unit("GBP"), None);
        assert_eq!(without_noise(0.1 + 0.2).to_string(), "0.3");
    }
}
