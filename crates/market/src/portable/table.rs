//! Tables with a header: Yahoo's portfolios, ours, and those of whoever names a column of symbols.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{
    ImportFault, ImportFormat,
    cells::{self, Numbers},
    draft::{Draft, Row, Wrong},
};
use crate::{Lot, Price, SymbolNote, holdings::is_code};

/// What can stand between cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Where in a row stands what.
#[derive(Debug)]
struct Columns {
    symbol: usize,
    list: Option<usize>,
    alias: Option<usize>,
    note: Option<usize>,
    quantity: Option<usize>,
    cost: Option<usize>,
    currency: Option<usize>,
    date: Option<usize>,
}

/// A text that is a table.
#[derive(Debug)]
pub(super) struct Table<'a> {
    text: &'a str,
    /// Lines before the header.
    skipped: u64,
    delimiter: u8,
    columns: Columns,
    format: ImportFormat,
}

impl<'a> Table<'a> {
    /// The text as a table, where its first line names a column of symbols.
    pub(super) fn recognise(text: &'a str) -> Option<Self> {
        let (text, skipped) = without_preamble(text);
        DELIMITERS.iter().find_map(|&delimiter| {
            let header = reader(text, delimiter).records().next()?.ok()?;
            let header: Vec<String> = header.iter().map(str::to_lowercase).collect();
            let format = format_of(&header);
            let columns = Columns::named(&header, format)?;
            Some(Self { text, skipped, delimiter, columns, format })
        })
    }

    pub(super) fn read(&self) -> Draft {
        let mut draft = Draft::new(self.format);
        let mut lines = Lines { text: self.text, at: 0, line: 1 + self.skipped };
        for record in reader(self.text, self.delimiter).records().skip(1) {
            // The text is UTF-8 and rows may be of any length: there is no other error.
            let Ok(record) = record else { continue };
            let line = record.position().map(|position| lines.of(position.byte()));
            if record.iter().all(str::is_empty) {
                continue;
            }
            if let Err(wrong) = self.row(&record).and_then(|row| draft.add(row)) {
                draft.tell(line, wrong);
            }
        }
        draft
    }

    fn row(&self, record: &StringRecord) -> Result<Row, Wrong> {
        let cell = |at: Option<usize>| cells::plain(at.and_then(|at| record.get(at)).unwrap_or_default());
        let of = |at, fault| move |_| -> Wrong { (cell(at).to_owned(), fault) };
        let symbol = Some(self.columns.symbol);
        let note = SymbolNote { alias: cell(self.columns.alias).into(), note: cell(self.columns.note).into() };
        let named = cell(self.columns.list);
        Ok(Row {
            symbol: cells::symbol(cell(symbol)).map_err(of(symbol, ImportFault::Symbol))?,
            list: (self.columns.list.is_none() || !named.is_empty()).then(|| named.to_owned()),
            note,
            lot: self.lot(&cell)?,
        })
    }

    /// What is held; nothing where there is no quantity, or one of 0.
    fn lot<'r>(&self, cell: &impl Fn(Option<usize>) -> &'r str) -> Result<Option<Lot>, Wrong> {
        let told = |at| Some(cell(at)).filter(|text| !text.is_empty());
        let wrong = |text: &str| {
            let text = text.to_owned();
            move |fault| (text, fault)
        };
        let number = |at, fault| {
            let read = |text| self.numbers().read(text, fault).map_err(wrong(text));
            told(at).map(read).transpose()
        };
        let quantity = number(self.columns.quantity, ImportFault::Quantity)?;
        let Some(quantity) = quantity.filter(|quantity| *quantity != Price::ZERO) else { return Ok(None) };
        let currency = told(self.columns.currency).map(str::to_uppercase);
        if let Some(code) = currency.as_deref().filter(|code| !is_code(code)) {
            return Err((code.to_owned(), ImportFault::Currency));
        }
        let date = told(self.columns.date).map(|text| cells::date(text).map_err(wrong(text))).transpose()?;
        Ok(Some(Lot { quantity, cost: number(self.columns.cost, ImportFault::Cost)?, currency, date }))
    }

    fn numbers(&self) -> Numbers {
        if self.delimiter == b',' { Numbers::Point } else { Numbers::Either }
    }
}

impl Columns {
    /// `None` where no column is of symbols.
    fn named(header: &[String], format: ImportFormat) -> Option<Self> {
        let find = |names: &[&str]| names.iter().find_map(|name| header.iter().position(|each| each == name));
        // Where prices have a date, that of the purchase is called otherwise.
        let dates: &[&str] = if format == ImportFormat::Yahoo { &["trade date"] } else { &["trade date", "date"] };
        Some(Self {
            symbol: find(&["symbol", "ticker"])?,
            list: find(&["list", "watchlist"]),
            alias: find(&["alias"]),
            note: find(&["note", "notes", "comment"]),
            quantity: find(&["quantity", "shares"]),
            cost: find(&["cost", "purchase price"]),
            currency: find(&["currency"]),
            date: find(dates),
        })
    }
}

/// Counts lines as a person does. The reader counts a `\r\n` only once it has read what is behind it.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the record that begins here, or behind the ends of lines that stand here.
    fn of(&mut self, byte: u64) -> u64 {
        let bytes = self.text.as_bytes();
        let ends = |at: usize| bytes.get(at).is_some_and(|b| matches!(b, b'\r' | b'\n'));
        let mut start = usize::try_from(byte).unwrap_or(usize::MAX);
        while ends(start) {
            start += 1;
        }
        let passed = self.text.get(self.at..start).unwrap_or_default();
        self.line += passed.matches('\n').count() as u64;
        self.at = start.max(self.at);
        self.line
    }
}

fn format_of(header: &[String]) -> ImportFormat {
    let has = |name: &str| header.iter().any(|each| each == name);
    if has("current price") && has("trade date") { ImportFormat::Yahoo } else { ImportFormat::Csv }
}

/// Without the line by which Excel tells itself what stands between cells, and empty ones; and how many those were.
fn without_preamble(text: &str) -> (&str, u64) {
    let mut skipped = 0;
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        let line = line.trim();
        if !line.is_empty() && !line.to_lowercase().starts_with("sep=") {
            break;
        }
        rest = after;
        skipped += 1;
    }
    (rest, skipped)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).has_headers(false).trim(Trim::All);
    builder.from_reader(text.as_bytes())
}
