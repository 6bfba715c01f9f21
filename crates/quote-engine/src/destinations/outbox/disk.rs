//! The outbox's file. What is damaged is kept aside and begun anew; what another process holds is left alone.

use std::{
    collections::HashMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use jiff::Timestamp;
use redb::{
    Builder, Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, StorageError, TableDefinition,
};

use super::Letter;
use crate::durable::with_suffix;

/// The file in the data folder; further processes there have `outbox-2.redb` and so on.
pub const FILE_NAME: &str = "outbox.redb";
/// Processes that deliver from one folder at the most.
const PLACES_MAX: usize = 64;
/// What redb keeps in memory of its file.
const PAGES_BYTES_MAX: usize = 1 << 20;

/// Letters by their ids, as JSON.
const LETTERS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("letters");
/// Ids of events that were put down, and when, in seconds since 1970.
const HEARD: TableDefinition<'_, &str, i64> = TableDefinition::new("heard");
/// When the first run began, in seconds since 1970.
const SINCE: TableDefinition<'_, (), i64> = TableDefinition::new("since");

/// What is written at once.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) puts: Vec<Letter>,
    pub(super) removes: Vec<u64>,
    pub(super) heard: Option<(String, Timestamp)>,
    pub(super) unheard: Vec<String>,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    /// The oldest first.
    pub(super) letters: Vec<Letter>,
    pub(super) heard: HashMap<String, Timestamp>,
    pub(super) since: Timestamp,
}

/// The file, open: nobody else has it.
#[derive(Debug)]
pub(super) struct Disk(Database);

impl Disk {
    /// The first that nobody else has.
    pub(super) fn open(folder: &Path, now: Timestamp) -> Result<(Self, Found), redb::Error> {
        fs::create_dir_all(folder).map_err(|error| redb::Error::from(StorageError::Io(error)))?;
        let mut opened = Self::open_whole(&folder.join(FILE_NAME), now);
        for place in 2..=PLACES_MAX {
            if !matches!(opened, Err(redb::Error::DatabaseAlreadyOpen)) {
                break;
            }
            opened = Self::open_whole(&folder.join(format!("outbox-{place}.redb")), now);
        }
        opened
    }

    fn open_whole(path: &Path, now: Timestamp) -> Result<(Self, Found), redb::Error> {
        match Self::open_file(path, now) {
            Err(error) if is_damage(&error) => {
                let aside = with_suffix(path, &format!(".damaged-{}", now.as_millisecond()));
                tracing::warn!(%error, aside = %aside.display(), "the outbox is damaged, kept aside, and begun anew");
                fs::rename(path, aside).map_err(|error| redb::Error::from(StorageError::Io(error)))?;
                Self::open_file(path, now)
            }
            opened => opened,
        }
    }

    /// redb answers some damage with a panic: that ends here.
    fn open_file(path: &Path, now: Timestamp) -> Result<(Self, Found), redb::Error> {
        let open = || {
            let database = Builder::new().set_cache_size(PAGES_BYTES_MAX).create(path).map_err(of_damage)?;
            let found = load(&database, now)?;
            Ok((Self(database), found))
        };
        catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(damage()))
    }

    /// Writes it; that it could not be is told, and changes nothing about what is delivered.
    pub(super) fn write(&self, changes: &Changes) {
        let written = catch_unwind(AssertUnwindSafe(|| write(&self.0, changes))).unwrap_or_else(|_| Err(damage()));
        if let Err(error) = written {
            tracing::warn!(%error, "the outbox is not saved");
        }
    }
}

fn write(database: &Database, changes: &Changes) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let (mut letters, mut heard) = (transaction.open_table(LETTERS)?, transaction.open_table(HEARD)?);
        for letter in &changes.puts {
            // Plain fields always become JSON.
            letters.insert(letter.id, serde_json::to_vec(letter).unwrap_or_default().as_slice())?;
        }
        for id in &changes.removes {
            letters.remove(id)?;
        }
        if let Some((id, at)) = &changes.heard {
            heard.insert(id.as_str(), at.as_second())?;
        }
        for id in &changes.unheard {
            heard.remove(id.as_str())?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn load(database: &Database, now: Timestamp) -> Result<Found, redb::Error> {
    let transaction = database.begin_write()?;
    let since = {
        let mut since = transaction.open_table(SINCE)?;
        let known = since.get(())?.map(|at| at.value());
        if known.is_none() {
            since.insert((), now.as_second())?;
        }
        // The other tables are there from now on.
        transaction.open_table(LETTERS)?;
        transaction.open_table(HEARD)?;
        known.unwrap_or(now.as_second())
    };
    transaction.commit()?;
    let reading = database.begin_read()?;
    let mut letters = Vec::new();
    for row in reading.open_table(LETTERS)?.iter()? {
        // What cannot be read was written by another version: it is left alone.
        letters.extend(serde_json::from_slice::<Letter>(row?.1.value()).ok());
    }
    let mut heard = HashMap::new();
    for row in reading.open_table(HEARD)?.iter()? {
        let (id, at) = row?;
        heard.insert(id.value().to_owned(), second(at.value()));
    }
    Ok(Found { letters, heard, since: second(since) })
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What is no database at all counts as damaged, too.
fn of_damage(error: DatabaseError) -> redb::Error {
    match error {
        DatabaseError::UpgradeRequired(_) => damage(),
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() == std::io::ErrorKind::InvalidData => damage(),
        other => other.into(),
    }
}

fn damage() -> redb::Error {
    redb::Error::Corrupted("it makes no sense".into())
}

fn is_damage(error: &redb::Error) -> bool {
    matches!(error, redb::Error::Corrupted(_))
}
