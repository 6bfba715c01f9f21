//! Charts, with bars as long as they were asked for, and the splits they tell of. They need no session.
//!
//! The vendor answers some ranges with longer bars than it was asked for, without a word. It is asked again then, by the
//! second; it must never be asked for more than [`WINDOWS_MAX`] windows, and bars of two lengths never stand in one
//! chart.

use market::{History, Range, Split, Symbol, Timestamp};

use super::{
    classify::from_fault,
    decode::{self, Drawn, is_coarser},
    http::Http,
    lookup::keyless_body,
    names::asked_as,
};
use crate::provider::{ProviderError, clock, text::percent_encoded};

const WEEK: i64 = 7 * 86_400;
/// The first Monday of 1970.
const MONDAY: i64 = 4 * 86_400;
/// Windows begin on a Sunday evening, so that no week is torn: so long before midnight, wherever summer time is.
const EVENING: i64 = 2 * 3_600;
/// What a window spans at the most: from some length on bars grow coarse again.
const WINDOW: i64 = 522 * WEEK;
/// Windows of a chart at the most: a century, and no exchange's files go back further.
const WINDOWS_MAX: i64 = 10;

/// The bars of a symbol; a day's chart shows extended hours too.
pub(super) async fn history(http: &Http, symbol: &Symbol, range: Range) -> Result<Drawn, ProviderError> {
    let whole = ask(http, symbol, range, &format!("range={}", range.as_str())).await?;
    if !is_coarser(&whole.history.interval, interval(range)) {
        return Ok(whole);
    }
    match finer(http, symbol, range, &whole).await {
        Some(windows) => Ok(decode::redrawn(whole, windows, interval(range))),
        // It is what there is, and says so.
        None => Ok(whole),
    }
}

/// The splits of the last years, the oldest first.
pub(super) async fn splits(http: &Http, symbol: &Symbol) -> Result<Vec<Split>, ProviderError> {
    let path = format!(
        "/v8/finance/chart/{}?range=5y&interval=1mo&includePrePost=false&events=split",
        percent_encoded(&asked_as(symbol))
    );
    let body = keyless_body(http, &path, Some(symbol)).await?;
    decode::splits(&body).map_err(|fault| from_fault(&fault, Some(symbol)))
}

/// The bars that suit a range; of everything there is, by the week.
fn interval(range: Range) -> &'static str {
    if range == Range::Max { "1wk" } else { range.interval() }
}

async fn ask(http: &Http, symbol: &Symbol, range: Range, span: &str) -> Result<Drawn, ProviderError> {
    let path = format!(
        "/v8/finance/chart/{}?{span}&interval={}&includePrePost={}",
        percent_encoded(&asked_as(symbol)),
        interval(range),
        range == Range::Day,
    );
    let body = keyless_body(http, &path, Some(symbol)).await?;
    decode::history(&body, symbol, range, clock::now()).map_err(|fault| from_fault(&fault, Some(symbol)))
}

/// The same chart in windows with the bars that were asked for; `None` where the vendor has none, or fails.
async fn finer(http: &Http, symbol: &Symbol, range: Range, whole: &Drawn) -> Option<Vec<History>> {
    let mut windows = Vec::new();
    for (from, to) in spans(beginning(whole)?, clock::now().as_second(), whole.offset) {
        let window = ask(http, symbol, range, &format!("period1={from}&period2={to}")).await;
        let window = window.inspect_err(|error| tracing::debug!(%symbol, %error, "no finer chart")).ok()?;
        if is_coarser(&window.history.interval, interval(range)) {
            return None;
        }
        windows.push(window.history);
    }
    windows.iter().any(|window| !window.bars.is_empty()).then_some(windows)
}

/// Where a chart begins: with its first bar, and what came before the bell on that day; of everything there is, with the
/// first trade.
fn beginning(chart: &Drawn) -> Option<i64> {
    let pre = chart.hours.as_ref().and_then(|told| told.hours.pre).map(|(start, _)| start);
    let first_trade = chart.first_trade.filter(|_| chart.history.range == Range::Max);
    let first_bar = chart.history.bars.first()?.at;
    [Some(first_bar), pre, first_trade].into_iter().flatten().min().map(Timestamp::as_second)
}

/// From one second up to, not with, another, in windows that follow each other.
fn spans(from: i64, to: i64, offset: i64) -> Vec<(i64, i64)> {
    let from = from.max(to - WINDOWS_MAX * WINDOW);
    if to - from <= WINDOW {
        return vec![(from, to)];
    }
    let grid = MONDAY - EVENING - offset;
    let first = from - (from - grid).rem_euclid(WEEK);
    (0..=WINDOWS_MAX)
        .map(|number| first + number * WINDOW)
        .take_while(|start| *start < to)
        .map(|start| (start, (start + WINDOW).min(to)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the span: it is covered without a gap or overlap, in few windows, and no week is torn.
        #[test]
        fn windows_follow_each_other(from in -3_000_000_000i64..2_000_000_000, length in 1i64..4_000_000_000, hours in -12i64..14) {
            let (to, offset) = (from + length, hours * 3_600);
            let spans = spans(from, to, offset);
            prop_assert!(!spans.is_empty() && i64::try_from(spans.len()).unwrap() <= WINDOWS_MAX + 1);
            prop_assert!(spans[0].0 <= from.max(to - WINDOWS_MAX * WINDOW) && spans.last().unwrap().1 == to);
            for pair in spans.windows(2) {
                prop_assert_eq!(pair[0].1, pair[1].0);
                prop_assert_eq!((pair[1].0 + offset + EVENING - MONDAY).rem_euclid(WEEK), 0);
            }
            prop_assert!(spans.iter().all(|(from, to)| from < to && to - from <= WINDOW));
        }
    }
}
