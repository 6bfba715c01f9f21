//! Files of other programs and our own, read and written as a user does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use market::{
    AlertDraft, Column, Condition, Edit, EditError, Edited, ExportFormat, Import, ImportChoice, ImportError,
    ImportFault, ImportFormat, ImportProblem, ListView, Lot, Mute, Preferences, Price, Profile, SeenSplit, Split,
    Symbol, SymbolNote, Timestamp, UserName, Watchlist,
    portable::{IMPORT_BYTES_MAX, PROBLEMS_MAX, export, read_import},
    profile::WATCHLISTS_MAX,
};
use proptest::prelude::*;

const YAHOO: &str = include_str!("fixtures/yahoo-portfolio.csv");
const EXCEL: &str = include_str!("fixtures/excel-de.csv");
const SYMBOLS: &str = include_str!("fixtures/symbols.txt");

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).unwrap()
}

fn price(value: f64) -> Price {
    Price::from_f64(value).unwrap()
}

fn on_lists(import: &Import) -> Vec<(&str, Vec<&str>)> {
    import.lists.iter().map(|list| (list.name.as_str(), list.symbols.iter().map(Symbol::as_str).collect())).collect()
}

fn problems(import: &Import) -> Vec<(Option<u32>, &str, ImportFault)> {
    import.problems.iter().map(|each| (each.line, each.found.as_str(), each.fault)).collect()
}

fn into(profile: &mut Profile, import: Import, choice: ImportChoice) -> Result<Edited, EditError> {
    profile.apply(Edit::Import { import: Box::new(import), choice })
}

fn nobody() -> Profile {
    let mut profile = Profile::new(UserName::me());
    profile.watchlists = vec![Watchlist::new("default", [])];
    profile
}

#[test]
fn symbols_with_anything_between_them() {
    let import = read_import(SYMBOLS.as_bytes()).unwrap();
    assert_eq!(import.format, ImportFormat::Plain);
    assert_eq!(on_lists(&import), [("", vec!["AAPL", "MSFT", "NVDA", "TSLA", "^GSPC", "BTC-USD", "EURUSD=X"])]);
    assert_eq!(problems(&import), [(Some(4), "(Apple)", ImportFault::Symbol)]);
}

#[test]
fn a_portfolio_of_yahoo() {
    let import = read_import(YAHOO.as_bytes()).unwrap();
    assert_eq!(import.format, ImportFormat::Yahoo);
    assert_eq!(on_lists(&import), [("", vec!["AAPL", "^GSPC", "VOD.L", "EURUSD=X"])]);
    let lot = |quantity, cost, date: &str| Lot {
        quantity: price(quantity),
        cost: Some(price(cost)),
        currency: None,
        date: Some(date.parse().unwrap()),
    };
    assert_eq!(import.holdings[&symbol("AAPL")], [lot(10.0, 172.62, "2024-03-15"), lot(2.5, 243.85, "2025-01-02")]);
    assert_eq!(import.holdings[&symbol("VOD.L")], [lot(1000.0, 74.5, "2023-06-01")], "as the exchange quotes it");
    assert_eq!(import.notes[&symbol("AAPL")].note, "first buy\nsecond, after the split");
    assert_eq!((import.holdings.len(), import.notes.len()), (2, 2));
    let expected = [
        (Some(7), "20231301", ImportFault::Date),
        (Some(8), "-4", ImportFault::Quantity),
        (Some(9), "=HYPERLINK(\"http://evil.example\")", ImportFault::Symbol),
    ];
    assert_eq!(problems(&import), expected);
}

