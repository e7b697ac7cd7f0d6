//! Files that are sealed piece by piece, so that parts of them can be read, and more be
//! added, without opening the rest. Over any readers and writers; which cipher, is the
//! [`Vault`]'s to know.
//!
//! A sealed file is [`MAGIC`], the length of the head (u16), the head, and pieces: each the
//! length of what the vault made of it and of its content (u32), and what the vault made of it. Every piece is tied to the file's
//! place, to its head, which is unlike any other's, and to its number: a piece that was moved,
//! doubled or left out in the middle does not open. Pieces hold [`PIECE_BYTES`] each, but for
//! the last of each writing. A file that does not begin with `MAGIC` was never sealed.

#[cfg(test)]
mod tests;

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::ports::{SEALED_MORE, Vault};

/// No Parquet, ZIP, zstd or text file begins so.
pub const MAGIC: [u8; 4] = [0xF9, b's', b'f', 1];
/// Bytes of a piece before it is sealed.
pub const PIECE_BYTES: usize = 64 << 10;
const HEAD_BYTES_MAX: usize = 256;
const FIXED_BYTES: u64 = MAGIC.len() as u64 + 2;
const LENGTH_BYTES: u64 = 8;

fn place_of(place: &str, binding: u128, piece: u64) -> String {
    format!("{place}/{binding:032x}/{piece}")
}

fn other(error: Error) -> io::Error {
    io::Error::other(error)
}

/// The error behind one that went through a reader or writer.
pub fn cause(error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => Error::from(error),
    }
}

/// Seals what is written to it. What was written counts once [`SealedWriter::finish`] has
/// been called.
pub struct SealedWriter<W: Write> {
    inner: W,
    vault: Arc<dyn Vault>,
    place: String,
    binding: u128,
    buffer: Vec<u8>,
    next: u64,
}

impl<W: Write> SealedWriter<W> {
    /// Begins a file.
    pub fn begin(mut inner: W, vault: Arc<dyn Vault>, place: &str) -> io::Result<SealedWriter<W>> {
        // Of its nonce it is unlike any other head; what it says is not needed yet.
        let head = vault.seal(place, &(PIECE_BYTES as u32).to_le_bytes()).map_err(other)?;
        inner.write_all(&MAGIC)?;
        inner.write_all(&(head.len() as u16).to_le_bytes())?;
        inner.write_all(&head)?;
        let binding = xxhash_rust::xxh3::xxh3_128(&head);
        Ok(SealedWriter { inner, vault, place: place.to_owned(), binding, buffer: Vec::new(), next: 0 })
    }

    /// Goes on behind what a map knows; `inner` stands at the end of that.
    pub fn resume(inner: W, vault: Arc<dyn Vault>, map: &SealedMap) -> SealedWriter<W> {
        let (place, binding) = (map.place.clone(), map.binding);
        SealedWriter { inner, vault, place, binding, buffer: Vec::new(), next: map.pieces.len() as u64 }
    }

    fn put(&mut self, piece: &[u8]) -> io::Result<()> {
        let place = place_of(&self.place, self.binding, self.next);
        let sealed = self.vault.seal(&place, piece).map_err(other)?;
        self.inner.write_all(&(sealed.len() as u32).to_le_bytes())?;
        self.inner.write_all(&(piece.len() as u32).to_le_bytes())?;
        self.inner.write_all(&sealed)?;
        self.next += 1;
        Ok(())
    }

    pub fn inner(&self) -> &W {
        &self.inner
    }

    /// Writes what waits, as a piece that may be shorter than others.
    pub fn settle(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            let piece = std::mem::take(&mut self.buffer);
            self.put(&piece)?;
        }
        self.inner.flush()
    }

    pub fn finish(mut self) -> io::Result<W> {
        self.settle()?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        while self.buffer.len() >= PIECE_BYTES {
            let rest = self.buffer.split_off(PIECE_BYTES);
            let piece = std::mem::replace(&mut self.buffer, rest);
            self.put(&piece)?;
        }
        Ok(bytes.len())
    }

    /// Whole pieces are handed on by themselves; short ones would only make the file longer.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A piece: where its content begins in what was sealed, and where it lies in the file.
#[derive(Clone, Copy, Debug)]
struct Piece {
    plain: u64,
    at: u64,
    sealed: u32,
}

/// Where the pieces of a sealed file are. Holds nothing of its content.
#[derive(Clone, Debug)]
pub struct SealedMap {
    place: String,
    binding: u128,
    pieces: Vec<Piece>,
    /// Bytes before sealing.
    length: u64,
    /// Bytes of the file that belong to whole pieces.
    end: u64,
}

