//! A segment's file, which many threads read at once: every read says where. Sealed or not.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use siyu_types::ports::Vault;
use siyu_types::sealed::SealedMap;

/// Opened pieces of a file that are kept: a page and the head of the next lie close together.
const PIECES_KEPT: usize = 8;

/// For the reader of Parquet.
pub struct SharedFile {
    inner: Arc<Inner>,
    length: u64,
}

struct Inner {
    file: File,
    sealed: Option<Sealed>,
}

struct Sealed {
    vault: Arc<dyn Vault>,
    map: SealedMap,
    kept: Mutex<VecDeque<(usize, Bytes)>>,
}

impl SharedFile {
    /// A file that was sealed is tied to its place.
    pub fn new(mut file: File, vault: Option<&Arc<dyn Vault>>, place: &str) -> io::Result<SharedFile> {
        let sealed = match vault {
            Some(vault) => SealedMap::read(&mut file, &**vault, place)?.map(|map| Sealed {
                vault: Arc::clone(vault),
                map,
                kept: Mutex::default(),
            }),
            None => None,
        };
        let length = match &sealed {
            Some(sealed) => sealed.map.length(),
            None => file.seek(SeekFrom::End(0))?,
        };
        Ok(SharedFile { inner: Arc::new(Inner { file, sealed }), length })
    }

    pub fn is_sealed(&self) -> bool {
        self.inner.sealed.is_some()
    }
}

impl Inner {
    /// What there is from `at` on: at least one byte, unless it is the end.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let Some(sealed) = &self.sealed else { return self.file.read_at(buffer, at) };
        let Some((number, place, length)) = sealed.map.piece(at) else { return Ok(0) };
        let plain = sealed.piece(&self.file, number, place, length)?;
        let from = (at - sealed.map.begin_of(number)) as usize;
        let count = buffer.len().min(plain.len().saturating_sub(from));
        buffer[..count].copy_from_slice(&plain[from..from + count]);
        Ok(count)
    }
}

impl Sealed {
    fn piece(&self, file: &File, number: usize, place: u64, length: usize) -> io::Result<Bytes> {
        if let Some((_, plain)) = self.kept.lock().iter().find(|(kept, _)| *kept == number) {
            return Ok(plain.clone());
        }
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, place)?;
        let plain = Bytes::from(self.map.open(&*self.vault, number, &bytes).map_err(io::Error::other)?);
        let mut kept = self.kept.lock();
        if kept.len() >= PIECES_KEPT {
            kept.pop_front();
        }
        kept.push_back((number, plain.clone()));
        Ok(plain)
    }
}

/// A reader with a place of its own in a shared file.
pub struct Place {
    inner: Arc<Inner>,
    at: u64,
}

impl Read for Place {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for SharedFile {
    type T = io::BufReader<Place>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(io::BufReader::new(Place { inner: Arc::clone(&self.inner), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        // What a damaged file says of its lengths is not made room for.
        if start.saturating_add(length as u64) > self.length {
            return Err(ParquetError::EOF("the file ends early".to_owned()));
        }
        let mut bytes = vec![0; length];
        Place { inner: Arc::clone(&self.inner), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
