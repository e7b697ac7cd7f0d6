//! Every kind of file through one table, and hostile files: nothing panics, nothing
//! takes more memory than its limits, nothing is guessed.

use std::io::{Read, Write};
use std::path::Path;

use calamine::DataRef;
use jiff::civil::date;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use siyu_govern::sealing::StoredFile;
use siyu_types::ErrorCode;

use super::super::cell::Cell;
use super::super::faults::RowCode;
use super::super::rows::{Choice, Opened, RowShape};
use super::{FileKind, KINDS, sheet};

fn open(path: &Path, choice: &Choice) -> siyu_types::Result<(&'static FileKind, Opened)> {
    super::open(&StoredFile::plain(path), choice)
}

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("temporary file");
    file.write_all(bytes).expect("written");
    file
}

/// All rows: cells, or the code of what is wrong.
fn all(opened: &mut Opened) -> Vec<(u64, Result<Vec<Cell>, RowCode>)> {
    let (mut rows, mut cells) = (Vec::new(), Vec::new());
    while let Some(shape) = opened.reader.next_row(&mut cells).expect("readable") {
        let row = match shape {
            RowShape::Whole => Ok(cells.clone()),
            RowShape::Broken(fault) => Err(fault.code),
        };
        rows.push((opened.reader.row_number(), row));
    }
    rows
}

fn titles(opened: &Opened) -> Vec<&str> {
    opened.columns.iter().map(|column| column.title.as_str()).collect()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn refused(path: &Path) -> siyu_types::Error {
    match open(path, &Choice::default()) {
        Err(error) => error,
        Ok((_, mut opened)) => loop {
            match opened.reader.next_row(&mut Vec::new()) {
                Err(error) => return error,
                Ok(None) => panic!("the file was read to its end"),
                Ok(Some(_)) => {}
            }
        },
    }
}

/// A sales report as a till exports it: a merged title, a date range, then a table with
/// a total below; the first sheet is a cover.
fn workbook() -> tempfile::NamedTempFile {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("封面").expect("a name");
    let time = Format::new().set_num_format("yyyy/m/d h:mm");
    let money = Format::new().set_num_format("¥#,##0.00");
    let sheet = book.add_worksheet().set_name("明细").expect("a name");
    sheet.merge_range(0, 0, 0, 4, "单店销售明细", &Format::new()).expect("merged");
    sheet.write(1, 0, "2026-01-01 至 2026-01-31").expect("written");
    for (column, title) in ["单号", "手机号", "金额", "时间", "会员"].iter().enumerate() {
        sheet.write(3, column as u16, *title).expect("written");
    }
    let at = ExcelDateTime::from_ymd(2026, 1, 2).and_then(|day| day.and_hms(3, 4, 5)).expect("a time");
    sheet.write(4, 0, "0001").expect("written");
    sheet.write(4, 1, 13_800_000_000.0).expect("written");
    sheet.write_with_format(4, 2, 1234.5, &money).expect("written");
    sheet.write_with_format(4, 3, &at, &time).expect("written");
    sheet.write(4, 4, true).expect("written");
    // A row left empty, then an id that the spreadsheet rounded.
    sheet.write(6, 0, 123_457_000_000_000_000.0).expect("written");
    sheet.write(6, 1, " 13800000001").expect("written");
    sheet.write(6, 2, "12.5%").expect("written");
    let mut second = Workbook::new();
    std::mem::swap(&mut second, &mut book);
    let other = second.add_worksheet().set_name("其他").expect("a name");
    other.write(0, 0, "sku").expect("written");
    other.write(1, 0, "A1").expect("written");
    written(&second.save_to_buffer().expect("saved"))
}

#[test]
fn a_workbook_is_read_as_a_person_sees_it() {
    let file = workbook();
    let (kind, mut opened) = open(file.path(), &Choice::default()).expect("readable");
    assert_eq!((kind.name, opened.sheet.as_deref(), opened.header_row), ("xlsx", Some("明细"), 4));
    assert_eq!(opened.sheets, ["封面", "明细", "其他"]);
    assert_eq!(titles(&opened), ["单号", "手机号", "金额", "时间", "会员"]);
    let rows = all(&mut opened);
    let at = date(2026, 1, 2).at(3, 4, 5, 0);
    assert_eq!(
        rows[0],
        (
            1,
            Ok(vec![
                text("0001"),
                Cell::Int(13_800_000_000),
                Cell::Number(1234.5),
                Cell::Local(at),
                Cell::Bool(true)
            ])
        )
    );
    let rounded = Cell::Rounded(123_457_000_000_000_000.0);
    let second = vec![rounded, text(" 13800000001"), text("12.5%"), Cell::Missing, Cell::Missing];
    assert_eq!(rows[1..], [(3, Ok(second))], "row numbers count the empty row");

    let choice = Choice { sheet: Some("其他".into()), header_row: None };
    let (_, mut other) = open(file.path(), &choice).expect("readable");
    assert_eq!(titles(&other), ["sku"]);
    assert_eq!(all(&mut other).len(), 1);
    let choice = Choice { sheet: Some("没有".into()), header_row: None };
    assert_eq!(open(file.path(), &choice).err().expect("refused").field.as_deref(), Some("sheet"));
    let choice = Choice { sheet: Some("明细".into()), header_row: Some(5) };
    let (_, opened) = open(file.path(), &choice).expect("readable");
    assert_eq!(titles(&opened)[..2], ["0001", "13800000000"]);
}

#[test]
fn cells_of_a_spreadsheet() {
    use calamine::{CellErrorType, ExcelDateTime, ExcelDateTimeType};
    let time =
        |serial, epoch| DataRef::DateTime(ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, epoch));
    let cases = [
        (DataRef::Float(999_999_999_999_999.0), Cell::Int(999_999_999_999_999)),
        (DataRef::Float(1_234_567_890_123_450.0), Cell::Rounded(1_234_567_890_123_450.0)),
        (DataRef::Float(0.1 + 0.2), Cell::Number(0.1 + 0.2)),
        (DataRef::SharedString("a\0b"), Cell::Undecodable),
        (DataRef::String(String::new()), Cell::Missing),
        (DataRef::String("x".repeat(200_000)), Cell::TooLong),
        (DataRef::Error(CellErrorType::NA), Cell::FormulaError),
        (time(46_024.0, false), Cell::Local(date(2026, 1, 2).at(0, 0, 0, 0))),
        (time(44_562.0, true), Cell::Local(date(2026, 1, 2).at(0, 0, 0, 0))),
        (time(46_024.999_999_999, false), Cell::Local(date(2026, 1, 3).at(0, 0, 0, 0))),
        (time(0.5, false), text("12:00:00")),
    ];
    for (data, expected) in cases {
        assert_eq!(sheet::cell(data.clone()), expected, "{data:?}");
    }
}

