//! Dates one can look up, and what holds on every day.

use jiff::{
    SignedDuration,
    civil::{DateTime, date},
};
use proptest::prelude::*;

use super::{holidays::easter, *};
use crate::{Kind, Symbol};

fn of(symbol: &str) -> &'static Market {
    Market::of(&Symbol::parse(symbol).unwrap(), None, None).unwrap()
}

/// A wall clock time such as `2026-11-27T13:00` in a zone.
fn local(zone: &str, text: &str) -> Timestamp {
    text.parse::<DateTime>().unwrap().in_tz(zone).unwrap().timestamp()
}

impl Market {
    fn at(&self, text: &str) -> Timestamp {
        local(self.zone, text)
    }

    fn on(&self, text: &str) -> Session {
        self.session(self.at(text))
    }

    /// The weekdays of a year without trading, and those with less of it, as `MMDD`.
    fn off_days(&self, year: i16) -> (Vec<i32>, Vec<i32>) {
        let mmdd = |date: &Date| i32::from(date.month()) * 100 + i32::from(date.day());
        let days: Vec<Date> =
            date(year, 1, 1).series(jiff::Span::new().days(1)).take_while(|day| day.year() == year).collect();
        let days: Vec<Date> = days.into_iter().filter(|day| !is_weekend(*day)).collect();
        let closed = days.iter().filter(|day| self.holidays.day(**day) == Day::Closed).map(mmdd).collect();
        let early = days.iter().filter(|day| matches!(self.holidays.day(**day), Day::Early(_))).map(mmdd).collect();
        (closed, early)
    }
}

#[test]
fn new_york_through_a_day() {
    let us = of("AAPL");
    for (time, session) in [
        ("03:59:59", Session::Closed),
        ("04:00", Session::Pre),
        ("09:29:59", Session::Pre),
        ("09:30", Session::Regular),
        ("15:59:59", Session::Regular),
        ("16:00", Session::Post),
        ("20:00", Session::Closed),
    ] {
        assert_eq!(us.on(&format!("2026-11-25T{time}")), session, "{time}");
    }
}

#[test]
fn thanksgiving_and_the_half_day_after_it() {
    let us = of("AAPL");
    assert_eq!(us.on("2026-11-26T11:00"), Session::Closed);
    assert_eq!(us.next_open(us.at("2026-11-25T19:00")), Some(us.at("2026-11-27T04:00")));
    assert_eq!(us.on("2026-11-27T12:59"), Session::Regular);
    assert_eq!(us.on("2026-11-27T13:00"), Session::Post);
    assert_eq!(us.on("2026-11-27T17:00"), Session::Closed);
    assert_eq!(us.next_open(us.at("2026-11-27T17:00")), Some(us.at("2026-11-30T04:00")));
}

#[test]
fn london_closes_at_half_past_twelve_on_christmas_eve() {
    let london = of("VOD.L");
    assert_eq!(london.on("2026-12-24T12:29"), Session::Regular);
    assert_eq!(london.on("2026-12-24T12:30"), Session::Closed);
    assert_eq!(london.next_open(london.at("2026-12-24T12:30")), Some(london.at("2026-12-29T08:00")));
}

#[test]
fn tokyo_has_lunch() {
    let tokyo = of("7203.T");
    let noon = tokyo.at("2026-11-25T12:00");
    assert_eq!(tokyo.session(noon), Session::Closed);
    assert_eq!(tokyo.next_open(noon), Some(tokyo.at("2026-11-25T12:30")));
    assert_eq!(tokyo.next_open(tokyo.at("2026-11-25T10:00")), Some(tokyo.at("2026-11-25T12:30")));
    assert_eq!(tokyo.on("2026-11-25T15:29"), Session::Regular);
    assert_eq!(tokyo.on("2026-11-25T15:30"), Session::Closed);
}

#[test]
fn currencies_trade_from_sunday_to_friday_and_coins_always() {
    let forex = of("EURUSD=X");
    assert_eq!(forex.on("2026-11-27T16:59"), Session::Regular);
    assert_eq!(forex.on("2026-11-27T17:00"), Session::Closed);
    assert_eq!(forex.next_open(forex.at("2026-11-24T00:00")), Some(forex.at("2026-11-29T17:00")));
    assert_eq!(forex.next_change(forex.at("2026-11-24T00:00")), Some(forex.at("2026-11-27T17:00")), "not at midnight");
    let crypto = of("BTC-USD");
    assert_eq!(crypto.on("2026-12-25T03:00"), Session::Regular);
    assert_eq!((crypto.next_change(Timestamp::UNIX_EPOCH), crypto.next_open(Timestamp::UNIX_EPOCH)), (None, None));
}

