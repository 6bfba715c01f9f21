//! Lines to quotes. What makes no sense is passed over and counted.

use std::{
    collections::{BTreeMap, HashMap},
    io::BufRead,
};

use jiff::Timestamp;
use market::{Instrument, Quote, Symbol};
use serde::Deserialize as _;

use super::{
    COUNT, FIELDS_MAX, Fields, Header, LINE_BYTES_MAX, Last, MAGIC, RecordingError, SYMBOL, SYMBOLS_MAX, VERSION, apply,
};

/// Reads a recording, one quote after the other. Holds the last quote of each symbol and no more.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    line: Vec<u8>,
    last: HashMap<Symbol, Last>,
    started_at: Timestamp,
    skipped: u64,
    torn: bool,
    /// What stands in the lines of the only symbol of interest.
    only: Option<Vec<u8>>,
}

/// What came of looking for a line.
enum Found {
    /// One, in the buffer; whether it ended as lines end.
    Line { ended: bool },
    /// One that is longer than any that was recorded.
    TooLong,
    /// No more.
    End,
}

impl<R: BufRead> Reader<R> {
    /// Reads how it begins.
    pub fn new(input: R) -> Result<Self, RecordingError> {
        let started_at = Timestamp::UNIX_EPOCH;
        let mut reader =
            Self { input, line: Vec::new(), last: HashMap::new(), started_at, skipped: 0, torn: false, only: None };
        if !matches!(reader.next_line()?, Found::Line { .. }) {
            return Err(RecordingError::NoRecording);
        }
        let header: Header = serde_json::from_slice(&reader.line).map_err(|_| RecordingError::NoRecording)?;
        match header.version {
            _ if header.quickstocks != MAGIC => Err(RecordingError::NoRecording),
            newer if newer > VERSION => Err(RecordingError::Newer(newer)),
            _ => Ok(Self { started_at: header.started_at, ..reader }),
        }
    }

    /// Reads the lines of one symbol only; the others are not even looked into.
    #[must_use]
    pub fn only(self, symbol: &Symbol) -> Self {
        let written = serde_json::to_string(symbol).unwrap_or_default();
        Self { only: Some(format!("\"{SYMBOL}\":{written}").into_bytes()), ..self }
    }

    /// Reads to the end what was recorded of which instruments, [`SYMBOLS_MAX`] of them at the most.
    pub fn instruments(mut self) -> BTreeMap<Symbol, Instrument> {
        let mut found = BTreeMap::new();
        // Only a line that is whole says the kind.
        self.only = Some(b"\"kind\":".to_vec());
        while found.len() < SYMBOLS_MAX
            && let Some(quote) = self.next()
        {
            let name = quote.name.unwrap_or_else(|| quote.symbol.to_string());
            let exchange = quote.exchange.unwrap_or_default();
            let instrument = Instrument { symbol: quote.symbol.clone(), name, exchange, kind: quote.kind };
            found.insert(quote.symbol, instrument);
        }
        found
    }

    /// Whether the line in the buffer is to be read.
    fn is_of_interest(&self) -> bool {
        self.only.as_ref().is_none_or(|text| contains(&self.line, text))
    }

    /// When the recording began.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// How many lines made no sense so far.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Whether it broke off in the middle of a line, as after a power cut.
    pub fn is_torn(&self) -> bool {
        self.torn
    }

    /// Bytes held for a line.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.line.capacity()
    }

    fn next_line(&mut self) -> std::io::Result<Found> {
        self.line.clear();
        let limit = LINE_BYTES_MAX as u64 + 1;
        let read = std::io::Read::take(&mut self.input, limit).read_until(b'\n', &mut self.line)?;
        let ended = self.line.last() == Some(&b'\n');
        if read == 0 {
            Ok(Found::End)
        } else if !ended && read > LINE_BYTES_MAX {
            self.input.skip_until(b'\n')?;
            Ok(Found::TooLong)
        } else {
            Ok(Found::Line { ended })
        }
    }

    /// The quote that the line in the buffer means.
    fn quote(&mut self) -> Option<Quote> {
        let mut fields: Fields = serde_json::from_slice(&self.line).ok()?;
        let symbol = Symbol::parse(fields.get(SYMBOL)?.as_str()?).ok()?;
        let count = match fields.remove(COUNT) {
            Some(count) => count.as_u64(),
            None => Some(0),
        };
        let quote = count.and_then(|count| self.take_in(&symbol, count, fields));
        if quote.is_none() {
            // What follows would be laid over something that is not known: not before it is whole again.
            self.last.remove(&symbol);
        }
        quote
    }

    fn take_in(&mut self, symbol: &Symbol, count: u64, fields: Fields) -> Option<Quote> {
        if count == 0 {
            let quote = Quote::deserialize(&fields).ok().filter(|_| fields.len() <= FIELDS_MAX)?;
            if self.last.len() < SYMBOLS_MAX || self.last.contains_key(symbol) {
                self.last.insert(symbol.clone(), Last { fields, count });
            }
            return Some(quote);
        }
        let last = self.last.get_mut(symbol).filter(|last| last.count + 1 == count)?;
        apply(&mut last.fields, fields);
        last.count = count;
        Quote::deserialize(&last.fields).ok().filter(|_| last.fields.len() <= FIELDS_MAX)
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Quote;

    fn next(&mut self) -> Option<Quote> {
        loop {
            let ended = match self.next_line() {
                Ok(Found::Line { ended }) => ended,
                Ok(Found::TooLong) => false,
                Ok(Found::End) => return None,
                // A compressed file that broke off says so here.
                Err(_) => {
                    self.torn = true;
                    return None;
                }
            };
            if ended && !self.is_of_interest() {
                continue;
            }
            match self.quote() {
                Some(quote) => return Some(quote),
                None if ended || self.line.len() > LINE_BYTES_MAX => self.skipped += 1,
                None => self.torn = true,
            }
        }
    }
}

fn contains(line: &[u8], text: &[u8]) -> bool {
    line.windows(text.len()).any(|part| part == text)
}
