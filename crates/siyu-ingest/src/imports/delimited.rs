//! CSV in the encodings and with the separators that shops really export. Text
//! is decoded strictly, cell by cell: a phone number is never guessed.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use siyu_types::{Error, Result};

use super::mapping::COLUMNS_MAX;
use super::rows::{ColumnInfo, Format, Opened, RowShape, Rows, unsupported};
use super::values::Cell;

/// What is looked at to recognise encoding and separator.
const HEAD_BYTES: u64 = 1 << 20;
const SNIFF_ROWS: usize = 50;
const DELIMITERS: &[u8] = b",\t;|";
const BUFFER_BYTES: usize = 1 << 18;

pub fn head(path: &Path) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

pub struct Delimited {
    reader: csv::Reader<Box<dyn Read + Send>>,
    record: ByteRecord,
    encoding: &'static Encoding,
    width: usize,
    file_bytes: u64,
}

impl Delimited {
    pub fn open(path: &Path, head: &[u8]) -> Result<Opened> {
        let (encoding, mark) = encoding_of(head);
        let wide = encoding == UTF_16LE || encoding == UTF_16BE;
        let sample =
            if wide { encoding.decode(head).0.into_owned().into_bytes() } else { head[mark..].to_vec() };
        let single_byte = encoding == UTF_8 || wide;
        let delimiter = delimiter_of(&sample, head.len() as u64 == HEAD_BYTES, single_byte);
        let mut file = File::open(path)?;
        let file_bytes = file.metadata()?.len();
        file.seek(SeekFrom::Start(mark as u64))?;
        let source: Box<dyn Read + Send> = match wide {
            true => Box::new(Transcoded::new(file, encoding)),
            false => Box::new(file),
        };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(source);
        let encoding_of_cells = if wide { UTF_8 } else { encoding };
        let mut rows = Delimited {
            reader,
            record: ByteRecord::new(),
            encoding: encoding_of_cells,
            width: 0,
            file_bytes,
        };
        let titles = rows.titles()?;
        rows.width = titles.len();
        Ok(Opened {
            format: Format::Csv,
            encoding: Some(encoding.name().to_owned()),
            delimiter: Some(char::from(delimiter)),
            columns: titles.into_iter().map(|title| ColumnInfo { title, cell_type: None }).collect(),
            rows: None,
            reader: Box::new(rows),
        })
    }

    /// The first row; titles are made unique and never empty.
    fn titles(&mut self) -> Result<Vec<String>> {
        if !self.read()? {
            return Err(unsupported("the file has no rows", "empty"));
        }
        if self.record.len() > COLUMNS_MAX {
            return Err(unsupported("the file has too many columns", "columns"));
        }
        let mut titles: Vec<String> = Vec::new();
        for (index, cell) in self.record.iter().enumerate() {
            let Some(text) = decoded(self.encoding, cell) else {
                return Err(unsupported("the titles cannot be decoded", "encoding"));
            };
            let text = text.trim();
            let base = if text.is_empty() { format!("column {}", index + 1) } else { text.to_owned() };
            let mut title = base.clone();
            let mut copy = 2;
            while titles.contains(&title) {
                title = format!("{base} ({copy})");
                copy += 1;
            }
            titles.push(title);
        }
        Ok(titles)
    }

    fn read(&mut self) -> Result<bool> {
        self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::from(error),
            other => unsupported(&format!("the file is not CSV: {other:?}"), "csv"),
        })
    }
}

impl Rows for Delimited {
    fn next_row(&mut self, cells: &mut Vec<Cell>) -> Result<Option<RowShape>> {
        cells.clear();
        loop {
            if !self.read()? {
                return Ok(None);
            }
            // A line of nothing but separators, as spreadsheets leave them at the end.
            if !self.record.iter().all(<[u8]>::is_empty) {
                break;
            }
        }
        if self.record.len() != self.width {
            return Ok(Some(RowShape::WrongWidth));
        }
        cells.extend(self.record.iter().map(|bytes| match bytes {
            [] => Cell::Missing,
            bytes => decoded(self.encoding, bytes).map_or(Cell::Undecodable, Cell::Text),
        }));
        Ok(Some(RowShape::Whole))
    }

    fn bytes_read(&self) -> u64 {
        self.reader.position().byte().min(self.file_bytes)
    }
}

fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// The encoding and the length of its mark.
fn encoding_of(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        // The transcoder of wide text eats the mark itself.
        return (encoding, if encoding == UTF_8 { mark } else { 0 });
    }
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character cut by the end of what was read is no error.
        Err(error) => error.error_len().is_none() && head.len() as u64 == HEAD_BYTES,
    };
    if valid {
        return (UTF_8, 0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, (head.len() as u64) < HEAD_BYTES);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    // GB18030 holds all of GBK.
    (if guess == GBK { GB18030 } else { guess }, 0)
}