#[test]
fn json_lines_are_opened_into_columns() {
    let lines = concat!(
        "\u{FEFF}{\"id\":12345678901234567890,\"at\":\"2026-01-02T03:04:05Z\",\"p\":{\"a\":1,\"b\":{\"c\":true}}}\n",
        "\n",
        "{\"id\":9007199254740993,\"tags\":[\"x\",1],\"p\":{\"a\":1.5}}\r\n",
        "not json\n",
        "{\"id\":1.23457E+17,\"at\":null}\n",
        "{\"id\":\"\\ud83d\"}\n",
        "[1]\n",
        "{\"id\":\"a\\u0000b\"}",
    );
    let file = written(lines.as_bytes());
    let (kind, mut opened) = open(file.path(), &Choice::default()).expect("readable");
    assert_eq!(kind.name, "jsonl");
    assert_eq!(titles(&opened), ["at", "id", "p.a", "p.b.c", "tags"]);
    let missing = Cell::Missing;
    let row = |id: Cell| Ok(vec![missing.clone(), id, missing.clone(), missing.clone(), missing.clone()]);
    let rows = all(&mut opened);
    assert_eq!(
        rows,
        [
            (
                1,
                Ok(vec![
                    text("2026-01-02T03:04:05Z"),
                    text("12345678901234567890"),
                    Cell::Int(1),
                    Cell::Bool(true),
                    missing.clone()
                ])
            ),
            (
                3,
                Ok(vec![
                    missing.clone(),
                    Cell::Int(9_007_199_254_740_993),
                    Cell::Number(1.5),
                    missing.clone(),
                    text("[\"x\",1]")
                ])
            ),
            (4, Err(RowCode::BadJson)),
            (5, row(Cell::Rounded(1.23457e17))),
            (6, Err(RowCode::BadJson)),
            (7, Err(RowCode::BadJson)),
            (8, row(Cell::Undecodable)),
        ]
    );
}

#[test]
fn a_member_that_appears_late_refuses_its_row() {
    let mut lines = String::from("{\"a\":1}\n");
    let filler = format!("{{\"a\":\"{}\"}}\n", "x".repeat(60_000));
    (0..600).for_each(|_| lines.push_str(&filler));
    lines.push_str("{\"a\":1,\"late\":2}\n");
    let file = written(lines.as_bytes());
    let (_, mut opened) = open(file.path(), &Choice::default()).expect("readable");
    assert_eq!(titles(&opened), ["a"]);
    assert_eq!(all(&mut opened).last(), Some(&(602, Err(RowCode::UnknownColumn))));
}

