//! What is written is read back; what is damaged is passed over; what a quote costs.

use std::io::Cursor;

use market::{Price, QuoteState, Session, Symbol};
use proptest::prelude::*;

use super::*;
use crate::provider::simulated::{SimulatedConfig, SimulatedProvider};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap()
}

/// Numbers of up to nine digits: what JSON readers agree on to the last bit.
fn number() -> impl Strategy<Value = f64> {
    (1u32..999_999_999, 0i32..8).prop_map(|(digits, scale)| f64::from(digits) / 10f64.powi(scale))
}

fn quote() -> impl Strategy<Value = Quote> {
    let text = || prop::option::of("[a-zA-Zé\"\\\\ ]{1,8}");
    let some = || prop::option::of(number());
    let times = (0i64..100_000_000, 0i64..100_000_000);
    ("[A-D]", number(), (some(), some(), some(), some()), (text(), text()), times, any::<bool>()).prop_map(
        |(symbol, price, (change, volume, extended, open), (name, currency), (quoted, received), regular)| {
            let whole = serde_json::json!({
                "symbol": symbol, "kind": "equity", "price": price, "session": "regular", "source": "test",
                "quoted_at": at(quoted), "received_at": at(received), "state": "live",
            });
            Quote {
                name,
                currency,
                change: change.and_then(Price::from_f64),
                volume,
                open: open.and_then(Price::from_f64),
                extended_price: extended.and_then(Price::from_f64),
                extended_at: extended.map(|_| at(quoted + 1)),
                session: if regular { Session::Regular } else { Session::Post },
                state: if regular { QuoteState::Live } else { QuoteState::Stale },
                ..serde_json::from_value(whole).unwrap()
            }
        },
    )
}

fn written(quotes: &[Quote]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), at(0), BYTES_MAX).unwrap();
    for quote in quotes {
        assert_eq!(writer.write(quote).unwrap(), Room::Left);
    }
    writer.into_inner()
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn reader(bytes: &[u8]) -> Reader<Cursor<Vec<u8>>> {
    Reader::new(Cursor::new(bytes.to_vec())).unwrap()
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(quotes in prop::collection::vec(quote(), 0..400)) {
        let mut reader = reader(&written(&quotes));
        prop_assert_eq!(reader.started_at(), at(0));
        prop_assert_eq!(reader.by_ref().collect::<Vec<_>>(), quotes);
        prop_assert_eq!((reader.skipped(), reader.is_torn()), (0, false));
    }

    /// Lines lost, doubled, garbled or swapped: what is still given was recorded.
    #[test]
    fn damage_never_makes_a_quote_up(
        quotes in prop::collection::vec(quote(), 1..150),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0u8..5), 1..10),
    ) {
        let mut lines = lines(&written(&quotes));
        let header = lines.remove(0);
        for (place, kind) in damage {
            let at = place.index(lines.len());
            match kind {
                0 => lines[at] = b"{\"symbol\":\"A\",\"n\":3,\"price\":\n".to_vec(),
                1 => lines[at] = b"\xff\xfe\0 nonsense\n".to_vec(),
                2 => lines.insert(at, lines[at].clone()),
                3 => lines.swap(0, at),
                _ => lines[at].clear(),
            }
        }
        let mut reader = reader(&[header, lines.concat()].concat());
        prop_assert!(reader.by_ref().all(|quote| quotes.contains(&quote)));
    }

    #[test]
    fn a_cut_at_any_byte_costs_the_last_line(quotes in prop::collection::vec(quote(), 1..30), cut in any::<prop::sample::Index>()) {
        let whole = written(&quotes);
        let header = lines(&whole)[0].len();
        let cut = header + cut.index(whole.len() - header);
        let complete = whole[header..cut].iter().filter(|byte| **byte == b'\n').count();
        let mut reader = reader(&whole[..cut]);
        let read: Vec<Quote> = reader.by_ref().collect();
        prop_assert!(read.len() >= complete && read == quotes[..read.len()]);
        prop_assert_eq!(reader.skipped(), 0);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let header = written(&[]);
        let _ = Reader::new(Cursor::new(bytes.clone())).map(Iterator::count);
        let _ = reader(&[header, bytes].concat()).count();
    }
}

