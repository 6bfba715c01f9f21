//! What holdings are worth, against sums done by hand and by rule.

use proptest::prelude::*;

use super::*;
use crate::{Edit, Edited, Kind, UserName, price::tests::price, quote::tests::quote};

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

fn lot(quantity: f64, cost: Option<f64>, currency: Option<&str>) -> Lot {
    Lot { quantity: price(quantity), cost: cost.map(price), currency: currency.map(str::to_owned), date: None }
}

/// Quotes by symbol, price, change and currency.
fn quotes(of: &[(&str, f64, f64, &str)]) -> BTreeMap<Symbol, Quote> {
    let each = |&(name, last, change, currency): &(&str, f64, f64, &str)| {
        let kind = if name.ends_with("=X") { Kind::Currency } else { Kind::Equity };
        let quote = Quote { kind, change: Some(price(change)), currency: Some(currency.into()), ..quote(name, last) };
        (symbol(name), quote)
    };
    of.iter().map(each).collect()
}

fn held(of: &[(&str, Vec<Lot>)]) -> BTreeMap<Symbol, Vec<Lot>> {
    of.iter().map(|(name, lots)| (symbol(name), lots.clone())).collect()
}

#[test]
fn a_position_is_worth_its_pieces_and_gains_over_its_cost() {
    let quotes = quotes(&[("AAPL", 200.1, -1.5, "USD")]);
    let held = held(&[("AAPL", vec![lot(10.0, Some(150.0), None), lot(2.5, Some(180.2), Some("USD"))])]);
    let valued = value(&held, |s| quotes.get(s), None);
    let position = &valued.positions[0];
    assert_eq!((position.quantity, position.value), (price(12.5), Some(price(2501.25))));
    assert_eq!((position.day_change, position.cost), (Some(price(-18.75)), Some(price(1950.5))));
    assert_eq!((position.gain, position.gain_percent), (Some(price(550.75)), Some(28.236_349_653_9)));
    assert_eq!(valued.totals.len(), 1);
    assert_eq!((valued.totals[0].value, valued.totals[0].gain_percent), (price(2501.25), Some(28.236_349_653_9)));
    assert_eq!((valued.converted, valued.unvalued), (None, vec![]));
}

#[test]
fn currencies_are_summed_apart_and_converted_by_their_rates() {
    let quotes = quotes(&[
        ("AAPL", 100.0, 1.0, "USD"),
        ("SAP.DE", 200.0, -2.0, "EUR"),
        ("7203.T", 3000.0, 0.0, "JPY"),
        ("EURUSD=X", 1.25, 0.0, "USD"),
    ]);
    let held = held(&[
        ("AAPL", vec![lot(10.0, Some(50.0), None)]),
        ("SAP.DE", vec![lot(1.0, Some(100.0), None)]),
        ("7203.T", vec![lot(100.0, Some(2000.0), None)]),
    ]);
    let valued = value(&held, |s| quotes.get(s), Some("EUR"));
    let currencies: Vec<_> = valued.totals.iter().map(|sum| (sum.currency.as_str(), sum.value)).collect();
    assert_eq!(currencies, [("EUR", price(200.0)), ("JPY", price(300_000.0)), ("USD", price(1000.0))]);
    let converted = valued.converted.unwrap();
    assert_eq!((converted.value, converted.day_change), (price(1000.0), price(6.0)), "800 and 200, by the inverse");
    assert_eq!((converted.gain, converted.gain_percent), (price(500.0), Some(100.0)));
    assert_eq!(valued.unvalued, [Unvalued { symbol: symbol("7203.T"), reason: UnvaluedReason::NoRate }]);
    assert_eq!(valued.rates, [Rate { from: "USD".into(), rate: price(0.8) }]);
    let needed = rates_needed(&held, |s| quotes.get(s), Some("EUR"));
    assert_eq!(needed, ["EURJPY=X", "EURUSD=X", "JPYEUR=X", "USDEUR=X"].map(symbol).into());
}

#[test]
fn a_cost_in_another_currency_needs_its_rate() {
    let mut quotes = quotes(&[("AAPL", 100.0, 1.0, "USD")]);
    let held = held(&[("AAPL", vec![lot(1.0, Some(80.0), Some("EUR"))])]);
    let without = value(&held, |s| quotes.get(s), None);
    assert_eq!((without.positions[0].value, without.positions[0].gain), (Some(price(100.0)), None));
    assert_eq!(without.unvalued, [Unvalued { symbol: symbol("AAPL"), reason: UnvaluedReason::NoCost }]);
    let rate = Quote { kind: Kind::Currency, ..quote("EURUSD=X", 1.1) };
    quotes.insert(symbol("EURUSD=X"), Quote { source: crate::quote::SIMULATED.into(), ..rate.clone() });
    assert_eq!(value(&held, |s| quotes.get(s), None).positions[0].gain, None, "nobody paid a made-up rate");
    quotes.insert(symbol("EURUSD=X"), rate);
    assert_eq!(value(&held, |s| quotes.get(s), None).positions[0].gain, Some(price(12.0)));
}

#[test]
fn a_cost_in_no_currency_is_in_what_the_exchange_quotes_in() {
    let mut quotes = quotes(&[("VOD.L", 0.7, 0.01, "GBP")]);
    quotes.get_mut(&symbol("VOD.L")).unwrap().quoted_in = Some("GBp".into());
    let pence = held(&[("VOD.L", vec![lot(100.0, Some(65.0), None)])]);
    let pounds = held(&[("VOD.L", vec![lot(100.0, Some(0.65), Some("GBP"))])]);
    for held in [pence, pounds] {
        assert_eq!(value(&held, |s| quotes.get(s), None).positions[0].gain, Some(price(5.0)));
    }
}

