//! One file that holds what people gave us, as the vault says: an upload, refused rows, a
//! copy of somebody's data. Read and written alike whether it is sealed or not.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use siyu_types::Result;
use siyu_types::ports::Vault;
use siyu_types::sealed::{MaybeSealed, SealedMap, SealedReader, SealedWriter, cause};

const COPY_BYTES: usize = 256 << 10;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct StoredFile {
    path: PathBuf,
    vault: Option<Arc<dyn Vault>>,
    place: String,
}

/// What is added to the end of a file.
pub struct Appender {
    out: MaybeSealed<BufWriter<File>>,
}

impl StoredFile {
    /// `place` is what the vault ties it to, such as `uploads/7`.
    pub fn new(path: PathBuf, vault: Option<Arc<dyn Vault>>, place: String) -> StoredFile {
        StoredFile { path, vault, place }
    }

    /// A file that is never sealed, for tests and measurements.
    pub fn plain(path: impl Into<PathBuf>) -> StoredFile {
        StoredFile::new(path.into(), None, String::new())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What seals it, and what it is tied to.
    pub fn sealing(&self) -> (Option<&Arc<dyn Vault>>, &str) {
        (self.vault.as_ref(), &self.place)
    }

    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    pub fn open(&self) -> Result<SealedReader<File>> {
        SealedReader::open(File::open(&self.path)?, self.vault.as_ref(), &self.place).map_err(cause)
    }

    /// The file to be sent, and how many bytes it holds.
    pub fn reading(&self) -> Result<(SealedReader<File>, u64)> {
        let mut file = self.open()?;
        let bytes = file.length().map_err(cause)?;
        Ok((file, bytes))
    }

    /// As [`StoredFile::open`]; `None` if there is no such file.
    pub fn find(&self) -> Result<Option<SealedReader<File>>> {
        match File::open(&self.path) {
            Ok(file) => SealedReader::open(file, self.vault.as_ref(), &self.place).map(Some).map_err(cause),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Bytes that it holds, before sealing; 0 if there is no such file.
    pub fn length(&self) -> Result<u64> {
        self.find()?.map_or(Ok(0), |mut file| file.length().map_err(cause))
    }

    /// Begins the file anew in another that takes its place with [`Appender::finish`].
    pub fn begin(&self) -> Result<Appender> {
        let file = BufWriter::new(File::create(self.part())?);
        let out = MaybeSealed::begin(file, self.vault.as_ref(), &self.place).map_err(cause)?;
        Ok(Appender { out })
    }

    /// Puts what was begun into the file's place, durably.
    pub fn finish(&self, appender: Appender) -> Result<()> {
        let file =
            appender.out.finish().map_err(cause)?.into_inner().map_err(|error| cause(error.into_error()))?;
        file.sync_all()?;
        std::fs::rename(self.part(), &self.path)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Removes what was begun and not finished.
    pub fn discard(&self) -> Result<()> {
        match std::fs::remove_file(self.part()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn part(&self) -> PathBuf {
        self.path.with_extension("part")
    }

    /// Goes on behind the first `bytes` that it holds, or behind all if there are fewer; what
    /// stood after them goes. Answers how many there are.
    pub fn append(&self, bytes: u64) -> Result<(Appender, u64)> {
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&self.path)?;
        let length = file.metadata()?.len();
        let map = match &self.vault {
            Some(vault) => SealedMap::read(&mut file, &**vault, &self.place).map_err(cause)?,
            None => None,
        };
        let Some((vault, mut map)) = self.vault.as_ref().zip(map) else {
            let bytes = bytes.min(length);
            file.set_len(bytes)?;
            file.seek(SeekFrom::Start(bytes))?;
            let file = BufWriter::new(file);
            let out = match bytes {
                0 => MaybeSealed::begin(file, self.vault.as_ref(), &self.place).map_err(cause)?,
                // Begun while nothing was sealed: it stays as it is to its end.
                _ => MaybeSealed::Open(file),
            };
            return Ok((Appender { out }, bytes));
        };
        let bytes = bytes.min(map.length());
        // What stands before, in the piece in which it ends, is written again.
        let mut before = Vec::new();
        if map.end_before(bytes).is_none()
            && let Some((piece, at, length)) = map.piece(bytes)
        {
            let mut sealed = vec![0; length];
            file.read_exact_at(&mut sealed, at)?;
            before = map.open(&**vault, piece, &sealed)?;
            before.truncate((bytes - map.begin_of(piece)) as usize);
        }
        if let Some((pieces, _)) = map.end_before(bytes - before.len() as u64) {
            map.cut(pieces);
        }
        file.set_len(map.end())?;
        file.seek(SeekFrom::Start(map.end()))?;
        let mut out = SealedWriter::resume(BufWriter::new(file), Arc::clone(vault), &map);
        out.write_all(&before).map_err(cause)?;
        let mut appender = Appender { out: MaybeSealed::Sealed(out) };
        appender.settle()?;
        Ok((appender, bytes))
    }

    /// Puts other bytes in the place of some that are there, as many.
    pub fn overwrite(&self, at: u64, bytes: &[u8]) -> Result<()> {
        let mut file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        let map = match &self.vault {
            Some(vault) => SealedMap::read(&mut file, &**vault, &self.place).map_err(cause)?,
            None => None,
        };
        let Some((vault, map)) = self.vault.as_ref().zip(map) else {
            file.write_all_at(bytes, at)?;
            return Ok(file.sync_all()?);
        };
        let mut done = 0;
        while let Some((piece, place, length)) = map.piece(at + done as u64).filter(|_| done < bytes.len()) {
            let mut sealed = vec![0; length];
            file.read_exact_at(&mut sealed, place)?;
            let mut plain = map.open(&**vault, piece, &sealed)?;
            let from = (at + done as u64 - map.begin_of(piece)) as usize;
            let count = (plain.len() - from).min(bytes.len() - done);
            plain[from..from + count].copy_from_slice(&bytes[done..done + count]);
            let again = map.seal(&**vault, piece, &plain)?;
            if again.len() != length {
                // It was sealed by another cipher, which makes pieces of another length.
                self.rewrite()?;
                return self.overwrite(at, bytes);
            }
            file.write_all_at(&again, place)?;
            done += count;
        }
        Ok(file.sync_all()?)
    }

    /// Whether it lies open although what is written now is sealed.
    pub fn is_open(&self) -> Result<bool> {
        let Some(vault) = self.vault.as_ref().filter(|vault| vault.seals()) else { return Ok(false) };
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        Ok(SealedMap::read(&mut file, &**vault, &self.place).map_err(cause)?.is_none())
    }

    /// Writes it anew as the vault says now.
    pub fn rewrite(&self) -> Result<()> {
        let mut from = self.open()?;
        let mut to = self.begin()?;
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            let read = from.read(&mut buffer).map_err(cause)?;
            if read == 0 {
                break;
            }
            to.write_all(&buffer[..read]).map_err(cause)?;
        }
        self.finish(to)
    }
}

impl Appender {
    /// Makes what was written so far durable.
    pub fn settle(&mut self) -> Result<()> {
        let file = match &mut self.out {
            MaybeSealed::Open(out) => {
                out.flush()?;
                out.get_ref()
            }
            MaybeSealed::Sealed(out) => {
                out.settle().map_err(cause)?;
                out.inner().get_ref()
            }
        };
        Ok(file.sync_data()?)
    }
}

impl Write for Appender {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
