//! A split, from the vendor's answer to what is told: the real feed, desk and dispatcher, and a Yahoo on this machine.

#![allow(clippy::unwrap_used)]

mod house;
mod provider_stub;

use std::sync::{Arc, Mutex};

use bus::{Interest, Message, Subscription};
use house::{House, symbol, until};
use jiff::SignedDuration;
use market::{Alert, Condition, Edit, Price, Quote, QuoteState, Range, Timestamp, UserName, alert::DAY_MOVE_ALERT};
use provider_stub::{Asked, Says, Stub, batch, says, session};
use quote_engine::{
    desk::Desk,
    feed::Source,
    store::{Account, FileStore, ProfileStore},
};

/// What the vendor says at the moment.
#[derive(Debug, Clone, Copy)]
struct Situation {
    price: f64,
    previous_close: f64,
    quoted_at: Timestamp,
    /// When the split begins; none is told otherwise.
    split_at: Option<Timestamp>,
    /// So many shares for so many.
    split: (u32, u32),
    charts_fail: bool,
}

/// The day before, in the old shares.
fn before() -> Situation {
    let quoted_at = Timestamp::now() - SignedDuration::from_hours(24);
    Situation { price: 400.0, previous_close: 396.0, quoted_at, split_at: None, split: (4, 1), charts_fail: false }
}

/// The day of the split, which begins in an hour: prices before the bell are in the new shares.
fn after(price: f64) -> Situation {
    let now = Timestamp::now();
    let split_at = Some(now + SignedDuration::from_hours(1));
    Situation { price, previous_close: 100.0, quoted_at: now, split_at, split: (4, 1), charts_fail: false }
}

struct Vendor {
    stub: Stub,
    says: Arc<Mutex<Situation>>,
}

impl Vendor {
    async fn saying(first: Situation) -> Self {
        let says = Arc::new(Mutex::new(first));
        let stub = Stub::start({
            let says = Arc::clone(&says);
            move |asked| answer(asked, *says.lock().unwrap())
        })
        .await;
        Self { stub, says }
    }

    fn say(&self, now: Situation) {
        *self.says.lock().unwrap() = now;
    }

    fn source(&self) -> Source {
        Source::only(Arc::new(self.stub.provider()))
    }

    /// How often it was asked for splits.
    fn asked_for_splits(&self) -> usize {
        self.stub
            .asked()
            .iter()
            .filter(|asked| asked.query.get("events").is_some_and(|events| events == "split"))
            .count()
    }
}