fn some_quotes(count: usize) -> Vec<Quote> {
    let symbols: Vec<Symbol> =
        ["AAPL", "MSFT", "^GSPC", "BTC-USD", "EURUSD=X", "SAP.DE"].map(|text| Symbol::parse(text).unwrap()).into();
    let market = SimulatedProvider::new(SimulatedConfig::default());
    let rounds = (0..count.div_ceil(symbols.len())).map(|round| at(round as i64 * 500));
    rounds.flat_map(|now| market.quotes_at(&symbols, now).quotes).take(count).collect()
}

#[test]
fn damage_ends_where_a_symbol_is_written_whole() {
    let quotes: Vec<Quote> = some_quotes(6 * 250).into_iter().filter(|quote| quote.symbol.as_str() == "AAPL").collect();
    let mut lines = lines(&written(&quotes));
    lines.remove(11);
    let mut reader = reader(&lines.concat());
    let read: Vec<Quote> = reader.by_ref().collect();
    let expected: Vec<Quote> = quotes[..10].iter().chain(&quotes[100..]).cloned().collect();
    assert_eq!(read, expected);
    assert_eq!(reader.skipped(), 89, "those that were laid over the lost one");
}

#[test]
fn an_endless_line_is_passed_over_without_being_held() {
    let quotes = some_quotes(2);
    let mut lines = lines(&written(&quotes));
    lines.insert(2, [vec![b'x'; 10 << 20], vec![b'\n']].concat());
    let mut reader = reader(&lines.concat());
    assert_eq!(reader.by_ref().collect::<Vec<_>>(), quotes);
    assert_eq!(reader.skipped(), 1);
    assert!(reader.held() <= 4 * LINE_BYTES_MAX);
}

#[test]
fn it_ends_at_its_bound() {
    let quotes = some_quotes(1_000);
    let mut writer = Writer::new(Vec::new(), at(0), 10_000).unwrap();
    let kept = quotes.iter().take_while(|quote| writer.write(quote).unwrap() == Room::Left).count();
    assert!(writer.bytes() <= 10_000 && writer.quotes() == kept as u64);
    let bytes = writer.into_inner();
    assert!(bytes.len() > 9_000 && bytes.len() <= 10_000);
    assert_eq!(reader(&bytes).count(), kept);
}

#[test]
fn other_files_are_told_apart() {
    let read = |bytes: &str| Reader::new(Cursor::new(bytes.to_owned())).map(|_| ()).unwrap_err();
    for other in ["", "Date,Open\n", "{}\n", r#"{"quickstocks":"x","version":1,"started_at":"2026-11-23T00:00:00Z"}"#] {
        assert!(matches!(read(other), RecordingError::NoRecording), "{other}");
    }
    let newer = read(r#"{"quickstocks":"recording","version":9,"started_at":"2026-11-23T00:00:00Z"}"#);
    assert!(newer.to_string().contains("newer version"), "{newer}");
}

#[test]
fn files_are_plain_or_compressed_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let quotes = some_quotes(6_000);
    let size = |name: &str| {
        let path = folder.path().join(name);
        let mut writer = create(&path, at(0), BYTES_MAX).unwrap();
        for quote in &quotes {
            writer.write(quote).unwrap();
        }
        let text = writer.bytes();
        writer.into_inner().finish().unwrap();
        assert_eq!(Reader::new(open(&path).unwrap()).unwrap().collect::<Vec<_>>(), quotes);
        assert!(matches!(create(&path, at(0), 1).unwrap_err(), RecordingError::Exists));
        (text, std::fs::metadata(&path).unwrap().len())
    };
    let ((text, plain), (_, compressed)) = (size("a.jsonl"), size("a.jsonl.gz"));
    let each = |bytes: u64| bytes as f64 / quotes.len() as f64;
    println!("bytes per quote: {:.0} plain, {:.0} compressed", each(plain), each(compressed));
    assert_eq!(text, plain);
    assert!(each(plain) < 300.0 && each(compressed) < 80.0, "{} {}", each(plain), each(compressed));
}

#[test]
fn a_compressed_file_that_broke_off_gives_what_was_flushed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("torn.gz");
    let quotes = some_quotes(60);
    let mut writer = create(&path, at(0), BYTES_MAX).unwrap();
    for quote in &quotes {
        writer.write(quote).unwrap();
    }
    writer.flush().unwrap();
    // As a kill leaves it: flushed, never finished.
    let flushed = std::fs::read(&path).unwrap();
    drop(writer);
    std::fs::write(&path, flushed).unwrap();
    let mut reader = Reader::new(open(&path).unwrap()).unwrap();
    assert_eq!(reader.by_ref().collect::<Vec<_>>(), quotes);
    assert!(reader.is_torn());
}
