//! What has been read of a file so far: within bounds, each symbol once, and every problem counted.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Import, ImportFault, ImportFormat, ImportProblem, PROBLEMS_MAX};
use crate::{
    Lot, Symbol, SymbolNote, Watchlist,
    holdings::{HELD_MAX, LOTS_MAX},
    notes::NOTES_MAX,
    profile::{WATCHLISTS_MAX, check_list_name},
    watchlist::WATCHLIST_SYMBOLS_MAX,
};

/// Characters told of what stands where a problem is.
const FOUND_MAX: usize = 60;

/// What is wrong, and with what.
pub(super) type Wrong = (String, ImportFault);

/// What has been read so far.
#[derive(Debug)]
pub(super) struct Draft {
    import: Import,
    /// By name: the place of each list, and what is on it.
    listed: HashMap<String, (usize, HashSet<Symbol>)>,
}

/// One line of a table.
#[derive(Debug)]
pub(super) struct Row {
    /// The list it names; `None` where it names none although others do.
    pub(super) list: Option<String>,
    pub(super) symbol: Symbol,
    pub(super) note: SymbolNote,
    pub(super) lot: Option<Lot>,
}

impl Draft {
    pub(super) fn new(format: ImportFormat) -> Self {
        let import = Import {
            format,
            lists: Vec::new(),
            notes: BTreeMap::new(),
            holdings: BTreeMap::new(),
            alerts: Vec::new(),
            preferences: None,
            problems: Vec::new(),
            more_problems: 0,
        };
        Self { import, listed: HashMap::new() }
    }

    pub(super) fn finish(self) -> Import {
        self.import
    }

    /// What is read so far, for a reader that knows better.
    pub(super) fn import(&mut self) -> &mut Import {
        &mut self.import
    }

    /// Takes a line in whole, or not at all.
    pub(super) fn add(&mut self, row: Row) -> Result<(), Wrong> {
        let note = self.note_with(&row)?;
        if let Some(lot) = &row.lot {
            self.check_lot(&row.symbol, lot)?;
        }
        if let Some(list) = &row.list {
            self.list(list, &row.symbol)?;
        }
        if !note.is_empty() {
            self.import.notes.insert(row.symbol.clone(), note);
        }
        if let Some(lot) = row.lot {
            self.import.holdings.entry(row.symbol).or_default().push(lot);
        }
        Ok(())
    }

    /// Puts a symbol on a list, which is made where there is none of that name; an empty name is that of no list.
    pub(super) fn list(&mut self, name: &str, symbol: &Symbol) -> Result<(), Wrong> {
        self.open_list(name)?;
        let Some((place, there)) = self.listed.get_mut(name) else { return Ok(()) };
        if there.contains(symbol) {
            return Ok(());
        }
        if there.len() == WATCHLIST_SYMBOLS_MAX {
            return Err((symbol.to_string(), ImportFault::TooMany));
        }
        there.insert(symbol.clone());
        if let Some(list) = self.import.lists.get_mut(*place) {
            list.symbols.push(symbol.clone());
        }
        Ok(())
    }

    /// Makes a list where there is none of that name.
    pub(super) fn open_list(&mut self, name: &str) -> Result<(), Wrong> {
        if self.listed.contains_key(name) {
            return Ok(());
        }
        if !name.is_empty() {
            check_list_name(name).map_err(|_| (name.to_owned(), ImportFault::ListName))?;
        }
        if self.import.lists.len() == WATCHLISTS_MAX {
            return Err((name.to_owned(), ImportFault::TooMany));
        }
        self.listed.insert(name.to_owned(), (self.import.lists.len(), HashSet::new()));
        self.import.lists.push(Watchlist::new(name, []));
        Ok(())
    }

    /// What is noted of the row's symbol with what the row adds: a portfolio has a comment at each purchase.
    fn note_with(&self, row: &Row) -> Result<SymbolNote, Wrong> {
        let mut all = self.import.notes.get(&row.symbol).cloned().unwrap_or_default();
        if all.alias.is_empty() {
            all.alias.clone_from(&row.note.alias);
        }
        if !row.note.note.is_empty() && all.note.is_empty() {
            all.note.clone_from(&row.note.note);
        } else if !all.note.contains(&row.note.note) {
            all.note = format!("{}\n{}", all.note, row.note.note);
        }
        let wrong = |fault| (row.note.note.clone(), fault);
        let new = !all.is_empty() && !self.import.notes.contains_key(&row.symbol);
        if new && self.import.notes.len() == NOTES_MAX {
            return Err(wrong(ImportFault::TooMany));
        }
        all.checked().map_err(|_| wrong(ImportFault::Note))
    }

    fn check_lot(&self, symbol: &Symbol, lot: &Lot) -> Result<(), Wrong> {
        let held = self.import.holdings.get(symbol);
        let full = held.map_or(self.import.holdings.len() == HELD_MAX, |lots| lots.len() == LOTS_MAX);
        if full {
            return Err((symbol.to_string(), ImportFault::TooMany));
        }
        if lot.is_sound() { Ok(()) } else { Err((lot.quantity.to_string(), ImportFault::Quantity)) }
    }

    /// Tells a problem, or counts it where too many have been told.
    pub(super) fn tell(&mut self, line: Option<u64>, (found, fault): Wrong) {
        if self.import.problems.len() >= PROBLEMS_MAX {
            self.import.more_problems = self.import.more_problems.saturating_add(1);
            return;
        }
        let mut short: String = found.chars().filter(|c| !c.is_control()).take(FOUND_MAX).collect();
        if found.chars().nth(FOUND_MAX).is_some() {
            short.push('…');
        }
        let line = line.map(|line| u32::try_from(line).unwrap_or(u32::MAX));
        self.import.problems.push(ImportProblem { line, found: short, fault, problem: fault.to_string() });
    }
}
