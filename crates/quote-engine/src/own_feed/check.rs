//! What a user's own quote must be. Pure: `now` is a parameter.

use jiff::{SignedDuration, Timestamp};
use market::{Quote, UserName};

/// A clock may be so much ahead.
const AHEAD_MAX: SignedDuration = SignedDuration::from_secs(60);
/// Older prices are history.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Characters of a text at the most.
const TEXT_MAX: usize = 200;
const CURRENCY_MAX: usize = 12;
const DIGITS_MAX: u8 = 12;

/// The quote as it is published: from this user, received now, in the state that its session says. Or why not.
pub(super) fn checked(quote: Quote, user: &UserName, now: Timestamp) -> Result<Quote, &'static str> {
    are_texts_sound(&quote)?;
    are_numbers_sound(&quote)?;
    are_times_sound(&quote, now)?;
    let state = Quote::state_when_answered(quote.session, quote.delay_minutes);
    let mut quote = Quote { source: format!("feed:{user}"), received_at: now, state, standstill: None, ..quote };
    quote.judge_standstill();
    Ok(quote)
}

fn are_texts_sound(quote: &Quote) -> Result<(), &'static str> {
    let is_sound = |text: &Option<String>, max: usize| {
        text.as_ref().is_none_or(|text| text.chars().count() <= max && !text.chars().any(char::is_control))
    };
    let is_code = |text: &Option<String>| {
        text.as_ref().is_none_or(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    if !is_sound(&quote.name, TEXT_MAX) || !is_sound(&quote.exchange, TEXT_MAX) || !is_sound(&quote.time_zone, TEXT_MAX)
    {
        return Err("a text is too long, or has control characters");
    }
    for unit in [&quote.currency, &quote.quoted_in] {
        if !is_sound(unit, CURRENCY_MAX) || !is_code(unit) {
            return Err("the currency is no code");
        }
    }
    Ok(())
}

fn are_numbers_sound(quote: &Quote) -> Result<(), &'static str> {
    let prices = [
        Some(quote.price),
        quote.change,
        quote.previous_close,
        quote.open,
        quote.day_low,
        quote.day_high,
        quote.year_low,
        quote.year_high,
        quote.extended_price,
    ];
    let figures = [
        quote.change_percent,
        quote.volume,
        quote.average_volume,
        quote.market_cap,
        quote.pe_ratio,
        quote.dividend_yield,
        quote.extended_change_percent,
    ];
    let finite = prices.iter().flatten().all(|price| price.to_f64().is_finite())
        && figures.iter().flatten().all(|figure| figure.is_finite());
    if !finite {
        return Err("a number is not finite");
    }
    if quote.price_digits.is_some_and(|digits| digits > DIGITS_MAX) {
        return Err("price_digits is beyond 12");
    }
    Ok(())
}

fn are_times_sound(quote: &Quote, now: Timestamp) -> Result<(), &'static str> {
    let is_sane = |at: Timestamp| at.duration_since(now) <= AHEAD_MAX && now.duration_since(at) <= AGE_MAX;
    if !is_sane(quote.quoted_at) || !quote.extended_at.is_none_or(is_sane) {
        return Err("a time is in the future, or more than a year ago");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use market::{Kind, Price, QuoteState, Session, Symbol};

    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T15:00:00Z".parse().unwrap()
    }

    fn quote() -> Quote {
        let price = Price::from_f64(2_650.5).unwrap();
        Quote::bare(Symbol::parse("GOLD").unwrap(), Kind::Other, price, now(), now(), "yahoo")
    }

    fn check(quote: Quote) -> Result<Quote, &'static str> {
        checked(quote, &UserName::me(), now())
    }

    #[test]
    fn it_is_its_users_and_nobody_elses() {
        let taken = check(Quote { state: QuoteState::Closed, ..quote() }).unwrap();
        assert_eq!((taken.source.as_str(), taken.state), ("feed:me", QuoteState::Live));
        let closed = check(Quote { session: Session::Closed, ..quote() }).unwrap();
        assert_eq!(closed.state, QuoteState::Closed);
        let forged = check(Quote { received_at: now() - SignedDuration::from_hours(9), ..quote() }).unwrap();
        assert_eq!(forged.received_at, now());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let text = |length: usize| Some("x".repeat(length));
        let at = |hours| now() + SignedDuration::from_hours(hours);
        for wrong in [
            Quote { name: text(201), ..quote() },
            Quote { exchange: Some("a\u{7}".into()), ..quote() },
            Quote { currency: Some("US D".into()), ..quote() },
            Quote { currency: Some(String::new()), ..quote() },
            Quote { volume: Some(f64::NAN), ..quote() },
            Quote { market_cap: Some(f64::INFINITY), ..quote() },
            Quote { price_digits: Some(13), ..quote() },
            Quote { quoted_at: at(1), ..quote() },
            Quote { quoted_at: at(-24 * 367), ..quote() },
            Quote { extended_at: Some(at(2)), ..quote() },
        ] {
            assert!(check(wrong.clone()).is_err(), "{wrong:?}");
        }
        assert!(check(Quote { name: text(200), currency: Some("USD".into()), ..quote() }).is_ok());
    }
}
