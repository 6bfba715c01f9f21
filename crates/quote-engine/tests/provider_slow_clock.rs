//! A computer whose clock is slow. What is learnt of it holds for the whole process, so this test has one to itself.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod provider_stub;

use jiff::{SignedDuration, Timestamp};
use market::Symbol;
use provider_stub::{Stub, batch, row, says, session};
use quote_engine::provider::{Provider as _, clock};

#[tokio::test]
async fn prices_are_shown_on_a_computer_whose_clock_is_slow() {
    let there = Timestamp::now() + SignedDuration::from_hours(1);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&there).unwrap();
    let traded = there.as_second() - 10;
    let row = row("AAPL").replace("1700000000", &traded.to_string());
    let stub = Stub::start(move |asked| {
        session(asked).unwrap_or_else(|| says(200, batch(std::slice::from_ref(&row)))).with("date", date.as_str())
    })
    .await;
    let answer = stub.provider().quotes(&[Symbol::parse("AAPL").unwrap()]).await.unwrap();
    assert_eq!(answer.rejected, []);
    assert_eq!(answer.quotes[0].quoted_at.as_second(), traded, "the world's time, not the computer's");
    assert!(clock::now() > there - SignedDuration::from_mins(1));
}