#[test]
fn rows_that_never_end_cost_one_row() {
    let mut bytes = b"a,b\n1,2\n".to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 5 << 20));
    bytes.extend_from_slice(b",y\n3,\"never closed\n");
    (0..400_000).for_each(|_| bytes.extend_from_slice(b"5,6\n"));
    bytes.extend_from_slice(b"9,10\n");
    let file = written(&bytes);
    let (_, mut opened) = open(file.path(), &Choice::default()).expect("readable");
    let rows = all(&mut opened);
    assert_eq!(rows[0], (1, Ok(vec![text("1"), text("2")])));
    assert_eq!(rows[1], (2, Err(RowCode::TooLarge)));
    assert_eq!(rows[2], (3, Err(RowCode::TooLarge)), "only the line with the quotation mark");
    assert_eq!(rows.last().expect("rows"), &(400_004, Ok(vec![text("9"), text("10")])));
}

#[test]
fn what_programs_put_around_cells_is_taken_off() {
    let table = "单号,手机,备注\n=\"00123\",'13800000000,'=1+1\n`9,\t8,'tis\n";
    let file = written(table.as_bytes());
    let (_, mut opened) = open(file.path(), &Choice::default()).expect("readable");
    let rows = all(&mut opened);
    assert_eq!(rows[0].1, Ok(vec![text("00123"), text("13800000000"), text("=1+1")]));
    assert_eq!(rows[1].1, Ok(vec![text("9"), text("8"), text("'tis")]));
}

/// UTF-16 without a mark, NUL bytes within UTF-8, and titles below a report's name.
#[test]
fn odd_text() {
    let table = "报表名称,,\n\nid,name,city\n1,张三,上海\n";
    let wide: Vec<u8> = table.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [table.as_bytes().to_vec(), wide] {
        let file = written(&bytes);
        let (_, mut opened) = open(file.path(), &Choice::default()).expect("readable");
        assert_eq!(titles(&opened), ["id", "name", "city"]);
        assert_eq!(all(&mut opened), [(1, Ok(vec![text("1"), text("张三"), text("上海")]))]);
    }
    let file = written(b"id,name\n1,a\0b\n2,c\n");
    let (_, mut opened) = open(file.path(), &Choice::default()).expect("readable");
    assert_eq!(all(&mut opened)[0].1, Ok(vec![text("1"), Cell::Undecodable]));
}

#[test]
fn files_are_entered_in_the_middle_where_they_can_be() {
    let table = "x,y,z\na,b,c\n1,2,3\n\"4\n4\",5,6\n7,8,9\n";
    let lines = "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n";
    for bytes in [table, lines] {
        let file = written(bytes.as_bytes());
        let (_, mut opened) = open(file.path(), &Choice::default()).expect("readable");
        let whole = all(&mut opened);
        for stop in 0..whole.len() {
            let (_, mut first) = open(file.path(), &Choice::default()).expect("readable");
            (0..=stop).for_each(|_| {
                first.reader.next_row(&mut Vec::new()).expect("readable");
            });
            let (row, offset) = (first.reader.row_number(), first.reader.offset().expect("can be entered"));
            let (_, mut second) = open(file.path(), &Choice::default()).expect("readable");
            second.reader.enter(row, offset).expect("entered");
            assert_eq!(all(&mut second), whole[stop + 1..]);
        }
    }
}

/// A workbook of a few kilobytes whose shared texts, or one of its cells, would fill memory.
#[test]
fn bombs_are_refused() {
    let bomb = |name: &str, unit: &str, times: usize| {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        let block = unit.repeat((1 << 20) / unit.len());
        for _ in 0..times {
            archive.write_all(block.as_bytes()).expect("written");
        }
        archive.finish().expect("finished").into_inner()
    };
    for (name, unit, times) in
        [("xl/sharedStrings.xml", "<si><t>x</t></si>", 520), ("xl/worksheets/sheet1.xml", "aaaaaaaa", 3)]
    {
        let bytes = bomb(name, unit, times);
        assert!(bytes.len() < 4 << 20, "{name} has {} bytes", bytes.len());
        let error = refused(written(&bytes).path());
        assert_eq!(error.code, ErrorCode::TooLarge, "{name}: {error}");
    }
    let plain = refused(written(&bomb("readme.txt", "x", 1)).path());
    assert_eq!(plain.code, ErrorCode::UnsupportedFile);
}