/// The separator with which the first rows have the same number of cells, most of
/// them. In GB18030 a `|` may be half of a character.
fn delimiter_of(sample: &[u8], cut: bool, single_byte: bool) -> u8 {
    let mut best = (b',', 1);
    for &delimiter in DELIMITERS {
        if delimiter == b'|' && !single_byte {
            continue;
        }
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(sample);
        let mut widths: Vec<usize> =
            reader.byte_records().take(SNIFF_ROWS).filter_map(|row| Some(row.ok()?.len())).collect();
        if cut && widths.len() < SNIFF_ROWS {
            // The last row may be half.
            widths.pop();
        }
        let Some(&first) = widths.first() else { continue };
        if widths.iter().filter(|width| **width == first).count() * 10 >= widths.len() * 9 && first > best.1 {
            best = (delimiter, first);
        }
    }
    best.0
}

/// Wide text as UTF-8, so that the CSV reader can find separators.
struct Transcoded {
    file: BufReader<File>,
    decoder: encoding_rs::Decoder,
    out: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl Transcoded {
    fn new(file: File, encoding: &'static Encoding) -> Transcoded {
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        Transcoded { file, decoder: encoding.new_decoder(), out: Vec::new(), taken: 0, ended: false }
    }
}

impl Read for Transcoded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.taken == self.out.len() && !self.ended {
            let mut input = vec![0; BUFFER_BYTES];
            let read = self.file.read(&mut input)?;
            self.ended = read == 0;
            let room = self.decoder.max_utf8_buffer_length(read).unwrap_or(4 * BUFFER_BYTES);
            self.out.resize(room, 0);
            // Broken wide text becomes U+FFFD, which no phone number or id passes with.
            let (_, _, written, _) = self.decoder.decode_to_utf8(&input[..read], &mut self.out, self.ended);
            self.out.truncate(written);
            self.taken = 0;
        }
        let length = buffer.len().min(self.out.len() - self.taken);
        buffer[..length].copy_from_slice(&self.out[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(bytes: &[u8]) -> (Opened, Vec<Vec<Cell>>) {
        let mut file = tempfile::NamedTempFile::new().expect("temporary file");
        file.write_all(bytes).expect("written");
        let mut opened = super::super::rows::open(file.path()).expect("readable");
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        while let Some(shape) = opened.reader.next_row(&mut cells).expect("readable") {
            rows.push(if shape == RowShape::Whole { cells.clone() } else { Vec::new() });
        }
        (opened, rows)
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn encodings_and_separators_are_recognised() {
        let table = "手机号,姓名,城市,备注\n13800000000,张三,上海市,\"两行\n备注,有逗号\"\n13900000000,李四,北京市,\n";
        let gb = GB18030.encode(table).0.into_owned();
        let mut utf16 = vec![0xFF, 0xFE];
        utf16.extend(table.encode_utf16().flat_map(u16::to_le_bytes));
        let tabs = "手机号\t姓名\t城市\t备注\n13800000000\t张三\t上海市\t\"两行\n备注,有逗号\"\n13900000000\t李四\t北京市\t\n";
        let cases = [
            (table.as_bytes().to_vec(), "UTF-8", ','),
            ([b"\xef\xbb\xbf", table.as_bytes()].concat(), "UTF-8", ','),
            (gb, "gb18030", ','),
            (utf16, "UTF-16LE", ','),
            (tabs.as_bytes().to_vec(), "UTF-8", '\t'),
            (table.replace(',', ";").into_bytes(), "UTF-8", ';'),
        ];
        for (bytes, encoding, delimiter) in cases {
            let (opened, rows) = all(&bytes);
            let titles: Vec<_> = opened.columns.iter().map(|column| column.title.as_str()).collect();
            assert_eq!(titles, ["手机号", "姓名", "城市", "备注"], "{encoding} {delimiter:?}");
            assert_eq!((opened.encoding.as_deref(), opened.delimiter), (Some(encoding), Some(delimiter)));
            assert_eq!(rows.len(), 2);
            assert_eq!(rows[0][..3], [text("13800000000"), text("张三"), text("上海市")]);
            assert!(rows[0][3].text().is_some_and(|note| note.contains('\n')));
            assert_eq!(rows[1][3], Cell::Missing);
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_said_and_not_guessed() {
        let mut bytes = "phone,name\n13800000000,".as_bytes().to_vec();
        bytes.extend_from_slice("张三\n".as_bytes());
        // The head is valid; a later row holds a byte that no UTF-8 text has.
        bytes.extend(std::iter::repeat_n(b"1,x\n".as_slice(), 300_000).flatten());
        bytes.extend_from_slice(b"138,\xff\xfe\n");
        let (opened, rows) = all(&bytes);
        assert_eq!(opened.encoding.as_deref(), Some("UTF-8"));
        assert_eq!(rows.last().expect("rows")[1], Cell::Undecodable);
    }

    #[test]
    fn odd_tables() {
        let (opened, rows) = all(b"a,a,,b\n1,2,3,4\n1,2,3\n,,,\n5,6,7,8\n");
        let titles: Vec<_> = opened.columns.iter().map(|column| column.title.as_str()).collect();
        assert_eq!(titles, ["a", "a (2)", "column 3", "b"]);
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [4, 0, 4]);
        for bad in [b"PK\x03\x04....".as_slice(), b"", b"\x1f\x8b\x08"] {
            let mut file = tempfile::NamedTempFile::new().expect("temporary file");
            file.write_all(bad).expect("written");
            let error = super::super::rows::open(file.path()).err().expect("refused");
            assert_eq!(error.code, siyu_types::ErrorCode::UnsupportedFile);
        }
    }
}
