//! Where charts are kept: a redb database.
//!
//! redb is an embedded key-value store in Rust alone: no C to compile, one file, and each write is there as a whole or
//! not at all, whenever the power fails. `SQLite` would bring a C library for a table that is only ever read by its key;
//! files of our own would need a rename, a checksum and an index for each of thousands of charts.
//!
//! Bounded in number and bytes; the oldest go first. Blocks on the disk: call it where that may be.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use redb::{
    Builder, Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _,
    StorageError, Table, TableDefinition, backends::InMemoryBackend,
};

/// Charts at the most.
const ENTRIES_MAX: u64 = 4_000;
/// Their bytes at the most.
const BYTES_MAX: u64 = 64 << 20;
/// A chart's bytes at the most.
const ENTRY_BYTES_MAX: usize = 4 << 20;
/// What redb keeps in memory of its file.
const PAGES_BYTES_MAX: usize = 1 << 20;

/// A chart by its key, with when it was fetched (milliseconds since 1970).
const CHARTS: TableDefinition<'_, &str, (i64, &[u8])> = TableDefinition::new("charts");
/// The bytes of each chart, the oldest first.
const AGES: TableDefinition<'_, (i64, &str), u64> = TableDefinition::new("ages");

/// The charts; none where not even memory will do.
#[derive(Debug)]
pub(super) struct Store {
    /// Where, unless it is in memory.
    path: Option<PathBuf>,
    database: RwLock<Option<Database>>,
}

impl Store {
    /// The file at `path`, made anew where it is damaged; memory where it cannot be had.
    pub(super) fn open(path: &Path) -> Self {
        let opened = create(path).or_else(|error| if is_damage(&error) { begin_anew(path) } else { Err(error) });
        match opened {
            Ok(database) => Self { path: Some(path.into()), database: RwLock::new(Some(database)) },
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "charts are kept until the end of the program only");
                Self::in_memory()
            }
        }
    }

    pub(super) fn in_memory() -> Self {
        Self { path: None, database: RwLock::new(builder().create_with_backend(InMemoryBackend::new()).ok()) }
    }

    /// A chart's bytes. Trouble is only told: nothing is kept then.
    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.guarded(|database| read(database, key)).flatten()
    }

    /// Keeps a chart, in place of the one before; the oldest go where there are too many.
    pub(super) fn put(&self, key: &str, fetched_ms: i64, chart: &[u8]) {
        if chart.len() > ENTRY_BYTES_MAX {
            tracing::debug!(key, bytes = chart.len(), "a chart is too large to be kept");
            return;
        }
        let put = |database: &Database| write(database, key, fetched_ms, chart);
        // Once more where the file had to be begun anew.
        if self.guarded(put).is_none() {
            self.guarded(put);
        }
    }

    /// Drops the charts whose keys begin so.
    pub(super) fn remove_all(&self, prefix: &str) {
        self.guarded(|database| remove(database, prefix));
    }

    /// Does some work on the database. redb answers some damage with a panic: that ends here.
    fn guarded<T>(&self, work: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Option<T> {
        let error = {
            let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
            let database = database.as_ref()?;
            match catch_unwind(AssertUnwindSafe(|| work(database))) {
                Ok(Ok(done)) => return Some(done),
                Ok(Err(error)) => error,
                Err(_) => damage(),
            }
        };
        tracing::warn!(%error, "a chart is not kept or not found");
        if matches!(error, redb::Error::Corrupted(_)) {
            self.renew();
        }
        None
    }

    /// Puts an empty database in the place of one that is damaged.
    fn renew(&self) {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        let damaged = database.take();
        // What closing it says about the damage has been told.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(damaged)));
        *database = self.path.as_deref().and_then(|path| begin_anew(path).ok());
    }
}

