//! Recordings on the disk: plain, or compressed where the name ends in `.gz`.

use std::{
    fs,
    io::{self, BufRead, BufReader, BufWriter, Read as _, Write},
    path::Path,
};

use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};
use jiff::Timestamp;

use super::{RecordingError, Writer};

/// What compressed files begin with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The most text read out of one file, however small it is compressed.
const TEXT_BYTES_MAX: u64 = 4 << 30;

/// A file that is written to.
#[derive(Debug)]
pub enum File {
    /// Text.
    Plain(BufWriter<fs::File>),
    /// Text, compressed.
    Gzip(GzEncoder<BufWriter<fs::File>>),
}

impl File {
    fn create(path: &Path) -> Result<Self, RecordingError> {
        // An empty file is what `mktemp` leaves.
        if fs::metadata(path).is_ok_and(|about| about.len() > 0) {
            return Err(RecordingError::Exists);
        }
        let file = BufWriter::new(fs::File::options().append(true).create(true).open(path)?);
        let compressed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        Ok(if compressed { Self::Gzip(GzEncoder::new(file, Compression::default())) } else { Self::Plain(file) })
    }

    /// Ends it: when this returns, everything is on the disk.
    pub fn finish(self) -> io::Result<()> {
        let mut file = match self {
            Self::Plain(file) => file,
            Self::Gzip(encoder) => encoder.finish()?,
        };
        file.flush()?;
        file.get_ref().sync_all()
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }
}

/// Begins a recording in a new file of `bytes_max` bytes at the most, counted before compression.
pub fn create(path: &Path, started_at: Timestamp, bytes_max: u64) -> Result<Writer<File>, RecordingError> {
    Ok(Writer::new(File::create(path)?, started_at, bytes_max)?)
}

/// The text of a file, compressed or not: its first bytes tell.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let mut file = BufReader::new(fs::File::open(path)?);
    if !file.fill_buf()?.starts_with(&GZIP) {
        return Ok(Box::new(file));
    }
    Ok(Box::new(BufReader::new(MultiGzDecoder::new(file).take(TEXT_BYTES_MAX))))
}