#[test]
fn a_table_of_a_german_spreadsheet() {
    let import = read_import(EXCEL.as_bytes()).unwrap();
    assert_eq!(import.format, ImportFormat::Csv);
    assert_eq!(on_lists(&import), [("", vec!["SAP.DE", "ALV.DE"])]);
    let lot = &import.holdings[&symbol("SAP.DE")][0];
    assert_eq!((lot.quantity, lot.cost, lot.currency.as_deref()), (price(1250.5), Some(price(98.4)), Some("EUR")));
    assert_eq!(lot.date, Some("2024-11-05".parse().unwrap()));
    assert_eq!(import.notes[&symbol("SAP.DE")].note, "Größtes \"Haus\"\nim DAX");
    assert_eq!(import.notes[&symbol("ALV.DE")].note, "=cmd|calc!A1", "text like any other");
    assert_eq!(problems(&import), [(Some(6), "1.234", ImportFault::Ambiguous)], "a thousand, or one and a bit");
}

#[test]
fn nothing_happens_before_it_is_agreed_to_and_then_everything_chosen() {
    let import = read_import(YAHOO.as_bytes()).unwrap();
    let mut profile = nobody();
    profile.apply(Edit::Follow { list: "default".into(), symbol: symbol("VOD.L") }).unwrap();
    let mut first = profile.clone();
    assert_eq!(into(&mut first, import.clone(), ImportChoice::default()), Ok(Edited::Changed));
    assert_eq!(
        (first.watchlists.len(), first.watchlists[0].symbols.len()),
        (1, 4),
        "the file names no list: the first"
    );
    let choice = ImportChoice { list: Some("default".into()), holdings: false, ..ImportChoice::default() };
    assert_eq!(into(&mut profile, import.clone(), choice.clone()), Ok(Edited::Changed));
    let followed: Vec<&str> = profile.watchlists[0].symbols.iter().map(Symbol::as_str).collect();
    assert_eq!(followed, ["VOD.L", "AAPL", "^GSPC", "EURUSD=X"], "what was there comes first");
    assert!(profile.holdings.is_empty() && profile.notes.len() == 2);
    assert_eq!(into(&mut profile, import.clone(), choice.clone()), Ok(Edited::Unchanged), "twice is once");
    let elsewhere = ImportChoice { list: Some("Yahoo".into()), ..ImportChoice::default() };
    assert_eq!(into(&mut profile, import, elsewhere), Ok(Edited::Changed));
    assert_eq!((profile.watchlists.len(), profile.watchlists[1].name.as_str()), (2, "Yahoo"));
}

