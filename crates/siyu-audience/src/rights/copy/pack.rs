//! The file of a copy while it is written: one ZIP, entry after entry, so that memory does
//! not grow with what a person did.

use std::io::{BufWriter, Read, Write};

use serde_json::Value as Json;
use siyu_govern::rights::{Content, CopyFile};
use siyu_govern::sealing::{Appender, StoredFile};
use siyu_types::sealed::cause;
use siyu_types::{Error, Result};
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

pub(super) struct Pack {
    zip: ZipWriter<StreamWriter<BufWriter<Appender>>>,
    target: StoredFile,
    /// The code of the export, which stands in every item.
    mark: String,
    contents: Vec<Content>,
    /// The entry that is open, and how much it holds.
    open: Option<(String, u64)>,
}

/// An item that says which export it is from, as every row of a table does.
#[derive(serde::Serialize)]
struct Marked<'a> {
    #[serde(flatten)]
    item: &'a serde_json::Map<String, Json>,
    siyu_export: &'a str,
}

impl Pack {
    /// Begins anew, whatever an earlier run left.
    pub fn begin(target: &StoredFile, mark: &str) -> Result<Pack> {
        if let Some(folder) = target.path().parent() {
            std::fs::create_dir_all(folder)?;
        }
        // As a stream: what was sealed is not gone back to.
        let zip = ZipWriter::new_stream(BufWriter::new(target.begin()?));
        let (mark, target) = (mark.to_owned(), target.clone());
        Ok(Pack { zip, target, mark, contents: Vec::new(), open: None })
    }

    fn entry(&mut self, name: &str) -> Result<()> {
        // Sizes are not known before; a person with very much needs the large form.
        let options = SimpleFileOptions::default().large_file(true);
        self.zip.start_file(name, options).map_err(Error::internal)
    }

    /// A list that is added to piece by piece.
    pub fn begin_list(&mut self, area: &str) -> Result<()> {
        self.entry(&format!("{area}.json"))?;
        self.zip.write_all(b"[")?;
        self.open = Some((area.to_owned(), 0));
        Ok(())
    }

    pub fn item(&mut self, item: &Json) -> Result<()> {
        let Some((_, count)) = &mut self.open else {
            return Err(Error::internal("an item of a copy outside of a list"));
        };
        let between: &[u8] = if *count == 0 { b"\n" } else { b",\n" };
        *count += 1;
        self.zip.write_all(between)?;
        match item {
            Json::Object(item) if !self.mark.is_empty() => {
                let item = Marked { item, siyu_export: &self.mark };
                serde_json::to_writer(&mut self.zip, &item).map_err(Error::internal)
            }
            other => serde_json::to_writer(&mut self.zip, other).map_err(Error::internal),
        }
    }

    pub fn end_list(&mut self, cut: bool) -> Result<()> {
        self.zip.write_all(b"\n]\n")?;
        if let Some((area, count)) = self.open.take() {
            self.contents.push(Content { area, count, cut });
        }
        Ok(())
    }

    /// A file that is no list: the report, and what the copy consists of.
    pub fn text(&mut self, name: &str, text: &str) -> Result<()> {
        self.entry(name)?;
        self.zip.write_all(text.as_bytes())?;
        Ok(())
    }

    pub fn contents(&self) -> &[Content] {
        &self.contents
    }

    /// Makes the file durable and puts it into its place.
    pub fn finish(self) -> Result<CopyFile> {
        let file = self.zip.finish().map_err(Error::internal)?.into_inner();
        let file = file.into_inner().map_err(|error| cause(error.into_error()))?;
        self.target.finish(file)?;
        let (bytes, sha256) = fingerprint(&self.target)?;
        Ok(CopyFile { bytes, sha256, contents: self.contents })
    }
}

/// Of the file as it is handed over.
fn fingerprint(file: &StoredFile) -> Result<(u64, String)> {
    use sha2::{Digest, Sha256};
    let mut file = file.open()?;
    let mut hash = Sha256::new();
    let (mut buffer, mut bytes) = (vec![0; 64 << 10], 0);
    loop {
        let read = file.read(&mut buffer).map_err(cause)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok((bytes, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}