impl SealedMap {
    /// Looks through a file from its start; `None` if it was never sealed. What a crash left
    /// of a last piece does not count. Opens the head, so that a wrong key shows at once.
    pub fn read<R: Read + Seek>(
        file: &mut R,
        vault: &dyn Vault,
        place: &str,
    ) -> io::Result<Option<SealedMap>> {
        let bytes = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let mut fixed = [0; FIXED_BYTES as usize];
        if bytes < FIXED_BYTES {
            return Ok(None);
        }
        file.read_exact(&mut fixed)?;
        if fixed[..MAGIC.len()] != MAGIC {
            return Ok(None);
        }
        let length = usize::from(u16::from_le_bytes([fixed[4], fixed[5]]));
        let start = FIXED_BYTES + length as u64;
        if length > HEAD_BYTES_MAX || bytes < start {
            return Err(other(Error::internal(format!("the head of {place} is damaged"))));
        }
        let mut head = vec![0; length];
        file.read_exact(&mut head)?;
        vault.open(place, &head).map_err(other)?;
        let binding = xxhash_rust::xxh3::xxh3_128(&head);
        let mut map =
            SealedMap { place: place.to_owned(), binding, pieces: Vec::new(), length: 0, end: start };
        while map.end + LENGTH_BYTES <= bytes {
            let mut lengths = [0; LENGTH_BYTES as usize];
            file.seek(SeekFrom::Start(map.end))?;
            file.read_exact(&mut lengths)?;
            let [a, b, c, d, rest @ ..] = lengths;
            let (sealed, plain) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes(rest));
            let at = map.end + LENGTH_BYTES;
            if at + u64::from(sealed) > bytes {
                break;
            }
            if plain == 0 || plain > sealed || sealed as usize > PIECE_BYTES + SEALED_MORE {
                return Err(other(Error::internal(format!("a piece of {place} is damaged"))));
            }
            map.pieces.push(Piece { plain: map.length, at, sealed });
            map.length += u64::from(plain);
            map.end = at + u64::from(sealed);
        }
        Ok(Some(map))
    }

    /// Bytes before sealing.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Bytes of the file that count.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Where the bytes before `plain` end, if a piece begins there.
    pub fn end_before(&self, plain: u64) -> Option<(usize, u64)> {
        if plain == self.length {
            return Some((self.pieces.len(), self.end));
        }
        let at = self.pieces.binary_search_by_key(&plain, |piece| piece.plain).ok()?;
        Some((at, self.pieces[at].at - LENGTH_BYTES))
    }

    /// Forgets pieces from this one on, which are about to be written again.
    pub fn cut(&mut self, pieces: usize) {
        if let Some(piece) = self.pieces.get(pieces) {
            (self.length, self.end) = (piece.plain, piece.at - LENGTH_BYTES);
            self.pieces.truncate(pieces);
        }
    }

    /// The piece that holds this byte, its place in the file and its length there.
    pub fn piece(&self, plain: u64) -> Option<(usize, u64, usize)> {
        if plain >= self.length {
            return None;
        }
        let number = self.pieces.partition_point(|piece| piece.plain <= plain) - 1;
        let piece = self.pieces[number];
        Some((number, piece.at, piece.sealed as usize))
    }

    /// Where the content of a piece begins.
    pub fn begin_of(&self, piece: usize) -> u64 {
        self.pieces[piece].plain
    }

    /// What a piece with this content is to look like in its place.
    pub fn seal(&self, vault: &dyn Vault, piece: usize, plain: &[u8]) -> Result<Vec<u8>> {
        vault.seal(&place_of(&self.place, self.binding, piece as u64), plain)
    }

    pub fn open(&self, vault: &dyn Vault, piece: usize, sealed: &[u8]) -> Result<Vec<u8>> {
        let place = place_of(&self.place, self.binding, piece as u64);
        // Added while nothing was sealed, to a file that was begun before.
        let plain = vault.open(&place, sealed)?.unwrap_or_else(|| sealed.to_vec());
        let next = self.pieces.get(piece + 1).map_or(self.length, |next| next.plain);
        if plain.len() as u64 != next - self.pieces[piece].plain {
            return Err(Error::internal(format!("a piece of {} is damaged", self.place)));
        }
        Ok(plain)
    }
}

/// Reads a file whether it was sealed or not.
pub struct SealedReader<R> {
    inner: R,
    sealed: Option<Sealed>,
}