#[test]
fn tel_aviv_rests_from_friday_afternoon() {
    let tel_aviv = of("TEVA.TA");
    assert_eq!(tel_aviv.on("2026-11-27T13:59"), Session::Regular);
    assert_eq!(tel_aviv.next_open(tel_aviv.at("2026-11-27T14:00")), Some(tel_aviv.at("2026-11-30T10:00")));
}

/// In March New York's clocks change two or three weeks before London's, in autumn London's a week before New York's.
#[test]
fn summer_time_begins_and_ends_on_different_days() {
    let (us, london) = (of("AAPL"), of("VOD.L"));
    for (day, us_opens_utc, london_opens_utc) in [
        ("2026-03-06", "14:30", "08:00"),
        ("2026-03-09", "13:30", "08:00"),
        ("2026-03-27", "13:30", "08:00"),
        ("2026-03-30", "13:30", "07:00"),
        ("2026-10-23", "13:30", "07:00"),
        ("2026-10-26", "13:30", "08:00"),
        ("2026-10-30", "13:30", "08:00"),
        ("2026-11-02", "14:30", "08:00"),
    ] {
        let utc = |time: &str| format!("{day}T{time}:00Z").parse::<Timestamp>().unwrap();
        assert_eq!(us.next_change(utc("12:00")), Some(utc(us_opens_utc)), "New York, {day}");
        assert_eq!(london.next_open(utc("05:00")), Some(utc(london_opens_utc)), "London, {day}");
    }
}

/// As the exchanges publish them.
#[test]
fn holidays_and_half_days_of_2026() {
    let expect = |symbol: &str, closed: &[i32], early: &[i32]| {
        assert_eq!(of(symbol).off_days(2026), (closed.to_vec(), early.to_vec()), "{symbol}");
    };
    expect("AAPL", &[101, 119, 216, 403, 525, 619, 703, 907, 1126, 1225], &[1127, 1224]);
    expect("RY.TO", &[101, 216, 403, 518, 701, 803, 907, 1012, 1225, 1228], &[1224]);
    expect("VOD.L", &[101, 403, 406, 504, 525, 831, 1225, 1228], &[1224, 1231]);
    expect("SAP.DE", &[101, 403, 406, 501, 1224, 1225, 1231], &[1230]);
    expect("MC.PA", &[101, 403, 406, 501, 1225], &[1224, 1231]);
    expect("ENI.MI", &[101, 403, 406, 501, 1224, 1225, 1231], &[]);
    expect("NESN.SW", &[101, 102, 403, 406, 501, 514, 525, 1224, 1225, 1231], &[]);
    expect("VOLV-B.ST", &[101, 106, 403, 406, 501, 514, 619, 1224, 1225, 1231], &[105, 402, 430, 513, 1030]);
    expect("EQNR.OL", &[101, 402, 403, 406, 501, 514, 525, 1224, 1225, 1231], &[401]);
    expect("BHP.AX", &[101, 126, 403, 406, 608, 1225, 1228], &[1224, 1231]);
    expect(
        "7203.T",
        &[101, 102, 112, 211, 223, 320, 429, 504, 505, 506, 720, 811, 921, 922, 923, 1012, 1103, 1123, 1231],
        &[],
    );
    expect("0700.HK", &[], &[]);
}

#[test]
fn weekends_move_holidays_as_each_country_does() {
    let us = of("AAPL");
    assert_eq!(us.off_days(2027).0, [101, 118, 215, 326, 531, 618, 705, 906, 1125, 1224], "4 July is a Sunday");
    assert_eq!(us.off_days(2027).1, [1126], "no half day before a Monday, Christmas Eve is the holiday");
    assert_eq!(us.off_days(2028).0.first(), Some(&117), "a Saturday's New Year is lost");
    assert_eq!(us.off_days(2024).1, [703, 1129, 1224]);
    assert_eq!(of("VOD.L").off_days(2027).0[6..], [1227, 1228], "Christmas on a Saturday");
    assert_eq!(of("VOD.L").off_days(2022).0.iter().rev().take(2).copied().collect::<Vec<_>>(), [1227, 1226]);
    assert_eq!(of("VOD.L").off_days(2023).1, [1222, 1229], "the last trading day, be it a Friday");
}

#[test]
fn easter_as_published() {
    for (year, month, day) in
        [(1961, 4, 2), (2000, 4, 23), (2008, 3, 23), (2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2038, 4, 25)]
    {
        assert_eq!(easter(year), Some(date(year, month, day)));
    }
}

