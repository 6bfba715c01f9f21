//! Everything a user has as JSON: written whole, read entry by entry, so that one bad entry spoils no other.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    Import, ImportError, ImportFault, ImportFormat,
    draft::{Draft, Row, Wrong},
};
use crate::{
    Alert, Edit, Lot, Preferences, Profile, Symbol, SymbolNote, UserName, Watchlist, destination::DESTINATIONS_MAX,
    profile::ALERTS_MAX,
};

/// The format written by this version.
pub(super) const FORMAT: u64 = 1;
/// Bytes of an alert's id at the most.
const ALERT_ID_MAX: usize = 64;

/// The whole file.
#[derive(Debug, Serialize)]
struct Own<'a> {
    quickstocks: u64,
    watchlists: &'a [Watchlist],
    notes: &'a BTreeMap<Symbol, SymbolNote>,
    holdings: &'a BTreeMap<Symbol, Vec<Lot>>,
    alerts: &'a [Alert],
    preferences: &'a Preferences,
}

/// Everything a user has, for people to read and for [`read`].
pub(super) fn write(profile: &Profile) -> String {
    let own = Own {
        quickstocks: FORMAT,
        watchlists: &profile.watchlists,
        notes: &profile.notes,
        holdings: &profile.holdings,
        alerts: &profile.alerts,
        preferences: &profile.preferences,
    };
    // Plain fields always become JSON.
    serde_json::to_string_pretty(&own).unwrap_or_default()
}

/// What a JSON file holds: everything, lists alone, or symbols alone.
pub(super) fn read(text: &str) -> Result<Import, ImportError> {
    let mut reader = Reader { draft: Draft::new(ImportFormat::Json) };
    match serde_json::from_str(text).unwrap_or_else(|error| reader.broken(&error)) {
        Value::Object(fields) => reader.everything(fields)?,
        Value::Array(symbols) => reader.symbols("", symbols),
        _ => return Err(ImportError::Empty),
    }
    let import = reader.draft.finish();
    let something = !import.lists.is_empty()
        || !import.notes.is_empty()
        || !import.holdings.is_empty()
        || !import.alerts.is_empty()
        || import.preferences.is_some()
        || !import.problems.is_empty();
    if something { Ok(import) } else { Err(ImportError::Empty) }
}

struct Reader {
    draft: Draft,
}

impl Reader {
    /// Of a file that breaks off nothing is left but where it does.
    fn broken(&mut self, error: &serde_json::Error) -> Value {
        let said = error.to_string();
        let found = said.split(" at line ").next().unwrap_or_default();
        self.draft.tell(u64::try_from(error.line()).ok(), (found.to_owned(), ImportFault::Json));
        Value::Object(Map::new())
    }

    fn everything(&mut self, mut fields: Map<String, Value>) -> Result<(), ImportError> {
        match fields.get("quickstocks").and_then(Value::as_u64) {
            Some(found) if found > FORMAT => return Err(ImportError::Newer { found }),
            _ => {}
        }
        let mut take = |name: &str| fields.remove(name);
        if let Some(lists) = take("watchlists") {
            self.each("watchlists", lists, Self::watchlist);
        }
        if let Some(alerts) = take("alerts") {
            self.each("alerts", alerts, Self::alert);
        }
        for (symbol, note) in entries(take("notes")) {
            let note = as_type(note, ImportFault::Note);
            self.row(&symbol, |symbol| Ok(Row { list: None, symbol, note: note?, lot: None }));
        }
        for (symbol, lots) in entries(take("holdings")) {
            let Value::Array(lots) = lots else {
                self.tell(symbol, ImportFault::Shape);
                continue;
            };
            for lot in lots {
                let lot = as_type(lot, ImportFault::Quantity);
                let note = SymbolNote::default();
                self.row(&symbol, |symbol| Ok(Row { list: None, symbol, note, lot: Some(lot?) }));
            }
        }
        if let Some(preferences) = take("preferences") {
            match as_type::<Preferences>(preferences, ImportFault::Preferences) {
                Ok(preferences) if preferences.check().is_ok() => self.draft.import().preferences = Some(preferences),
                _ => self.tell("preferences".into(), ImportFault::Preferences),
            }
        }
        Ok(())
    }

