//! CSV in the encodings and with the separators that shops really export. Text is
//! decoded strictly, cell by cell: a phone number is never guessed. A row takes no
//! more than a named amount of memory, whatever the file holds.

use std::io::{BufRead, BufReader, Seek, SeekFrom};

use csv_core::ReadRecordResult;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use siyu_govern::sealing::StoredFile;
use siyu_types::{Error, Result};

use super::super::cell::{Cell, bare};
use super::super::faults::{RowCode, RowFault};
use super::super::mapping::COLUMNS_MAX;
use super::super::rows::{
    Choice, ColumnInfo, HEADER_ROWS, Opened, RowShape, Rows, header_index, titles, unsupported,
};
use super::quotes;
use super::sniff::{decoded, delimiter_of, encoding_of};
use super::wide::Transcoded;
use super::{FileKind, HEAD_BYTES, Reading};

pub const KIND: FileKind = FileKind { name: "csv", recognises: |_| true, open: Delimited::open };

const BUFFER_BYTES: usize = 1 << 18;
/// Longest row, without its separators.
const ROW_BYTES_MAX: usize = 1 << 20;
/// Cells of one row that are looked at; those beyond make it too long.
const CELLS_MAX: usize = 2 * COLUMNS_MAX;
/// Too long rows of one file. A quotation mark that is never closed makes one, and
/// finding the next line again costs reading twice.
const LONG_ROWS_MAX: u32 = 1_000;

enum Source {
    /// Bytes as they are: it can be entered anywhere.
    Plain(BufReader<Reading>),
    Wide(Box<BufReader<Transcoded>>),
}

impl Source {
    fn fill(&mut self) -> std::io::Result<&[u8]> {
        match self {
            Source::Plain(file) => file.fill_buf(),
            Source::Wide(file) => file.fill_buf(),
        }
    }

    fn consume(&mut self, bytes: usize) {
        match self {
            Source::Plain(file) => file.consume(bytes),
            Source::Wide(file) => file.consume(bytes),
        }
    }
}

/// What came of reading one row.
#[derive(PartialEq, Eq)]
enum Got {
    Row,
    TooLong,
    End,
}

struct Delimited {
    source: Source,
    parser: csv_core::Reader,
    /// The cells of the row one after the other, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
    width: usize,
    count: usize,
    encoding: &'static Encoding,
    file_bytes: u64,
    /// Where the next row begins.
    offset: u64,
    /// Rows read, the first of the file being 1.
    row: u64,
    header_row: u64,
    long_rows: u32,
}

impl Delimited {
    fn open(path: &StoredFile, head: &[u8], choice: &Choice) -> Result<Opened> {
        let (encoding, mark) = encoding_of(head);
        let wide = encoding == UTF_16LE || encoding == UTF_16BE;
        let sample =
            if wide { encoding.decode(head).0.into_owned().into_bytes() } else { head[mark..].to_vec() };
        let single_byte = encoding == UTF_8 || wide;
        let delimiter = delimiter_of(&sample, head.len() as u64 == HEAD_BYTES, single_byte);
        let mut file = path.open()?;
        let file_bytes = path.length()?;
        file.seek(SeekFrom::Start(mark as u64))?;
        let source = match wide {
            true => Source::Wide(Box::new(BufReader::new(Transcoded::new(file, encoding)))),
            false => Source::Plain(BufReader::with_capacity(BUFFER_BYTES, file)),
        };
        let mut rows = Delimited {
            source,
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            cells: vec![0; 4096],
            ends: vec![0; 64],
            width: 0,
            count: 0,
            encoding: if wide { UTF_8 } else { encoding },
            file_bytes,
            offset: if wide { 0 } else { mark as u64 },
            row: 0,
            header_row: 0,
            long_rows: 0,
        };
        let titles = rows.titles(choice)?;
        rows.width = titles.len();
        Ok(Opened {
            encoding: Some(encoding.name().to_owned()),
            delimiter: Some(char::from(delimiter)),
            sheets: Vec::new(),
            sheet: None,
            header_row: rows.header_row as u32,
            columns: titles.into_iter().map(|title| ColumnInfo { title, cell_type: None }).collect(),
            rows: None,
            reader: Box::new(rows),
        })
    }

    /// Reads up to and with the title row.
    fn titles(&mut self, choice: &Choice) -> Result<Vec<String>> {
        let (mut first, mut offsets) = (Vec::new(), Vec::new());
        while first.len() < HEADER_ROWS {
            let got = self.read()?;
            if got == Got::End {
                break;
            }
            let cells = (0..self.count).map(|index| decoded(self.encoding, self.bytes(index)));
            let texts: Option<Vec<String>> = cells.collect();
            first.push(texts.filter(|_| got == Got::Row));
            offsets.push(self.offset);
        }
        let shown = |row: &Option<Vec<String>>| -> Vec<Option<String>> {
            let cells = row.iter().flatten().map(|text| text.trim().to_owned());
            cells.map(|text| (!text.is_empty()).then_some(text)).collect()
        };
        let rows: Vec<_> = first.iter().map(shown).collect();
        if rows.is_empty() {
            return Err(unsupported("the file has no rows", "empty"));
        }
        let index = header_index(&rows, choice)?;
        if first[index].is_none() {
            return Err(unsupported("the titles cannot be decoded", "encoding"));
        }
        let titles = titles(&rows[index], 0)?;
        self.go_back(index, offsets[index])?;
        Ok(titles)
    }

