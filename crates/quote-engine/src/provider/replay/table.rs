//! Bars out of a CSV file: a header that names the columns, a row a bar, in any order of time.
//!
//! Held in memory, 56 bytes a row and [`ROWS_MAX`] rows at the most: files that begin with the newest row cannot be
//! streamed.

use std::{collections::BTreeMap, io::Read, path::Path};

use csv::{ReaderBuilder, StringRecord};
use market::Symbol;

use super::{
    ReplayError,
    date::{self, Moment, Order},
};

/// Rows at the most: a row a minute for some twenty years.
const ROWS_MAX: usize = 2_000_000;
/// Symbols in one file at the most.
const SYMBOLS_MAX: usize = 20_000;
/// The name of the only symbol of a file whose own name makes none.
const NAMELESS: &str = "REPLAY";

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    /// Seconds since 1970, UTC.
    pub(super) at: i64,
    /// Days since 1970 where it was written.
    pub(super) day: i32,
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
    pub(super) volume: Option<f64>,
}

/// Every symbol's bars, oldest first; never empty, and no symbol without a bar.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) series: BTreeMap<Symbol, Vec<Row>>,
    /// Rows that made no sense.
    pub(super) skipped: usize,
}

/// Where each thing stands in a row.
struct Columns {
    date: usize,
    open: Option<usize>,
    high: Option<usize>,
    low: Option<usize>,
    close: usize,
    volume: Option<usize>,
    symbol: Option<usize>,
}

impl Columns {
    fn read(header: &StringRecord) -> Result<Self, ReplayError> {
        let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let names: Vec<String> = header.iter().map(|name| plain(name).to_ascii_lowercase()).collect();
        let find = |known: &[&str]| known.iter().find_map(|name| names.iter().position(|found| found == name));
        Ok(Self {
            date: find(&["date", "datetime", "time", "timestamp"]).ok_or(ReplayError::NoColumn("Date"))?,
            open: find(&["open"]),
            high: find(&["high"]),
            low: find(&["low"]),
            close: find(&["close", "last", "price", "adjclose"]).ok_or(ReplayError::NoColumn("Close"))?,
            volume: find(&["volume", "vol"]),
            symbol: find(&["symbol", "ticker"]),
        })
    }

    /// A bar; a price that is missing is taken to be the close. `None` where there is no date or no close.
    fn row(&self, record: &StringRecord, order: Order) -> Option<Row> {
        let Moment { second, day } = date::parse(record.get(self.date)?, order)?;
        let number = |column: usize| record.get(column)?.trim().replace(',', "").parse::<f64>().ok();
        let price = |column| number(column).filter(|price| price.is_finite() && *price > 0.0);
        let close = price(self.close)?;
        let open = self.open.and_then(price).unwrap_or(close);
        let high = self.high.and_then(price).unwrap_or(close).max(open).max(close);
        let low = self.low.and_then(price).unwrap_or(close).min(open).min(close);
        let volume = self.volume.and_then(number).filter(|volume| volume.is_finite() && *volume >= 0.0);
        Some(Row { at: second, day, open, high, low, close, volume })
    }
}

/// What the only symbol of a file is called: as the file.
pub(super) fn symbol_of(path: &Path) -> Option<Symbol> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = stem.strip_suffix(".csv").unwrap_or(stem);
    let plain = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = plain.collect::<Vec<_>>().join("-");
    let bounded: String = joined.chars().take(market::symbol::SYMBOL_BYTES_MAX).collect();
    Symbol::parse(stem).or_else(|_| Symbol::parse(&bounded)).ok()
}

impl Table {
    /// Reads a file's text. `only` is the symbol of rows that name none.
    pub(super) fn read(text: &[u8], only: Option<Symbol>) -> Result<Self, ReplayError> {
        let only = only.or_else(|| Symbol::parse(NAMELESS).ok());
        let by_month = Self::read_as(text, only.as_ref(), Order::MonthFirst)?;
        // A month of 13 or more: the file writes the day first.
        let table = match by_month.skipped {
            0 => by_month,
            skipped => Self::read_as(text, only.as_ref(), Order::DayFirst)
                .ok()
                .filter(|by_day| by_day.skipped < skipped)
                .unwrap_or(by_month),
        };
        if table.series.is_empty() { Err(ReplayError::NoRows { skipped: table.skipped }) } else { Ok(table) }
    }