/// A workbook that says it has more shared texts than its bytes can hold; room for them would be
/// made before the first is read.
#[test]
fn claims_of_shared_texts_are_not_believed() {
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "text").expect("written");
    let book = book.save_to_buffer().expect("saved");
    let told = |claim: &str| {
        let mut from = zip::ZipArchive::new(std::io::Cursor::new(&book)).expect("a workbook");
        let mut to = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for index in 0..from.len() {
            let mut part = from.by_index(index).expect("a part");
            let mut xml = String::new();
            part.read_to_string(&mut xml).expect("text");
            let name = part.name().expect("a name").into_owned();
            to.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
            to.write_all(xml.replace("uniqueCount=\"1\"", claim).as_bytes()).expect("written");
        }
        written(&to.finish().expect("finished").into_inner())
    };
    for honest in ["uniqueCount=\"1\"", "uniqueCount='1'", "", "uniqueCount=\"2\""] {
        open(told(honest).path(), &Choice::default()).unwrap_or_else(|error| panic!("{honest}: {error}"));
    }
    for claim in ["uniqueCount=\"3816172782113783832\"", "uniqueCount='99999999999'", "uniqueCount=\"x\""] {
        assert_eq!(refused(told(claim).path()).code, ErrorCode::UnsupportedFile, "{claim}");
    }
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let mut names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), KINDS.len());
    assert_eq!(KINDS.last().map(|kind| kind.name), Some("csv"), "text takes what is left");
}

fn survives(bytes: &[u8]) {
    let file = written(bytes);
    let Ok((_, mut opened)) = open(file.path(), &Choice::default()) else { return };
    let mut cells = Vec::new();
    let mut rows = 0_u64;
    while let Ok(Some(shape)) = opened.reader.next_row(&mut cells) {
        rows += 1;
        assert!(shape != RowShape::Whole || cells.len() == opened.columns.len());
        assert!(rows <= 4 * bytes.len() as u64 + 4, "more rows than bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        survives(&bytes);
    }

    #[test]
    fn any_bytes_of_a_table_are_read_or_refused(bytes in "[,;\t\"'\n\r{}:\\[\\]a1\u{4e00}\u{feff}\\\\]{0,300}") {
        survives(bytes.as_bytes());
        survives(format!("{{\"a\":1}}\n{bytes}").as_bytes());
        survives(&bytes.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    }
}

/// Workbooks with flipped bytes and cut short: an error, or rows, never a panic that
/// leaves its thread, never without end.
#[test]
fn damaged_workbooks_are_refused_or_read() {
    let bytes = std::fs::read(workbook().path()).expect("read");
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..150 {
        let mut damaged = bytes.clone();
        for _ in 0..=round % 5 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (seed >> 33) as usize % damaged.len();
            damaged[at] ^= (seed >> 20) as u8 | 1;
        }
        if round % 3 == 0 {
            damaged.truncate(damaged.len() * (round + 1) / 151);
        }
        survives(&damaged);
        let mut old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        old.extend_from_slice(&damaged);
        survives(&old);
    }
}

/// What the fuzzer found or begins from is answered, whatever is in it.
#[test]
fn kept_files_are_read_or_refused() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/fuzz/files");
    let mut kept = 0;
    for entry in std::fs::read_dir(folder).expect("kept files") {
        let path = entry.expect("an entry").path();
        let answer = crate::imports::count_rows(&path);
        let refused = path.extension().is_some_and(|extension| extension == "parquet" || extension == "xls");
        assert_eq!(answer.is_err(), refused, "{}: {answer:?}", path.display());
        kept += 1;
    }
    assert!(kept >= 5, "{kept} files");
}

#[test]
fn a_mark_never_closed_near_the_end_costs_one_row() {
    let file = written(b"a,b\n1,2\n3,\"open\n5,6\n7,8\n");
    let (_, mut opened) = open(file.path(), &Choice::default()).expect("readable");
    let whole = |row, a, b| (row, Ok(vec![text(a), text(b)]));
    let rows = [whole(1, "1", "2"), (2, Err(RowCode::TooLarge)), whole(3, "5", "6"), whole(4, "7", "8")];
    assert_eq!(all(&mut opened), rows);
    let file = written(b"a,b\n1,\"two\nlines\"");
    let (_, mut opened) = open(file.path(), &Choice::default()).expect("readable");
    assert_eq!(all(&mut opened), [whole(1, "1", "two\nlines")]);
}