fn answer(asked: &Asked, vendor: Situation) -> Says {
    if let Some(said) = session(asked) {
        return said;
    }
    if !asked.is("/chart/AAPL") {
        let Situation { price, previous_close, quoted_at, .. } = vendor;
        let percent = (price / previous_close - 1.0) * 100.0;
        let row = format!(
            r#"{{"symbol":"AAPL","quoteType":"EQUITY","currency":"USD","marketState":"REGULAR","regularMarketPrice":{price},"regularMarketTime":{},"regularMarketPreviousClose":{previous_close},"regularMarketChangePercent":{percent}}}"#,
            quoted_at.as_second()
        );
        return says(200, batch(&[row]));
    }
    if vendor.charts_fail {
        return says(500, "");
    }
    let split = vendor.split_at.map(|at| {
        let (at, (numerator, denominator)) = (at.as_second(), vendor.split);
        format!(r#""{at}":{{"date":{at},"numerator":{numerator},"denominator":{denominator}}}"#)
    });
    says(
        200,
        format!(
            r#"{{"chart":{{"result":[{{"meta":{{"symbol":"AAPL","dataGranularity":"1d"}},"timestamp":[1700000000],"indicators":{{"quote":[{{"close":[{}]}}]}},"events":{{"splits":{{{}}}}}}}],"error":null}}}}"#,
            vendor.price,
            split.unwrap_or_default()
        ),
    )
}

fn alert(id: &str, condition: fn(Price) -> Condition, line: f64) -> Alert {
    Alert {
        id: id.into(),
        condition: condition(Price::from_f64(line).unwrap()),
        ..house::alert_above("AAPL", line, true)
    }
}

async fn put(house: &House, alert: Alert) {
    house.apply(Edit::PutAlert { alert }).await;
}

fn lines(house: &House) -> Vec<f64> {
    let alerts = house.desk.profile(&UserName::me()).unwrap().alerts;
    let line = |alert: &Alert| match alert.condition {
        Condition::Above(line) | Condition::Below(line) => Some(line.to_f64()),
        Condition::DayMove(percent) => Some(percent),
        _ => None,
    };
    alerts.iter().filter_map(line).collect()
}

/// Everything told of the quote, up to the first one that is of now and at this price.
async fn told_until(quotes: &mut Subscription, price: f64) -> Vec<Quote> {
    let mut told = Vec::new();
    until(quotes, |message| {
        let Message::Quote(quote) = message else { return None };
        let done = Some(quote.price) == Price::from_f64(price) && quote.state != QuoteState::Stale;
        told.push(quote);
        done.then_some(())
    })
    .await;
    told
}

async fn first_alert(alerts: &mut Subscription) -> (String, f64) {
    until(
        alerts,
        |m| if let Message::Alert(_, fired) = m { Some((fired.alert_id, fired.price.to_f64())) } else { None },
    )
    .await
}

async fn restarted(mut house: House, source: Source) -> House {
    let folder = std::mem::replace(&mut house.folder, tempfile::tempdir().unwrap());
    drop(house);
    // The old desk lets go of its lock when its task ends, the feed has written its quotes down before.
    while Desk::open(folder.path(), Box::new(FileStore::new(folder.path()))).is_err() {
        tokio::task::yield_now().await;
    }
    House::open_in(folder, source, &["AAPL"], false)
}

#[tokio::test]
async fn alerts_follow_a_split_once_and_nothing_false_is_told() {
    let vendor = Vendor::saying(before()).await;
    let house = House::open(vendor.source(), &["AAPL"], false);
    let (mut quotes, mut alerts) = (house.hear(Interest::Quotes).await, house.hear(Interest::Alerts).await);
    told_until(&mut quotes, 400.0).await;
    put(&house, alert("up", Condition::Above, 500.0)).await;
    put(&house, alert("down", Condition::Below, 350.0)).await;
    put(&house, alert("move", |_| Condition::DayMove(50.0), 50.0)).await;
    house.feed.history(&symbol("AAPL"), Range::Year).await.unwrap();
    let charts = vendor.stub.count("/chart/");

    vendor.say(after(101.0));
    let told = told_until(&mut quotes, 101.0).await;
    let seen: Vec<f64> = told.iter().map(|quote| quote.price.to_f64()).collect();
    assert!(seen.iter().all(|price| [400.0, 101.0].contains(price)), "{seen:?}");
    assert_eq!(lines(&house), [125.0, 87.5, 50.0]);
    assert_eq!(vendor.asked_for_splits(), 1);
    let chart = house.feed.history(&symbol("AAPL"), Range::Year).await.unwrap();
    assert_eq!((chart.bars[0].close, vendor.stub.count("/chart/")), (101.0, charts + 2), "fetched anew");

    // What is drawn now is in the new shares; the first alert that fires is a right one.
    put(&house, alert("new", Condition::Above, 110.0)).await;
    vendor.say(after(112.0));
    assert_eq!(first_alert(&mut alerts).await, ("new".to_owned(), 112.0));
    assert_eq!(first_alert(&mut alerts).await, (DAY_MOVE_ALERT.to_owned(), 112.0), "twelve percent");
    vendor.say(after(126.0));
    assert_eq!(first_alert(&mut alerts).await, ("up".to_owned(), 126.0));

    let house = restarted(house, vendor.source()).await;
    let mut quotes = house.hear(Interest::Quotes).await;
    vendor.say(after(127.0));
    told_until(&mut quotes, 127.0).await;
    assert_eq!(lines(&house), [125.0, 87.5, 50.0, 110.0]);
}

#[tokio::test]
async fn a_vendor_that_is_behind_with_the_close_makes_no_crash() {
    let vendor = Vendor::saying(before()).await;
    let house = House::open(vendor.source(), &["AAPL"], false);
    let (mut quotes, mut alerts) = (house.hear(Interest::Quotes).await, house.hear(Interest::Alerts).await);
    told_until(&mut quotes, 400.0).await;
    put(&house, alert("up", Condition::Above, 408.0)).await;
    vendor.say(Situation { previous_close: 400.0, ..after(101.0) });
    let told = told_until(&mut quotes, 101.0).await.pop().unwrap();
    assert_eq!((told.previous_close, told.change_percent), (Price::from_f64(100.0), Some(1.0)));
    vendor.say(Situation { previous_close: 400.0, ..after(102.0) });
    assert_eq!(first_alert(&mut alerts).await, ("up".to_owned(), 102.0), "no fall of three quarters before");
}

#[tokio::test]
async fn a_split_that_could_not_be_asked_for_is_found_after_a_restart() {
    let vendor = Vendor::saying(before()).await;
    let house = House::open(vendor.source(), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    told_until(&mut quotes, 400.0).await;
    put(&house, alert("up", Condition::Above, 500.0)).await;
    vendor.say(Situation { charts_fail: true, ..after(101.0) });
    while vendor.asked_for_splits() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(lines(&house), [500.0]);
    let house = restarted(house, vendor.source()).await;
    let mut quotes = house.hear(Interest::Quotes).await;
    vendor.say(after(101.0));
    told_until(&mut quotes, 101.0).await;
    assert_eq!(lines(&house), [125.0]);
}

#[tokio::test]
async fn a_stock_dividend_is_noticed_where_alerts_wait() {
    let vendor = Vendor::saying(before()).await;
    let house = House::open(vendor.source(), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    told_until(&mut quotes, 400.0).await;
    put(&house, alert("up", Condition::Above, 420.0)).await;
    put(&house, alert("down", Condition::Below, 315.0)).await;
    // Twenty-one for twenty, and a fall of a twentieth beside it.
    let dividend = Situation { previous_close: 380.952_4, split: (21, 20), ..after(362.0) };
    vendor.say(dividend);
    let told = told_until(&mut quotes, 362.0).await.pop().unwrap();
    assert_eq!(lines(&house), [400.0, 300.0]);
    assert_eq!(told.previous_close, Price::from_f64(380.952_4), "the vendor's own, which is right");
    assert_eq!(vendor.asked_for_splits(), 1);
}

#[tokio::test]
async fn a_small_split_of_tomorrow_is_not_taken_for_todays_move() {
    let vendor = Vendor::saying(before()).await;
    let house = House::open(vendor.source(), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    told_until(&mut quotes, 400.0).await;
    put(&house, alert("up", Condition::Above, 420.0)).await;
    // Nobody saw the close: the program was off in the afternoon.
    let split_at = Some(Timestamp::now() + SignedDuration::from_hours(20));
    vendor.say(Situation { previous_close: 385.0, split: (21, 20), split_at, ..after(384.0) });
    told_until(&mut quotes, 384.0).await;
    assert_eq!((lines(&house), vendor.asked_for_splits()), (vec![420.0], 1));
}

#[tokio::test]
async fn a_wild_day_is_no_split_and_is_asked_about_once() {
    let vendor = Vendor::saying(before()).await;
    let house = House::open(vendor.source(), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    told_until(&mut quotes, 400.0).await;
    put(&house, alert("down", Condition::Below, 350.0)).await;
    for price in [150.0, 140.0] {
        vendor.say(Situation { split_at: None, previous_close: 400.0, ..after(price) });
        told_until(&mut quotes, price).await;
    }
    assert_eq!((lines(&house), vendor.asked_for_splits()), (vec![350.0], 1));
}

#[tokio::test]
async fn a_split_at_the_bell_is_found_although_there_was_none_in_the_morning() {
    let folder = tempfile::tempdir().unwrap();
    let mut profile = market::Profile::new(UserName::me());
    let drawn_at = Some(Timestamp::now() - SignedDuration::from_hours(24 * 10));
    let down = Alert { drawn_at, repeat: false, ..alert("down", Condition::Below, 350.0) };
    profile.apply(Edit::PutAlert { alert: down }).unwrap();
    let account = Account::new(String::new(), profile);
    FileStore::new(folder.path()).save(1, &[(UserName::me(), account)].into()).unwrap();
    let vendor = Vendor::saying(before()).await;
    let house = House::open_in(folder, vendor.source(), &["AAPL"], false);
    let (mut quotes, mut alerts) = (house.hear(Interest::Quotes).await, house.hear(Interest::Alerts).await);
    told_until(&mut quotes, 400.0).await;
    assert_eq!((lines(&house), vendor.asked_for_splits()), (vec![350.0], 1));
    vendor.say(after(101.0));
    told_until(&mut quotes, 101.0).await;
    assert_eq!((lines(&house), vendor.asked_for_splits()), (vec![87.5], 2));
    vendor.say(after(87.0));
    assert_eq!(first_alert(&mut alerts).await, ("down".to_owned(), 87.0), "and not before");
}

#[tokio::test]
async fn lots_follow_a_split_and_come_back_from_a_backup_in_the_new_shares() {
    let vendor = Vendor::saying(before()).await;
    let house = House::open(vendor.source(), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    told_until(&mut quotes, 400.0).await;
    let lots: Vec<market::Lot> =
        serde_json::from_value(serde_json::json!([{"quantity": 10, "cost": 300, "date": "2024-03-15"}])).unwrap();
    house.apply(Edit::SetLots { symbol: symbol("AAPL"), lots }).await;
    put(&house, alert("up", Condition::Above, 500.0)).await;
    house.apply(Edit::StartOver).await;
    vendor.say(after(101.0));
    told_until(&mut quotes, 101.0).await;
    let held = || {
        let lot = &house.desk.profile(&UserName::me()).unwrap().holdings[&symbol("AAPL")][0];
        (lot.quantity.to_f64(), lot.cost.unwrap().to_f64())
    };
    assert_eq!(held(), (40.0, 75.0));
    let kept = house.desk.backups(&UserName::me()).await.unwrap().backups;
    house.desk.restore(&UserName::me(), &kept[0].id).await.unwrap();
    assert_eq!((held(), lines(&house)), ((40.0, 75.0), vec![125.0]));
}

#[tokio::test]
async fn a_line_that_is_crossed_over_the_night_of_a_split_fires() {
    let vendor = Vendor::saying(before()).await;
    let house = House::open(vendor.source(), &["AAPL"], false);
    let (mut quotes, mut alerts) = (house.hear(Interest::Quotes).await, house.hear(Interest::Alerts).await);
    told_until(&mut quotes, 400.0).await;
    put(&house, alert("up", Condition::Above, 402.0)).await;
    vendor.say(Situation { price: 401.0, ..before() });
    told_until(&mut quotes, 401.0).await;
    vendor.say(after(101.0));
    assert_eq!(first_alert(&mut alerts).await, ("up".to_owned(), 101.0));
    assert_eq!(lines(&house), [100.5]);
}

#[tokio::test]
async fn after_weeks_away_old_alerts_are_carried_over_and_young_ones_are_not() {
    let days_ago = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
    let folder = tempfile::tempdir().unwrap();
    let mut profile = market::Profile::new(UserName::me());
    let drawn = |id: &str, days| Alert { drawn_at: Some(days_ago(days)), ..alert(id, Condition::Above, 500.0) };
    for alert in [drawn("old", 30), drawn("young", 10)] {
        profile.apply(Edit::PutAlert { alert }).unwrap();
    }
    let account = Account::new(String::new(), profile);
    FileStore::new(folder.path()).save(1, &[(UserName::me(), account)].into()).unwrap();
    let vendor = Vendor::saying(Situation { split_at: Some(days_ago(20)), ..after(101.0) }).await;
    let house = House::open_in(folder, vendor.source(), &["AAPL"], false);
    let mut quotes = house.hear(Interest::Quotes).await;
    told_until(&mut quotes, 101.0).await;
    assert_eq!(lines(&house), [125.0, 500.0]);
}