    /// Stands behind the title row again, after the rows below it were looked at.
    fn go_back(&mut self, index: usize, offset: u64) -> Result<()> {
        self.header_row = index as u64 + 1;
        (self.row, self.long_rows) = (self.header_row, 0);
        self.parser.reset();
        match &mut self.source {
            Source::Plain(file) => {
                file.seek(SeekFrom::Start(offset))?;
                self.offset = offset;
            }
            Source::Wide(file) => {
                file.seek(SeekFrom::Start(0))?;
                self.offset = 0;
                for _ in 0..=index {
                    self.read()?;
                }
                (self.row, self.long_rows) = (self.header_row, 0);
            }
        }
        Ok(())
    }

    fn bytes(&self, index: usize) -> &[u8] {
        let from = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.cells[from..self.ends[index]]
    }

    /// The next row into `cells` and `ends`.
    fn read(&mut self) -> Result<Got> {
        let (began, mut bytes, mut count, mut long) = (self.offset, 0, 0, false);
        loop {
            let input = self.source.fill()?;
            let at_end = input.is_empty();
            let (result, taken, written, ended) =
                self.parser.read_record(input, &mut self.cells[bytes..], &mut self.ends[count..]);
            self.source.consume(taken);
            self.offset += taken as u64;
            bytes += written;
            count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.cells.len() < ROW_BYTES_MAX => {
                    self.cells.resize(self.cells.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < CELLS_MAX => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    if let Source::Plain(_) = self.source {
                        self.next_line(began)?;
                        long = true;
                        break;
                    }
                    // What follows overwrites what nobody will read.
                    (bytes, count, long) = (0, 0, true);
                }
                ReadRecordResult::Record => {
                    if at_end && self.unclosed(began)? {
                        self.next_line(began)?;
                        long = true;
                    }
                    break;
                }
                ReadRecordResult::End => return Ok(Got::End),
            }
        }
        self.row += 1;
        self.count = if long { 0 } else { count };
        if !long {
            return Ok(Got::Row);
        }
        self.long_rows += 1;
        if self.long_rows > LONG_ROWS_MAX {
            return Err(unsupported(
                "too many rows are too long; a quotation mark may be missing",
                "long_rows",
            )
            .with("limit", LONG_ROWS_MAX.to_string()));
        }
        Ok(Got::TooLong)
    }

    /// Goes to the line behind the one that begins at `began`, so that a quotation mark that is
    /// never closed does not swallow the rest.
    fn next_line(&mut self, began: u64) -> Result<()> {
        if let Source::Plain(file) = &mut self.source {
            self.offset = quotes::next_line(file, began)?;
        }
        self.parser.reset();
        Ok(())
    }

    /// Whether a row that ran to the end of the file did so for want of a quotation mark.
    fn unclosed(&mut self, began: u64) -> Result<bool> {
        match &mut self.source {
            Source::Plain(file) => quotes::unclosed(file, began),
            Source::Wide(_) => Ok(false),
        }
    }
}

impl Rows for Delimited {
    fn next_row(&mut self, cells: &mut Vec<Cell>) -> Result<Option<RowShape>> {
        cells.clear();
        loop {
            match self.read()? {
                Got::End => return Ok(None),
                Got::TooLong => return Ok(Some(RowShape::Broken(RowFault::new(RowCode::TooLarge, None)))),
                // A line of nothing but separators, as spreadsheets leave them at the end.
                Got::Row if (0..self.count).all(|index| self.bytes(index).is_empty()) => {}
                Got::Row => break,
            }
        }
        cells.extend((0..self.count).map(|index| match self.bytes(index) {
            [] => Cell::Missing,
            bytes => {
                decoded(self.encoding, bytes).map_or(Cell::Undecodable, |text| Cell::of_text(bare(text)))
            }
        }));
        let whole = self.count == self.width;
        Ok(Some(if whole {
            RowShape::Whole
        } else {
            RowShape::Broken(RowFault::new(RowCode::WrongWidth, None))
        }))
    }

    fn row_number(&self) -> u64 {
        self.row - self.header_row
    }

    fn bytes_read(&self) -> u64 {
        match &self.source {
            Source::Plain(_) => self.offset.min(self.file_bytes),
            Source::Wide(file) => file.get_ref().bytes_read(),
        }
    }

    fn offset(&self) -> Option<u64> {
        matches!(self.source, Source::Plain(_)).then_some(self.offset)
    }

    fn enter(&mut self, row: u64, offset: u64) -> Result<()> {
        let Source::Plain(file) = &mut self.source else {
            return Err(Error::internal("wide text cannot be entered in the middle"));
        };
        file.seek(SeekFrom::Start(offset))?;
        self.parser.reset();
        (self.offset, self.row) = (offset, self.header_row + row);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::GB18030;
    use std::io::Write;

    fn all(bytes: &[u8]) -> (Opened, Vec<Vec<Cell>>) {
        let mut file = tempfile::NamedTempFile::new().expect("temporary file");
        file.write_all(bytes).expect("written");
        let mut opened = super::super::open(&StoredFile::plain(file.path()), &Choice::default())
            .map(|(_, opened)| opened)
            .expect("readable");
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
        for bad in [b"PK\x03\x04....".as_slice(), b"", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1.."]
        {
            let mut file = tempfile::NamedTempFile::new().expect("temporary file");
            file.write_all(bad).expect("written");
            let error = super::super::open(&StoredFile::plain(file.path()), &Choice::default())
                .map(|(_, opened)| opened)
                .err()
                .expect("refused");
            assert_eq!(error.code, siyu_types::ErrorCode::UnsupportedFile);
        }
    }
}