    fn each(&mut self, name: &str, list: Value, read: fn(&mut Self, Value) -> Result<(), Wrong>) {
        let Value::Array(list) = list else { return self.tell(name.into(), ImportFault::Shape) };
        for (value, number) in list.into_iter().zip(1..) {
            if let Err((found, fault)) = read(self, value) {
                let found = if found.is_empty() { format!("{name} {number}") } else { found };
                self.tell(found, fault);
            }
        }
    }

    fn watchlist(&mut self, value: Value) -> Result<(), Wrong> {
        let Value::Object(mut list) = value else { return Err((String::new(), ImportFault::Shape)) };
        let Some(Value::String(name)) = list.remove("name") else { return Err((String::new(), ImportFault::ListName)) };
        if name.is_empty() {
            return Err((name, ImportFault::ListName));
        }
        let Some(Value::Array(symbols)) = list.remove("symbols") else { return Err((name, ImportFault::Shape)) };
        self.draft.open_list(&name)?;
        self.symbols(&name, symbols);
        match list.remove("view").map(serde_json::from_value) {
            Some(Ok(view)) => {
                let made = self.draft.import().lists.iter_mut().find(|list| list.name == name);
                if let Some(list) = made {
                    list.view = view;
                }
            }
            Some(Err(_)) => self.tell(format!("{name}: view"), ImportFault::Shape),
            None => {}
        }
        Ok(())
    }

    fn symbols(&mut self, list: &str, symbols: Vec<Value>) {
        for value in symbols {
            let read = value.as_str().ok_or(ImportFault::Symbol).and_then(symbol);
            let read = read.map_err(|fault| (value.to_string(), fault));
            if let Err((found, fault)) = read.and_then(|symbol| self.draft.list(list, &symbol)) {
                self.tell(found, fault);
            }
        }
    }

    fn alert(&mut self, value: Value) -> Result<(), Wrong> {
        let wrong = || (String::new(), ImportFault::Alert);
        let alert: Alert = serde_json::from_value(value).map_err(|_| wrong())?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        let named = (1..=ALERT_ID_MAX).contains(&alert.id.len()) && alert.id.bytes().all(plain);
        // Only the profile knows what is sound; which destinations there are is seen where it is taken in.
        let sound = Alert { destinations: None, ..alert.clone() };
        let taken = Profile::new(UserName::me()).apply(Edit::PutAlert { alert: sound });
        let far_and_wide = alert.destinations.as_ref().is_some_and(|all| all.len() > DESTINATIONS_MAX);
        if !named || far_and_wide || taken.is_err() {
            return Err(wrong());
        }
        if self.draft.import().alerts.len() == ALERTS_MAX {
            return Err((alert.id, ImportFault::TooMany));
        }
        self.draft.import().alerts.push(alert);
        Ok(())
    }

    fn row(&mut self, text: &str, make: impl FnOnce(Symbol) -> Result<Row, ImportFault>) {
        let row = symbol(text).and_then(make).map_err(|fault| (text.to_owned(), fault));
        if let Err((found, fault)) = row.and_then(|row| self.draft.add(row)) {
            self.tell(found, fault);
        }
    }

    fn tell(&mut self, found: String, fault: ImportFault) {
        self.draft.tell(None, (found, fault));
    }
}

fn symbol(text: &str) -> Result<Symbol, ImportFault> {
    Symbol::parse(text).map_err(|_| ImportFault::Symbol)
}

fn as_type<T: DeserializeOwned>(value: Value, fault: ImportFault) -> Result<T, ImportFault> {
    serde_json::from_value(value).map_err(|_| fault)
}

/// The entries of an object; none of anything else.
fn entries(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    }
}
