//! What was sealed opens in its place, in its order, with its key.

use std::io::Cursor;
use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::error::ErrorCode;

/// Shifts bytes, and notes place and a count beside them: enough to see what is opened where.
#[derive(Debug)]
struct Shift(AtomicU8, u8);

impl Vault for Shift {
    fn seals(&self) -> bool {
        true
    }

    fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let mark = xxhash_rust::xxh3::xxh3_64(place.as_bytes()).to_le_bytes();
        let shifted = plain.iter().map(|byte| byte.wrapping_add(self.1));
        Ok([b'#', self.1, count].into_iter().chain(mark).chain(shifted).collect())
    }

    fn marks(&self, _: &str, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn is_sealed(&self, stored: &[u8]) -> bool {
        stored.starts_with(b"#")
    }

    fn open(&self, place: &str, stored: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(rest) = stored.strip_prefix(b"#") else { return Ok(None) };
        let mark = xxhash_rust::xxh3::xxh3_64(place.as_bytes()).to_le_bytes();
        if rest[0] != self.1 || rest[2..10] != mark {
            return Err(Error::new(ErrorCode::SecretUnreadable, "no key"));
        }
        Ok(Some(rest[10..].iter().map(|byte| byte.wrapping_sub(self.1)).collect()))
    }
}

fn vault(by: u8) -> Arc<dyn Vault> {
    Arc::new(Shift(AtomicU8::new(0), by))
}

fn text(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8 ^ (at / 251) as u8).collect()
}

fn sealed(parts: &[&[u8]], with: &Arc<dyn Vault>) -> Vec<u8> {
    let mut writer = SealedWriter::begin(Vec::new(), Arc::clone(with), "f/1").expect("begins");
    for part in parts {
        writer.write_all(part).expect("writes");
    }
    writer.finish().expect("ends")
}

fn read(file: Vec<u8>, with: &Arc<dyn Vault>, place: &str) -> Result<Vec<u8>> {
    let mut reader = SealedReader::open(Cursor::new(file), Some(with), place).map_err(cause)?;
    let mut all = Vec::new();
    reader.read_to_end(&mut all).map_err(cause)?;
    assert_eq!(reader.length().map_err(cause)?, all.len() as u64);
    Ok(all)
}

#[test]
fn what_was_written_is_read_from_any_place() {
    let with = vault(3);
    for length in [0, 1, 1_000, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 77] {
        let plain = text(length);
        let parts: Vec<&[u8]> = plain.chunks(10_007).collect();
        let file = sealed(&parts, &with);
        assert!(is_sealed_file(&file) && (plain.is_empty() || !file.ends_with(&plain)));
        assert_eq!(read(file.clone(), &with, "f/1").expect("opens"), plain, "{length}");
        let mut reader = SealedReader::open(Cursor::new(file), Some(&with), "f/1").expect("opens");
        for from in [0, 1, 65_535, 65_536, 65_537, 150_000] {
            if from <= length {
                reader.seek(SeekFrom::Start(from as u64)).expect("seeks");
                let mut rest = Vec::new();
                reader.read_to_end(&mut rest).expect("reads");
                assert_eq!(rest, plain[from..], "{length} from {from}");
                assert_eq!(reader.seek(SeekFrom::End(0)).expect("seeks"), length as u64);
            }
        }
    }
    assert_eq!(read(b"PAR1 as it was".to_vec(), &with, "f/1").expect("as it is"), b"PAR1 as it was");
}

#[test]
fn other_keys_places_and_orders_do_not_open() {
    let with = vault(3);
    let plain = text(2 * PIECE_BYTES + 5);
    let file = sealed(&[&plain], &with);
    let unreadable = |file: Vec<u8>, with: &Arc<dyn Vault>, place: &str| {
        read(file, with, place).expect_err("does not open").code
    };
    assert_eq!(unreadable(file.clone(), &vault(4), "f/1"), ErrorCode::SecretUnreadable);
    assert_eq!(unreadable(file.clone(), &with, "f/2"), ErrorCode::SecretUnreadable);
    let map = SealedMap::read(&mut Cursor::new(&file), &*with, "f/1").expect("reads").expect("sealed");
    let at = |piece: usize| (map.pieces[piece].at - LENGTH_BYTES) as usize;
    let mut swapped = file[..at(0)].to_vec();
    swapped.extend_from_slice(&file[at(1)..at(2)]);
    swapped.extend_from_slice(&file[at(0)..at(1)]);
    swapped.extend_from_slice(&file[at(2)..]);
    assert_eq!(unreadable(swapped, &with, "f/1"), ErrorCode::SecretUnreadable);
    // A piece of another file, at its place in that.
    let mut mixed = sealed(&[&plain], &with)[..at(1)].to_vec();
    mixed.extend_from_slice(&file[at(1)..]);
    assert_eq!(unreadable(mixed, &with, "f/1"), ErrorCode::SecretUnreadable);
}

#[test]
fn more_is_added_behind_what_is_whole() {
    let with = vault(9);
    let plain = text(PIECE_BYTES + 500);
    let mut file = sealed(&[&plain], &with);
    // A crash within the next piece.
    file.extend_from_slice(&[70, 0, 0, 0, 60, 0, 0, 0, 1, 2, 3]);
    let map = SealedMap::read(&mut Cursor::new(&file), &*with, "f/1").expect("reads").expect("sealed");
    assert_eq!(map.length(), plain.len() as u64);
    file.truncate(map.end() as usize);
    let mut writer = SealedWriter::resume(file, Arc::clone(&with), &map);
    writer.write_all(b"and more").expect("writes");
    let file = writer.finish().expect("ends");
    assert_eq!(read(file.clone(), &with, "f/1").expect("opens"), [plain.as_slice(), b"and more"].concat());
    // Back to where a piece begins, as after a crash of the one who wrote it.
    let mut map = SealedMap::read(&mut Cursor::new(&file), &*with, "f/1").expect("reads").expect("sealed");
    let (pieces, end) = map.end_before(plain.len() as u64).expect("a piece begins there");
    map.cut(pieces);
    assert_eq!((map.length(), map.end()), (plain.len() as u64, end));
    assert_eq!(map.end_before(5), None);
}
