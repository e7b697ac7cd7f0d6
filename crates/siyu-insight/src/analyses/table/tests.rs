//! Tables and files hold the numbers of the answers.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use serde_json::json;
use siyu_types::calendar;

use super::file::{FileKind, Paper, write};
use super::{Cell, Column, ColumnKind, Language, Table};

fn paper() -> Paper {
    Paper {
        title: "每天下单".to_owned(),
        language: Language::Chinese,
        zone: calendar::zone("Asia/Shanghai").expect("a known zone"),
        as_of: 1_790_000_000_000,
        currency: "CNY".to_owned(),
    }
}

fn table() -> Table {
    let columns = vec![
        Column::text("日期"),
        Column::number("=次数"),
        Column::new("金额", ColumnKind::Money),
        Column::new("时长", ColumnKind::Millis),
        Column::share("占比"),
    ];
    let row = |date: &str, count: i64| {
        vec![date.into(), count.into(), Cell::Whole(123_450), Cell::Whole(1_500), Cell::Number(0.25)]
    };
    Table { columns, rows: vec![row("2026-11-21", -3), row("=cmd", 4)] }
}

#[test]
fn texts_are_no_formulas_and_units_are_said() {
    let bytes = write(FileKind::Csv, &table(), &paper()).expect("writes");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let expected = "\u{feff}日期,'=次数,金额（CNY）,时长（秒）,占比\n\
        2026-11-21,-3,1234.5,1.5,0.25\n'=cmd,4,1234.5,1.5,0.25\n";
    assert_eq!(text, expected);
}

#[test]
fn a_workbook_holds_the_same_and_says_what_it_is() {
    let bytes = write(FileKind::Xlsx, &table(), &paper()).expect("writes");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheet = book.worksheet_range("siyu").expect("a sheet");
    let number = |row, column| sheet.get_value((row, column)).and_then(calamine::DataType::get_float);
    assert_eq!((number(1, 1), number(1, 2), number(1, 4)), (Some(-3.0), Some(1234.5), Some(0.25)));
    let about = book.worksheet_range("about").expect("a second sheet");
    assert_eq!(about.get_value((0, 1)).map(ToString::to_string), Some("每天下单".to_owned()));
}

#[test]
fn cells_are_plain_json() {
    let cells = [Cell::Nothing, Cell::from(2u64), Cell::from(0.5), Cell::from("x"), Cell::from(f64::NAN)];
    assert_eq!(serde_json::to_value(cells).expect("JSON"), json!([null, 2, 0.5, "x", null]));
}