fn read(database: &Database, key: &str) -> Result<Option<Vec<u8>>, redb::Error> {
    match database.begin_read()?.open_table(CHARTS) {
        Ok(charts) => Ok(charts.get(key)?.map(|found| found.value().1.to_vec())),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn write(database: &Database, key: &str, fetched_ms: i64, chart: &[u8]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let (mut charts, mut ages) = (transaction.open_table(CHARTS)?, transaction.open_table(AGES)?);
        let before = charts.insert(key, (fetched_ms, chart))?.map(|before| before.value().0);
        if let Some(before) = before {
            ages.remove((before, key))?;
        }
        ages.insert((fetched_ms, key), chart.len() as u64)?;
        drop_oldest(&mut charts, &mut ages)?;
    }
    transaction.commit()?;
    Ok(())
}

fn remove(database: &Database, prefix: &str) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let (mut charts, mut ages) = (transaction.open_table(CHARTS)?, transaction.open_table(AGES)?);
        let gone = charts.extract_from_if(prefix.., |key, _| key.starts_with(prefix))?;
        let gone = gone.map(|entry| entry.map(|(key, chart)| (chart.value().0, key.value().to_owned())));
        let gone: Vec<(i64, String)> = gone.collect::<Result<_, _>>()?;
        for (fetched_ms, key) in &gone {
            ages.remove((*fetched_ms, key.as_str()))?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(PAGES_BYTES_MAX);
    builder
}

fn create(path: &Path) -> Result<Database, DatabaseError> {
    let created = catch_unwind(AssertUnwindSafe(|| builder().create(path)));
    created.unwrap_or_else(|_| Err(DatabaseError::Storage(StorageError::Corrupted("it makes no sense".into()))))
}

fn begin_anew(path: &Path) -> Result<Database, DatabaseError> {
    tracing::warn!(file = %path.display(), "the kept charts are damaged and begun anew");
    fs::remove_file(path).map_err(|error| DatabaseError::Storage(StorageError::Io(error)))?;
    create(path)
}

fn is_damage(error: &DatabaseError) -> bool {
    match error {
        DatabaseError::Storage(StorageError::Corrupted(_)) | DatabaseError::UpgradeRequired(_) => true,
        // What is no database at all.
        DatabaseError::Storage(StorageError::Io(error)) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

fn damage() -> redb::Error {
    redb::Error::Corrupted("it makes no sense".into())
}

fn drop_oldest(
    charts: &mut Table<'_, &str, (i64, &[u8])>,
    ages: &mut Table<'_, (i64, &str), u64>,
) -> Result<(), redb::Error> {
    let mut bytes: u64 = 0;
    for row in ages.iter()? {
        bytes += row?.1.value();
    }
    while ages.len()? > ENTRIES_MAX || bytes > BYTES_MAX {
        let Some((oldest, size)) = ages.pop_first()? else { break };
        bytes = bytes.saturating_sub(size.value());
        charts.remove(oldest.value().1)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_where_there_are_too_many_bytes() {
        let store = Store::in_memory();
        let chart = vec![7; ENTRY_BYTES_MAX];
        let fits = i64::try_from(BYTES_MAX).unwrap() / i64::try_from(ENTRY_BYTES_MAX).unwrap();
        for number in 0..fits + 2 {
            store.put(&number.to_string(), number, &chart);
        }
        let kept = |number: i64| store.get(&number.to_string()).is_some();
        assert_eq!([kept(0), kept(1), kept(2), kept(fits + 1)], [false, false, true, true]);
        // The same once more takes no further room, and makes it the youngest.
        store.put("2", fits + 2, &chart);
        store.put("new", fits + 3, &chart);
        assert_eq!([kept(2), kept(3)], [true, false]);
        store.put("large", fits + 4, &vec![7; ENTRY_BYTES_MAX + 1]);
        assert_eq!(store.get("large"), None);
    }

    #[test]
    fn charts_are_dropped_by_the_beginning_of_their_keys() {
        let store = Store::in_memory();
        let keys = ["yahoo\nA\n1d", "yahoo\nA\n5d", "yahoo\nAA\n1d", "other\nA\n1d"];
        store.remove_all("yahoo\nA\n");
        for (at, key) in (0..).zip(keys) {
            store.put(key, at, b"chart");
        }
        store.remove_all("yahoo\nA\n");
        assert_eq!(keys.map(|key| store.get(key).is_some()), [false, false, true, true]);
    }

    #[test]
    fn what_is_kept_survives_and_a_file_in_use_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("charts");
        let first = Store::open(&path);
        first.put("a", 1, b"chart");
        let second = Store::open(&path);
        second.put("b", 1, b"elsewhere");
        assert_eq!((second.get("a"), second.get("b").as_deref()), (None, Some(&b"elsewhere"[..])));
        drop(first);
        let third = Store::open(&path);
        assert_eq!((third.get("a").as_deref(), third.get("b")), (Some(&b"chart"[..]), None));
    }

    #[test]
    fn a_damaged_file_costs_what_was_kept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("charts");
        let whole = {
            Store::open(&path).put("a", 1, b"chart");
            fs::read(&path).unwrap()
        };
        let zeros = vec![0; whole.len()];
        let torn = [&whole[..whole.len() / 2], &zeros[whole.len() / 2..]].concat();
        for damaged in [b"no database at all".as_slice(), &whole[..whole.len() / 3], &zeros, &torn] {
            fs::write(&path, damaged).unwrap();
            let store = Store::open(&path);
            let _ = store.get("a");
            store.put("b", 2, b"another");
            assert_eq!(store.get("b").as_deref(), Some(&b"another"[..]));
        }
    }
}