    fn read_as(text: impl Read, only: Option<&Symbol>, order: Order) -> Result<Self, ReplayError> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(text);
        let columns = Columns::read(reader.headers().map_err(|error| csv_error(&error))?)?;
        let mut table = Self { series: BTreeMap::new(), skipped: 0 };
        let (mut record, mut rows) = (StringRecord::new(), 0);
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) if rows == ROWS_MAX => return Err(ReplayError::TooLarge { rows: ROWS_MAX }),
                Ok(true) => {
                    rows += 1;
                    let named = columns.symbol.and_then(|column| Symbol::parse(record.get(column)?).ok());
                    table.add(named.as_ref().or(only), columns.row(&record, order));
                }
                Err(error) if error.is_io_error() => return Err(csv_error(&error)),
                Err(_) => table.skipped += 1,
            }
        }
        table.series.values_mut().for_each(in_order);
        Ok(table)
    }

    fn add(&mut self, symbol: Option<&Symbol>, row: Option<Row>) {
        let Some((symbol, row)) = symbol.zip(row) else {
            self.skipped += 1;
            return;
        };
        if let Some(rows) = self.series.get_mut(symbol) {
            rows.push(row);
        } else if self.series.len() < SYMBOLS_MAX {
            self.series.insert(symbol.clone(), vec![row]);
        } else {
            self.skipped += 1;
        }
    }
}

/// Oldest first; of two rows of the same moment, the later one in the file counts.
fn in_order(rows: &mut Vec<Row>) {
    rows.sort_by_key(|row| row.at);
    rows.dedup_by(|later, kept| {
        let same = later.at == kept.at;
        if same {
            *kept = *later;
        }
        same
    });
    rows.shrink_to_fit();
}

fn csv_error(error: &csv::Error) -> ReplayError {
    ReplayError::Csv(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Table, ReplayError> {
        Table::read(text.as_bytes(), Symbol::parse("X").ok())
    }

    fn closes(table: &Table, symbol: &str) -> Vec<f64> {
        table.series[symbol].iter().map(|row| row.close).collect()
    }

    #[test]
    fn columns_are_found_by_name_whatever_their_order_and_case() {
        let table = read("\u{feff}date,OPEN,close,High,low,Adj Close,Volume\n1/3/2000,1,2,3,0.5,9,7\n").unwrap();
        let row = table.series["X"][0];
        assert_eq!((row.open, row.high, row.low, row.close, row.volume), (1.0, 3.0, 0.5, 2.0, Some(7.0)));
    }

    #[test]
    fn rows_are_put_in_order_and_the_later_of_two_counts() {
        let table = read("Date,Close\n2000-01-05,3\n2000-01-04,2\n2000-01-03,1\n2000-01-04,2.5\n").unwrap();
        assert_eq!(closes(&table, "X"), [1.0, 2.5, 3.0]);
    }

    #[test]
    fn a_bad_row_is_counted_and_spoils_nothing() {
        let table = read(
            "Date,Close\n2000-01-03,1\n2000-01-04,null\nnonsense\n2000-01-05,NaN\n2000-01-06,1e999\n2000-01-07,-1\n2000-01-10,\"1,234.5\"\n",
        );
        let table = table.unwrap();
        assert_eq!((closes(&table, "X"), table.skipped), (vec![1.0, 1_234.5], 5));
    }

    #[test]
    fn a_column_of_symbols_makes_several() {
        let table = read("symbol,date,price\nMSFT,Jan 1 2000,39.81\naapl,Jan 1 2000,25.94\nMSFT,Feb 1 2000,36.35\n");
        let table = table.unwrap();
        assert_eq!((closes(&table, "MSFT"), closes(&table, "AAPL")), (vec![39.81, 36.35], vec![25.94]));
    }

    #[test]
    fn a_file_that_writes_the_day_first_gives_itself_away() {
        let table = read("Date,Close\n12/1/2000,1\n13/1/2000,2\n").unwrap();
        assert_eq!(table.series["X"][1].at - table.series["X"][0].at, 86_400);
    }

    #[test]
    fn what_is_no_table_of_bars_is_told_apart() {
        assert!(matches!(read("a,b\n1,2\n"), Err(ReplayError::NoColumn("Date"))));
        assert!(matches!(read("Date,Volume\n"), Err(ReplayError::NoColumn("Close"))));
        assert!(matches!(read("Date,Close\nx,y\n"), Err(ReplayError::NoRows { skipped: 1 })));
        assert!(matches!(read("Date,Close\n"), Err(ReplayError::NoRows { skipped: 0 })));
    }

    #[test]
    fn the_file_names_the_symbol() {
        let name = |path: &str| symbol_of(Path::new(path)).map(|symbol| symbol.to_string());
        assert_eq!(name("/a/sp500-2000.csv").as_deref(), Some("SP500-2000"));
        assert_eq!(name("VOD.L.csv.gz").as_deref(), Some("VOD.L"));
        assert_eq!(name("my own data.CSV").as_deref(), Some("MY-OWN-DATA"));
        assert_eq!(name("Größe (alt).csv").as_deref(), Some("GR-E-ALT"));
        assert_eq!(name(&format!("{}.csv", "a ".repeat(100))).map(|symbol| symbol.len()), Some(64));
    }
}