#[test]
fn markets_are_found_by_shape_name_and_zone() {
    let find = |symbol: &str, exchange: Option<&str>, zone: Option<&str>| {
        Market::of(&Symbol::parse(symbol).unwrap(), exchange, zone).map(Market::name)
    };
    assert_eq!(find("BRK-B", None, None), Some("US stocks"), "a share's class is no currency");
    assert_eq!(find("BRK-B", Some("NYSE"), Some("America/New_York")), Some("US stocks"));
    assert_eq!(find("VOLV-B.ST", None, None), Some("Stockholm"));
    assert_eq!(find("TRUMP27872-USD", Some("CCC"), Some("UTC")), Some("cryptocurrencies"));
    assert_eq!(find("BTCUSDT", Some("binance"), None), Some("cryptocurrencies"));
    assert_eq!(find("JPY=X", Some("CCY"), Some("Europe/London")), Some("currencies"));
    assert_eq!(find("GC=F", None, None), Some("US futures"));
    assert_eq!(find("SAP", Some("XETRA"), None), Some("Xetra"));
    assert_eq!(find("^GSPC", Some("SNP"), Some("America/New_York")), Some("US indices"));
    assert_eq!(find("^FTSE", None, Some("Europe/London")), Some("London"));
    assert_eq!(find("^FTSE", None, None), None);
    assert_eq!(find("ABC.XYZ", None, None), None);
    assert_eq!(find("ABC", Some("Ulaanbaatar"), Some("Asia/Ulaanbaatar")), None);
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for market in Market::all() {
        for at in [Timestamp::MIN, Timestamp::MAX] {
            market.session(at);
            market.next_change(at);
            market.next_open(at);
        }
    }
}

fn any_market() -> impl Strategy<Value = &'static Market> {
    prop::sample::select(Market::all().collect::<Vec<_>>())
}

/// From 2020 to 2040, to the second.
fn any_time() -> impl Strategy<Value = Timestamp> {
    (1_577_836_800i64..2_208_988_800).prop_map(|s| Timestamp::from_second(s).unwrap())
}

/// 2026-11-25, 00:00 UTC.
const NOV_25: i64 = 1_795_564_800;

fn utc_hour(hour: i64) -> Timestamp {
    Timestamp::from_second(NOV_25 + hour * 3_600).unwrap()
}

/// A day like New York's in winter: 09:00–14:30–21:00–01:00 UTC on 2026-11-25.
fn winter_day() -> TradingHours {
    TradingHours {
        pre: Some((utc_hour(9), utc_hour(14))),
        regular: Some((utc_hour(14), utc_hour(21))),
        post: Some((utc_hour(21), utc_hour(25))),
        told_at: None,
    }
}

#[test]
fn a_providers_periods_are_read_as_they_are() {
    let day = winter_day();
    assert_eq!(day.session(utc_hour(8)), Session::Closed);
    assert_eq!(day.session(utc_hour(9)), Session::Pre);
    assert_eq!(day.session(utc_hour(14)), Session::Regular);
    assert_eq!(day.session(utc_hour(25)), Session::Closed);
    assert_eq!((day.next_open(utc_hour(8)), day.next_open(utc_hour(9))), (Some(utc_hour(9)), None));
    let empty = Some((utc_hour(14), utc_hour(14)));
    assert_eq!(TradingHours { pre: empty, post: empty, ..day }.next_open(utc_hour(8)), Some(utc_hour(14)));
    assert_eq!(TradingHours::default().day(), None);
}

#[test]
fn a_provider_that_knows_of_a_half_day_wins_until_the_day_is_over() {
    let hours = TradingHours { regular: Some((utc_hour(14), utc_hour(18))), post: None, ..winter_day() };
    let table = Timetable { hours: Some(hours), market: Some(of("AAPL")) };
    assert_eq!(of("AAPL").session(utc_hour(19)), Session::Regular);
    assert_eq!(table.session(utc_hour(19)), Some(Session::Closed));
    assert_eq!(table.next_open(utc_hour(19)), Some(of("AAPL").at("2026-11-27T04:00")), "the calendar, afterwards");
    assert_eq!(table.session(utc_hour(72)), Some(of("AAPL").session(utc_hour(72))));
    assert_eq!(Timetable { market: None, ..table }.session(utc_hour(72)), None);
    assert_eq!(Timetable::default().next_open(utc_hour(0)), None);
}

