//! What the bank publishes: XML with a `Cube` a day (`time`), and in it a `Cube` a currency (`currency`, `rate`), each
//! rate so many units for one euro.
//!
//! Pure. A row that makes no sense is left out; a file that is not whole gives nothing at all.

use std::collections::BTreeMap;

use jiff::civil::Date;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::rates::{Code, Day, Days};
use crate::provider::text::what_came;

/// What a rate can be.
const RATES: std::ops::RangeInclusive<f64> = 1e-6..=1e9;
/// The most days taken out of a file: the file of 90 days has about 64, the one of all days since 1999 some 7,000.
const DAYS_MAX: usize = 20_000;
/// The most currencies in a day.
const CURRENCIES_MAX: usize = 200;

/// A body that is none of these files: what it is instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRates(pub String);

/// The days of a file.
pub fn days(body: &[u8]) -> Result<Days, NotRates> {
    let days = whole(body).ok_or_else(|| NotRates(what_came(body)))?;
    if days.is_empty() {
        return Err(NotRates("XML without a rate".to_owned()));
    }
    Ok(days)
}

/// Reads to the end of the root element: what breaks off before it may lack half a day.
fn whole(body: &[u8]) -> Option<Days> {
    let text = String::from_utf8_lossy(body);
    let mut reader = Reader::from_str(&text);
    let (mut days, mut depth, mut date) = (Days::new(), 0_usize, None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                if depth == 0 && element.local_name().as_ref() != "Envelope" {
                    return None;
                }
                depth += 1;
                take(&element, &mut date, &mut days);
            }
            Event::Empty(element) if depth > 0 => take(&element, &mut date, &mut days),
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    days.retain(|_, day| !day.is_empty());
                    return Some(days);
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Takes a `Cube` in: one that has a day begins it, one that has a currency belongs to the day that has begun.
fn take(element: &BytesStart<'_>, date: &mut Option<Date>, days: &mut Days) {
    if element.local_name().as_ref() != "Cube" {
        return;
    }
    let said = attributes(element);
    if let Some(time) = said.get("time") {
        *date = time.parse().ok().filter(|_| days.len() < DAYS_MAX);
    }
    let rate = said.get("rate").and_then(|rate| rate.trim().parse::<f64>().ok()).filter(|rate| RATES.contains(rate));
    let code = said.get("currency").and_then(|currency| Code::parse(currency));
    if let (Some(date), Some(code), Some(rate)) = (*date, code, rate) {
        let day: &mut Day = days.entry(date).or_default();
        if day.len() < CURRENCIES_MAX {
            day.insert(code, rate);
        }
    }
}

fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    let whole = element.attributes().filter_map(Result::ok);
    whole.map(|it| (it.key.local_name().as_ref().to_owned(), it.value.into_owned())).collect()
}
