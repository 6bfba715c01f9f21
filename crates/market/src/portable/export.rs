//! What a user has as a file.

use std::collections::{BTreeSet, HashSet};

use csv::{Terminator, Writer, WriterBuilder};
use serde::{Deserialize, Serialize};

use super::{cells::harmless, own};
use crate::{Lot, Price, Profile, Symbol, SymbolNote};

/// By this Excel knows UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The columns of our table.
const HEADER: [&str; 8] = ["List", "Symbol", "Alias", "Note", "Quantity", "Cost", "Currency", "Date"];

/// As which kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A table for spreadsheets: lists, aliases, notes, what is held.
    Csv,
    /// Everything, to be imported again.
    #[default]
    Json,
}

/// What a user has, as a file of that kind.
pub fn export(profile: &Profile, format: ExportFormat) -> String {
    match format {
        ExportFormat::Csv => format!("{BYTE_ORDER_MARK}{}", table(profile)),
        ExportFormat::Json => own::write(profile),
    }
}

fn table(profile: &Profile) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let mut table = Table { profile, told: HashSet::new() };
    // Writing to memory does not fail, and what is written is UTF-8.
    let written = writer.write_record(HEADER).and_then(|()| table.write(&mut writer));
    let bytes = written.ok().and_then(|()| writer.into_inner().ok());
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

struct Table<'a> {
    profile: &'a Profile,
    /// Whose notes and lots are written: they belong to the symbol, not to each list it is on.
    told: HashSet<&'a Symbol>,
}

impl<'a> Table<'a> {
    fn write(&mut self, writer: &mut Writer<Vec<u8>>) -> csv::Result<()> {
        let profile = self.profile;
        for list in &profile.watchlists {
            list.symbols.iter().try_for_each(|symbol| self.symbol(writer, &list.name, symbol))?;
        }
        let of_no_list = profile.notes.keys().chain(profile.holdings.keys());
        of_no_list
            .filter(|symbol| !self.told.contains(symbol))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .try_for_each(|symbol| self.symbol(writer, "", symbol))
    }

    /// A row, with one more for each further lot.
    fn symbol(&mut self, writer: &mut Writer<Vec<u8>>, list: &str, symbol: &'a Symbol) -> csv::Result<()> {
        let new = self.told.insert(symbol);
        let lots = self.profile.holdings.get(symbol).filter(|_| new).map_or(&[][..], Vec::as_slice);
        let note = self.profile.notes.get(symbol).filter(|_| new);
        row(writer, list, symbol, note, lots.first())?;
        lots.iter().skip(1).try_for_each(|lot| row(writer, list, symbol, None, Some(lot)))
    }
}

fn row(
    writer: &mut Writer<Vec<u8>>,
    list: &str,
    symbol: &Symbol,
    note: Option<&SymbolNote>,
    lot: Option<&Lot>,
) -> csv::Result<()> {
    let number = |price: Option<Price>| price.map(|price| price.to_string()).unwrap_or_default();
    let date = lot.and_then(|lot| lot.date).map(|date| date.to_string());
    writer.write_record([
        harmless(list),
        harmless(symbol.as_str()),
        harmless(note.map_or("", |note| &note.alias)),
        harmless(note.map_or("", |note| &note.note)),
        number(lot.map(|lot| lot.quantity)),
        number(lot.and_then(|lot| lot.cost)),
        lot.and_then(|lot| lot.currency.clone()).unwrap_or_default(),
        date.unwrap_or_default(),
    ])
}