#[test]
fn hours_of_another_day_told_in_trading_hours_are_a_holiday() {
    let tencent = Symbol::parse("0700.HK").unwrap();
    let market = Market::of(&tencent, None, None).unwrap();
    let hong_kong =
        |text: &str| text.parse::<jiff::civil::DateTime>().unwrap().in_tz("Asia/Hong_Kong").unwrap().timestamp();
    let day = |day: &str| Some((hong_kong(&format!("{day}T09:30")), hong_kong(&format!("{day}T16:00"))));
    let told = |of: &str, at: &str| Timetable {
        hours: Some(TradingHours { regular: day(of), told_at: Some(hong_kong(at)), ..TradingHours::default() }),
        market: Some(market),
    };
    let noon = hong_kong("2027-02-09T11:00");
    assert_eq!(market.session(noon), Session::Regular, "the calendar claims no holidays");
    let table = told("2027-02-05", "2027-02-09T10:40");
    assert_eq!(table.session(noon), Some(Session::Closed), "the last day with trading was Friday");
    assert_eq!(
        table.next_open(noon).map(|at| market.zone().to_datetime(at).date()),
        Some("2027-02-10".parse().unwrap())
    );
    assert_eq!(table.session(hong_kong("2027-02-10T11:00")), Some(Session::Regular), "of tomorrow it says nothing");
    let ahead = told("2027-02-11", "2027-02-08T17:00");
    assert_eq!(ahead.session(noon), Some(Session::Closed));
    assert_eq!(ahead.next_open(noon), Some(hong_kong("2027-02-11T09:30")), "the next day is known");
    for (of, at) in
        [("2027-02-08", "2027-02-09T10:20"), ("2027-02-08", "2027-02-09T08:00"), ("2026-02-09", "2027-02-09T10:40")]
    {
        assert_eq!(told(of, at).session(noon), Some(Session::Regular), "{of} told at {at} proves nothing");
    }
    let half = TradingHours {
        regular: Some((hong_kong("2027-02-05T09:30"), hong_kong("2027-02-05T12:00"))),
        ..TradingHours::default()
    };
    let half = Timetable { hours: Some(half), market: Some(market) };
    assert_eq!(half.session(hong_kong("2027-02-05T14:00")), Some(Session::Closed), "half a day");
}

proptest! {
    /// A session lasts until the change announced, and what comes then is another one.
    #[test]
    fn sessions_partition_time(market in any_market(), at in any_time(), part in 0.0f64..1.0) {
        let Some(change) = market.next_change(at) else {
            prop_assert_eq!(market.name(), "cryptocurrencies");
            return Ok(());
        };
        prop_assert!(change > at);
        let within = at + SignedDuration::from_secs_f64((change - at).as_secs_f64() * part);
        prop_assert_eq!(market.session(within.min(change - SignedDuration::from_nanos(1))), market.session(at));
        prop_assert_ne!(market.session(change), market.session(at));
    }

    /// Between a moment and the next opening: the rest of this session, if any, and then nothing but closed.
    #[test]
    fn the_next_open_is_the_very_next(market in any_market(), at in any_time()) {
        let Some(open) = market.next_open(at) else { return Ok(()) };
        prop_assert!(open > at);
        prop_assert!(market.session(open) != Session::Closed);
        prop_assert_eq!(market.session(open - SignedDuration::from_nanos(1)), Session::Closed);
        let mut closes = at;
        while market.session(closes) != Session::Closed {
            closes = market.next_change(closes).unwrap();
        }
        prop_assert_eq!(market.next_change(closes), Some(open));
    }

    /// Where the provider's day speaks, it alone does; elsewhere the calendar does.
    #[test]
    fn a_timetable_agrees_with_whoever_speaks(market in any_market(), hour in -100i64..100) {
        let (day, at) = (winter_day(), utc_hour(hour));
        let table = Timetable { hours: Some(day), market: Some(market) };
        let (start, end) = day.day().unwrap();
        let session = if start <= at && at < end { day.session(at) } else { market.session(at) };
        prop_assert_eq!(table.session(at), Some(session));
        if let Some(open) = table.next_open(at) {
            prop_assert!(open > at);
            prop_assert!(table.session(open) != Some(Session::Closed));
        }
    }
}

#[test]
fn what_a_symbol_is_by_how_it_is_written() {
    for (text, kind) in [
        ("AAPL", Kind::Equity),
        ("BRK-B", Kind::Equity),
        ("VOD.L", Kind::Equity),
        ("^GSPC", Kind::Index),
        ("EURUSD=X", Kind::Currency),
        ("GC=F", Kind::Future),
        ("BTC-USD", Kind::Crypto),
        ("AAPL260116C00250000", Kind::Option),
        ("260116C00250000", Kind::Equity),
    ] {
        assert_eq!(Kind::looks(&Symbol::parse(text).unwrap()), kind, "{text}");
    }
}