#[test]
fn an_import_that_does_not_fit_changes_nothing() {
    let mut profile = nobody();
    for n in 1..WATCHLISTS_MAX {
        profile.apply(Edit::PutWatchlist { list: Watchlist::new(format!("{n}"), []) }).unwrap();
    }
    let before = profile.clone();
    let import =
        read_import(br#"{"watchlists":[{"name":"1","symbols":["A"]},{"name":"new","symbols":["B"]}]}"#).unwrap();
    assert_eq!(into(&mut profile, import, ImportChoice::default()), Err(EditError::TooManyLists));
    assert_eq!(profile, before);
}

#[test]
fn what_is_no_text_is_told_in_words() {
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("Symbol\nAAPL".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(read_import(&utf16), Err(ImportError::Utf16));
    let misread = String::from_utf8_lossy(&utf16).into_owned();
    assert_eq!(read_import(misread.as_bytes()), Err(ImportError::Utf16));
    assert_eq!(read_import(b"Symbol,Note\nAAPL,ok\nSAP.DE,gr\xfc\xdfe"), Err(ImportError::NotUtf8 { line: 3 }));
    assert_eq!(read_import(&vec![b'A'; IMPORT_BYTES_MAX + 1]), Err(ImportError::TooLarge));
    for nothing in ["", " \r\n\t", "\u{feff}", "Symbol,Note\n", "[]", "{}"] {
        assert_eq!(read_import(nothing.as_bytes()), Err(ImportError::Empty), "{nothing:?}");
    }
    let broken = read_import(b"{\"watchlists\":\n[}").unwrap();
    assert!(
        matches!(&broken.problems[..], [ImportProblem { line: Some(2), fault: ImportFault::Json, .. }]),
        "{broken:?}"
    );
    assert_eq!(read_import(br#"{"quickstocks":2}"#), Err(ImportError::Newer { found: 2 }));
}

#[test]
fn problems_are_told_up_to_a_number() {
    let many = "(x)\n".repeat(PROBLEMS_MAX + 7);
    let import = read_import(many.as_bytes()).unwrap();
    assert_eq!((import.problems.len(), import.more_problems, import.lists.len()), (PROBLEMS_MAX, 7, 0));
    let long = read_import(format!("({})", "x".repeat(9_999)).as_bytes()).unwrap();
    assert_eq!(long.problems[0].found.chars().count(), 61);
}

#[test]
fn one_bad_entry_of_json_spoils_no_other() {
    let text = r#"{"quickstocks": 1,
        "watchlists": [{"name": "a", "symbols": ["AAPL", "A B", 3]}, {"name": "a/b", "symbols": []}, 7,
                       {"name": "b", "symbols": ["MSFT"], "view": {"sort": "mood"}}],
        "notes": {"AAPL": {"alias": "Apfel"}, "MSFT": {"alias": "a\u0007"}, "A B": {"note": "x"}},
        "holdings": {"AAPL": [{"quantity": 2}, {"quantity": 0}], "MSFT": "many"},
        "alerts": [{"id": "1", "symbol": "AAPL", "condition": {"kind": "above", "value": 1}, "repeat": false,
                    "extended_hours": false, "enabled": true}, {"id": "2"}],
        "preferences": {"theme": "pink"}}"#;
    let import = read_import(text.as_bytes()).unwrap();
    assert_eq!(on_lists(&import), [("a", vec!["AAPL"]), ("b", vec!["MSFT"])]);
    assert_eq!((import.notes.len(), import.holdings[&symbol("AAPL")].len(), import.alerts.len()), (1, 1, 1));
    let faults: Vec<ImportFault> = import.problems.iter().map(|each| each.fault).collect();
    let of_lists =
        [ImportFault::Symbol, ImportFault::Symbol, ImportFault::ListName, ImportFault::Shape, ImportFault::Shape];
    assert_eq!(faults[..5], of_lists);
    let others = [
        ImportFault::Alert,
        ImportFault::Symbol,
        ImportFault::Note,
        ImportFault::Quantity,
        ImportFault::Shape,
        ImportFault::Preferences,
    ];
    assert_eq!(faults[5..], others);
}

#[test]
fn an_alert_of_before_a_split_comes_back_in_the_new_shares() {
    let alert = |id: &str, drawn: &str| {
        format!(
            r#"{{"id": "{id}", "symbol": "AAPL", "condition": {{"kind": "above", "value": 400}}, "repeat": false,
                "extended_hours": false, "enabled": true{drawn}}}"#
        )
    };
    let old = alert("old", r#", "drawn_at": "2026-11-20T12:00:00Z""#);
    let young = alert("young", r#", "drawn_at": "2026-11-24T12:00:00Z""#);
    let file = format!(r#"{{"alerts": [{old}, {young}, {}]}}"#, alert("unknown", ""));
    let mut profile = nobody();
    let at: Timestamp = "2026-11-23T14:30:00Z".parse().unwrap();
    let split = Split::new(4.0, 1.0, at).unwrap();
    let seen = SeenSplit { symbol: symbol("AAPL"), split, day: jiff::civil::date(2026, 11, 23), seen_at: at };
    profile.apply(Edit::CarryOverSplit { seen }).unwrap();
    let import = read_import(file.as_bytes()).unwrap();
    assert_eq!(into(&mut profile, import.clone(), ImportChoice::default()), Ok(Edited::Changed));
    let lines: Vec<Condition> = profile.alerts.iter().map(|alert| alert.condition).collect();
    assert_eq!(lines, [100.0, 400.0, 400.0].map(|line| Condition::Above(price(line))));
    assert_eq!(into(&mut profile, import, ImportChoice::default()), Ok(Edited::Unchanged), "twice is once");
}

#[test]
fn preferences_out_of_a_file_must_make_sense() {
    let kept = r#"{"preferences": {"release_after_seconds": 90000}}"#;
    let mut import = read_import(kept.as_bytes()).unwrap();
    assert_eq!((problems(&import)[0].2, &import.preferences), (ImportFault::Preferences, &None));
    // What comes back from a page is not what was read.
    import.preferences = Some(Preferences { time_zone: Some("Mars/Olympus".into()), ..Preferences::default() });
    let refused = into(&mut nobody(), import.clone(), ImportChoice::default());
    assert_eq!(refused, Err(EditError::TimeZone("Mars/Olympus".into())));
    let mute = Mute { symbol: symbol("AAPL"), until: None };
    import.preferences = Some(Preferences { muted: vec![mute.clone(), mute.clone()], ..Preferences::default() });
    let mut profile = nobody();
    into(&mut profile, import, ImportChoice::default()).unwrap();
    assert_eq!(profile.preferences.muted, [mute], "each once");
}

#[test]
fn nothing_that_is_exported_is_a_formula() {
    let mut profile = nobody();
    let note = SymbolNote { alias: "@SUM(A1)".into(), note: "=cmd|' /C calc'!A0".into() };
    profile.apply(Edit::SetNote { symbol: symbol("^GSPC"), note }).unwrap();
    profile.apply(Edit::PutWatchlist { list: Watchlist::new("+1", [symbol("EURUSD=X"), symbol("=A1")]) }).unwrap();
    let table = export(&profile, ExportFormat::Csv);
    let expected = "\u{feff}List,Symbol,Alias,Note,Quantity,Cost,Currency,Date\r\n'+1,EURUSD=X,,,,,,\r\n'+1,'=A1,,,,,,\r\n\
                    ,^GSPC,'@SUM(A1),'=cmd|' /C calc'!A0,,,,\r\n";
    assert_eq!(table, expected);
}

/// Text as it is kept: without white space around.
fn words() -> impl Strategy<Value = String> {
    "['=+@a-z0-9\",;é-]{0,3}( ?\n?['=+@a-z0-9\",;é-]{1,3}){0,3}".prop_map(|text| text.trim().to_owned())
}

fn symbols() -> impl Strategy<Value = Symbol> {
    "[A-Z^][A-Z0-9.=-]{0,5}".prop_map(|text| symbol(&text))
}

fn lots() -> impl Strategy<Value = Vec<Lot>> {
    let lot =
        (1u32..1_000_000, prop::option::of(0u32..1_000_000), prop::option::of("[A-Z]{3}"), prop::option::of(1i8..28));
    let lot = lot.prop_map(|(quantity, cost, currency, day)| Lot {
        quantity: price(f64::from(quantity) / 1000.0),
        cost: cost.map(|cost| price(f64::from(cost) / 100.0)),
        currency,
        date: day.map(|day| jiff::civil::date(2024, 2, day)),
    });
    prop::collection::vec(lot, 1..4)
}

prop_compose! {
    fn profiles()(
        lists in prop::collection::btree_map("[a-zé=+'-]([a-z ]{0,6}[a-z])?", prop::collection::vec(symbols(), 1..6), 1..4),
        notes in prop::collection::btree_map(symbols(), (words(), words()), 0..5),
        holdings in prop::collection::btree_map(symbols(), lots(), 0..4),
        alerts in prop::collection::vec((symbols(), 1u32..1000), 0..4),
        columns in prop::sample::subsequence(vec![Column::Price, Column::Volume, Column::PeRatio], 0..3),
    ) -> Profile {
        let mut profile = nobody();
        profile.watchlists = lists.into_iter().map(|(name, symbols)| Watchlist::new(name, symbols)).collect();
        let view = ListView { columns, ..ListView::default() };
        let name = profile.watchlists[0].name.clone();
        profile.apply(Edit::SetView { name, view }).unwrap();
        for (symbol, (alias, note)) in notes {
            let note = SymbolNote { alias: alias.replace('\n', " "), note };
            profile.apply(Edit::SetNote { symbol, note }).unwrap();
        }
        for (symbol, lots) in holdings {
            profile.apply(Edit::SetLots { symbol, lots }).unwrap();
        }
        for (n, (symbol, line)) in alerts.into_iter().enumerate() {
            let condition = Condition::Above(price(f64::from(line)));
            let draft = serde_json::json!({"symbol": symbol, "condition": condition, "repeat": true});
            let alert = serde_json::from_value::<AlertDraft>(draft).unwrap().with_id(n.to_string());
            profile.apply(Edit::PutAlert { alert }).unwrap();
        }
        profile.preferences.day_move_alerts = false;
        profile
    }
}

/// A profile with nothing in it that has taken in a file.
fn with(text: &str) -> Profile {
    let import = read_import(text.as_bytes()).unwrap();
    assert_eq!(problems(&import), [], "of {text}");
    let mut profile = nobody();
    into(&mut profile, import, ImportChoice::default()).unwrap();
    profile.watchlists.remove(0);
    profile
}

proptest! {
    #[test]
    fn everything_comes_back_from_our_json(profile in profiles()) {
        prop_assert_eq!(with(&export(&profile, ExportFormat::Json)), profile);
    }

    #[test]
    fn lists_notes_and_holdings_come_back_from_our_table(profile in profiles()) {
        let back = with(&export(&profile, ExportFormat::Csv));
        let bare = |lists: &[Watchlist]| -> Vec<_> { lists.iter().map(|list| (list.name.clone(), list.symbols.clone())).collect() };
        prop_assert_eq!(bare(&back.watchlists), bare(&profile.watchlists));
        prop_assert_eq!(back.notes, profile.notes);
        prop_assert_eq!(back.holdings, profile.holdings);
    }

    /// Whatever it is: it is read or refused, and what was read can be taken in.
    #[test]
    fn no_file_does_harm(text in "(Symbol[,;]List[,;]Note[,;]Quantity\r?\n)?([A-Z^=;,\"'\t |.0-9\r\n{}\\[\\]:-]|é){0,200}") {
        if let Ok(import) = read_import(text.as_bytes()) {
            let choice = ImportChoice { list: Some("default".into()), ..ImportChoice::default() };
            prop_assert!(into(&mut nobody(), import, choice).is_ok());
        }
    }

    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_import(&bytes);
    }
}

#[test]
fn an_alert_of_elsewhere_names_only_destinations_that_are_here() {
    let mut profile = Profile::new(UserName::me());
    let slack = serde_json::from_str(r#"{"id": "a", "name": "a", "enabled": true, "to": {"kind": "slack"}}"#).unwrap();
    profile.apply(Edit::PutDestination { destination: slack }).unwrap();
    let draft = r#"{"symbol": "A", "condition": {"kind": "above", "value": 1}, "destinations": ["a"]}"#;
    let draft: AlertDraft = serde_json::from_str(draft).unwrap();
    profile.apply(Edit::PutAlert { alert: draft.with_id("1".into()) }).unwrap();
    let written = export(&profile, ExportFormat::Json);
    let taken_in = |mut profile: Profile| {
        let import = Box::new(read_import(written.as_bytes()).unwrap());
        profile.apply(Edit::Import { import, choice: ImportChoice::default() }).unwrap();
        profile.alert("1").unwrap().destinations.clone()
    };
    assert_eq!(taken_in(Profile::new(UserName::me())), Some(Vec::new()));
    assert_eq!(taken_in(profile), Some(vec!["a".to_owned()]));
}