struct Sealed {
    vault: Arc<dyn Vault>,
    map: SealedMap,
    at: u64,
    /// The piece that was opened last, with its number.
    held: Option<(usize, Vec<u8>)>,
}

impl<R: Read + Seek> SealedReader<R> {
    /// Without a vault a file is read as it is.
    pub fn open(mut inner: R, vault: Option<&Arc<dyn Vault>>, place: &str) -> io::Result<SealedReader<R>> {
        let map = match vault {
            Some(vault) => SealedMap::read(&mut inner, &**vault, place)?.map(|map| (Arc::clone(vault), map)),
            None => None,
        };
        inner.seek(SeekFrom::Start(0))?;
        let sealed = map.map(|(vault, map)| Sealed { vault, map, at: 0, held: None });
        Ok(SealedReader { inner, sealed })
    }

    /// Bytes before sealing.
    pub fn length(&mut self) -> io::Result<u64> {
        match &self.sealed {
            Some(sealed) => Ok(sealed.map.length),
            None => {
                let at = self.inner.stream_position()?;
                let length = self.inner.seek(SeekFrom::End(0))?;
                self.inner.seek(SeekFrom::Start(at))?;
                Ok(length)
            }
        }
    }
}

impl<R: Read + Seek> Read for SealedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let SealedReader { inner, sealed: Some(sealed) } = self else { return self.inner.read(buffer) };
        let Some((number, at, length)) = sealed.map.piece(sealed.at) else { return Ok(0) };
        if sealed.held.as_ref().is_none_or(|(held, _)| *held != number) {
            let mut bytes = vec![0; length];
            inner.seek(SeekFrom::Start(at))?;
            inner.read_exact(&mut bytes)?;
            sealed.held = Some((number, sealed.map.open(&*sealed.vault, number, &bytes).map_err(other)?));
        }
        let Some((_, plain)) = &sealed.held else { return Ok(0) };
        let from = (sealed.at - sealed.map.begin_of(number)) as usize;
        let count = buffer.len().min(plain.len().saturating_sub(from));
        buffer[..count].copy_from_slice(&plain[from..from + count]);
        sealed.at += count as u64;
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for SealedReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SealedReader { inner, sealed } = self;
        let Some(sealed) = sealed else { return inner.seek(to) };
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => sealed.map.length.checked_add_signed(by),
            SeekFrom::Current(by) => sealed.at.checked_add_signed(by),
        };
        sealed.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(sealed.at)
    }
}

/// What is written as it is, or sealed.
pub enum MaybeSealed<W: Write> {
    Open(W),
    Sealed(SealedWriter<W>),
}

impl<W: Write> MaybeSealed<W> {
    /// Begins a file, as the vault says.
    pub fn begin(inner: W, vault: Option<&Arc<dyn Vault>>, place: &str) -> io::Result<MaybeSealed<W>> {
        Ok(match vault.filter(|vault| vault.seals()) {
            Some(vault) => MaybeSealed::Sealed(SealedWriter::begin(inner, Arc::clone(vault), place)?),
            None => MaybeSealed::Open(inner),
        })
    }

    pub fn finish(self) -> io::Result<W> {
        match self {
            MaybeSealed::Open(mut inner) => {
                inner.flush()?;
                Ok(inner)
            }
            MaybeSealed::Sealed(writer) => writer.finish(),
        }
    }
}

impl<W: Write> Write for MaybeSealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            MaybeSealed::Open(inner) => inner.write(bytes),
            MaybeSealed::Sealed(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            MaybeSealed::Open(inner) => inner.flush(),
            MaybeSealed::Sealed(writer) => writer.flush(),
        }
    }
}

/// Whether these first bytes are those of a sealed file.
pub fn is_sealed_file(head: &[u8]) -> bool {
    head.starts_with(&MAGIC)
}

/// A small file as it is to be written.
pub fn seal_whole(vault: Option<&Arc<dyn Vault>>, place: &str, plain: Vec<u8>) -> Result<Vec<u8>> {
    match vault.filter(|vault| vault.seals()) {
        Some(vault) => vault.seal(place, &plain),
        None => Ok(plain),
    }
}

/// A small file again, whether it was sealed or not.
pub fn open_whole(vault: Option<&Arc<dyn Vault>>, place: &str, stored: Vec<u8>) -> Result<Vec<u8>> {
    match vault {
        Some(vault) => Ok(vault.open(place, &stored)?.unwrap_or(stored)),
        None => Ok(stored),
    }
}
