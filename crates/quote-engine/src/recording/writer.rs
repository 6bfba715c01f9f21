//! Quotes to lines.

use std::{collections::HashMap, io::Write};

use jiff::Timestamp;
use market::{Quote, Symbol};

use super::{COUNT, Fields, Header, Last, MAGIC, SYMBOLS_MAX, VERSION, WHOLE_EVERY, difference, fields_of};

/// Writes quotes, each symbol's against its last.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    last: HashMap<Symbol, Last>,
    bytes: u64,
    bytes_max: u64,
    quotes: u64,
}

/// Whether a quote was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// It was.
    Left,
    /// It was not: the recording has the size it may have.
    Full,
}

impl<W: Write> Writer<W> {
    /// Begins a recording of `bytes_max` bytes at the most, counted before any compression.
    pub fn new(mut out: W, started_at: Timestamp, bytes_max: u64) -> std::io::Result<Self> {
        let header = line(&Header { quickstocks: MAGIC.to_owned(), version: VERSION, started_at })?;
        out.write_all(&header)?;
        Ok(Self { out, last: HashMap::new(), bytes: header.len() as u64, bytes_max, quotes: 0 })
    }

    /// Writes a quote, unless the recording is full.
    pub fn write(&mut self, quote: &Quote) -> std::io::Result<Room> {
        let fields = fields_of(quote)?;
        let last = self.last.get(&quote.symbol);
        let count = last.map_or(0, |last| (last.count + 1) % WHOLE_EVERY);
        let text = match last.filter(|_| count > 0) {
            Some(last) => line(&counted(difference(&last.fields, &fields), count))?,
            None => line(&fields)?,
        };
        if self.bytes + text.len() as u64 > self.bytes_max {
            return Ok(Room::Full);
        }
        self.out.write_all(&text)?;
        self.bytes += text.len() as u64;
        self.quotes += 1;
        self.remember(&quote.symbol, Last { fields, count });
        Ok(Room::Left)
    }

    fn remember(&mut self, symbol: &Symbol, last: Last) {
        if let Some(known) = self.last.get_mut(symbol) {
            *known = last;
        } else if self.last.len() < SYMBOLS_MAX {
            self.last.insert(symbol.clone(), last);
        }
    }

    /// Hands everything down to the disk.
    pub fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }

    /// How many quotes were written.
    pub fn quotes(&self) -> u64 {
        self.quotes
    }

    /// How many bytes they took, before any compression.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What is written to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

fn counted(mut fields: Fields, count: u64) -> Fields {
    fields.insert(COUNT.to_owned(), count.into());
    fields
}

fn line(value: &impl serde::Serialize) -> std::io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    Ok(text)
}