#[test]
fn what_is_not_known_is_named() {
    let mut quotes = quotes(&[("A", 1e11, 0.0, "USD"), ("B", 1.0, 0.0, "USD")]);
    quotes.get_mut(&symbol("B")).unwrap().currency = None;
    let held = held(&[
        ("A", vec![lot(1e10, None, None)]),
        ("B", vec![lot(1.0, None, None)]),
        ("C", vec![lot(1.0, None, None)]),
    ]);
    let valued = value(&held, |s| quotes.get(s), Some("USD"));
    let named: Vec<_> = valued.unvalued.iter().map(|each| each.reason).collect();
    assert_eq!(named, [UnvaluedReason::TooLarge, UnvaluedReason::NoCurrency, UnvaluedReason::NoPrice]);
    assert_eq!((valued.positions.len(), valued.totals.len()), (3, 0));
}

#[test]
fn only_what_can_be_held_is_kept() {
    let mut profile = Profile::new(UserName::me());
    let mut set = |lots| profile.apply(Edit::SetLots { symbol: symbol("AAPL"), lots });
    assert_eq!(set(vec![lot(1.0, Some(0.0), Some("USD"))]), Ok(Edited::Changed));
    for bad in [lot(0.0, None, None), lot(-1.0, None, None), lot(1.0, Some(-1.0), None), lot(1.0, None, Some("usd"))] {
        assert_eq!(set(vec![bad]), Err(EditError::Lot));
    }
    assert_eq!(set(vec![lot(1.0, None, None); LOTS_MAX + 1]), Err(EditError::TooManyLots));
    assert_eq!(set(vec![]), Ok(Edited::Changed));
    assert!(profile.holdings.is_empty());
}

#[test]
fn a_held_symbol_is_asked_for() {
    let mut profile = Profile::new(UserName::me());
    profile.set_lots(&symbol("HELD"), vec![lot(1.0, None, None)]).unwrap();
    assert!(profile.symbols().any(|each| *each == symbol("HELD")));
}

/// Lots of whole cents and thousandths: sums of them are exact.
fn lots() -> impl Strategy<Value = Vec<Lot>> {
    let one = (
        1u32..1_000_000,
        prop::option::of(0u32..1_000_000),
        prop::option::of(prop::sample::select(vec!["USD", "EUR"])),
    );
    let lot = one.prop_map(|(quantity, cost, currency)| {
        lot(f64::from(quantity) / 1000.0, cost.map(|cost| f64::from(cost) / 100.0), currency)
    });
    prop::collection::vec(lot, 1..6)
}

proptest! {
    /// The sums are those of the positions in them, and what is in none is named.
    #[test]
    fn sums_are_those_of_their_positions(all in prop::collection::vec((lots(), 1u32..100_000, 0usize..3, any::<bool>()), 1..8)) {
        let names: Vec<String> = (0..all.len()).map(|n| format!("S{n}")).collect();
        let mut quoted: Vec<(&str, f64, f64, &str)> = Vec::new();
        let mut held = BTreeMap::new();
        for (name, (lots, last, currency, known)) in names.iter().zip(&all) {
            held.insert(symbol(name), lots.clone());
            if *known {
                quoted.push((name, f64::from(*last) / 100.0, 0.01, ["USD", "EUR", "CHF"][*currency]));
            }
        }
        quoted.push(("EURUSD=X", 1.25, 0.0, "USD"));
        let quotes = quotes(&quoted);
        let valued = value(&held, |s| quotes.get(s), Some("USD"));
        for sum in &valued.totals {
            let mine = valued.positions.iter().filter(|each| each.currency.as_deref() == Some(&*sum.currency));
            let value: Decimal = mine.clone().filter_map(|each| each.value).map(Price::exact).sum();
            let gain: Decimal = mine.filter_map(|each| each.gain).map(Price::exact).sum();
            prop_assert_eq!((Price::new(value), Price::new(gain)), (Some(sum.value), Some(sum.gain)));
        }
        let named = |symbol: &Symbol, reason| valued.unvalued.iter().any(|each| each.symbol == *symbol && each.reason == reason);
        for position in &valued.positions {
            prop_assert_eq!(position.value.is_none(), named(&position.symbol, UnvaluedReason::NoPrice));
            let francs = position.currency.as_deref() == Some("CHF");
            prop_assert_eq!(francs, named(&position.symbol, UnvaluedReason::NoRate));
            prop_assert_eq!(position.value.is_some() && position.gain.is_none(), named(&position.symbol, UnvaluedReason::NoCost));
        }
        let worth = |currency: &str| valued.totals.iter().find(|sum| sum.currency == currency).map_or(Decimal::ZERO, |sum| sum.value.exact());
        let expected = worth("USD") + worth("EUR") * Decimal::new(125, 2);
        prop_assert_eq!(valued.converted.map(|sum| sum.value), Price::new(expected));
    }

    /// One lot or the same in pieces: worth the same.
    #[test]
    fn pieces_are_worth_what_the_whole_is(pieces in prop::collection::vec(1u32..100_000, 1..20), cost in 1u32..100_000, last in 1u32..100_000) {
        let quotes = quotes(&[("A", f64::from(last) / 100.0, 0.0, "USD")]);
        let of = |quantities: Vec<f64>| {
            let lots = quantities.into_iter().map(|quantity| lot(quantity, Some(f64::from(cost) / 100.0), None)).collect();
            value(&held(&[("A", lots)]), |s| quotes.get(s), None).positions.remove(0)
        };
        let apart = of(pieces.iter().map(|each| f64::from(*each)).collect());
        let whole = of(vec![pieces.iter().map(|each| f64::from(*each)).sum()]);
        prop_assert_eq!(apart, whole);
    }
}
