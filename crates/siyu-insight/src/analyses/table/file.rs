//! Tables as files that spreadsheets read.

use csv::Writer;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Deserialize;
use siyu_govern::personal::harmless;
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};
use utoipa::ToSchema;

use super::{Cell, Column, ColumnKind, Language, Table, decimals, words};

/// Letters of one cell.
const CELL_CHARS_MAX: usize = 32_767;
const MILLIS_PER_SECOND: f64 = 1_000.0;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AnalysisFileKind)]
pub(super) enum FileKind {
    Csv,
    Xlsx,
}

impl FileKind {
    pub(super) fn extension(self) -> &'static str {
        match self {
            FileKind::Csv => "csv",
            FileKind::Xlsx => "xlsx",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            FileKind::Csv => "text/csv; charset=utf-8",
            FileKind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// What a file says beside its numbers.
pub(super) struct Paper {
    pub(super) title: String,
    pub(super) language: Language,
    pub(super) zone: TimeZone,
    pub(super) as_of: Millis,
    pub(super) currency: String,
}

pub(super) fn write(kind: FileKind, table: &Table, paper: &Paper) -> Result<Vec<u8>> {
    match kind {
        FileKind::Csv => comma_separated(table, paper),
        FileKind::Xlsx => workbook(table, paper).map_err(Error::internal),
    }
}

/// The number in the unit people read it in.
fn number(kind: ColumnKind, number: f64, paper: &Paper) -> f64 {
    match kind {
        ColumnKind::Money => number / 10f64.powi(decimals(&paper.currency)),
        ColumnKind::Millis => number / MILLIS_PER_SECOND,
        _ => number,
    }
}

/// With the unit, which a number in a file does not say itself.
fn title(column: &Column, paper: &Paper) -> String {
    let unit = match column.kind {
        ColumnKind::Money => paper.currency.as_str(),
        ColumnKind::Millis => words::SECOND_UNIT.in_language(paper.language),
        _ => return column.title.clone(),
    };
    match paper.language {
        Language::Chinese => format!("{}（{unit}）", column.title),
        Language::English => format!("{} ({unit})", column.title),
    }
}

fn comma_separated(table: &Table, paper: &Paper) -> Result<Vec<u8>> {
    // With a mark, so that spreadsheets see the encoding.
    let mut writer = Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    writer
        .write_record(table.columns.iter().map(|column| harmless(&title(column, paper))))
        .map_err(Error::internal)?;
    for row in &table.rows {
        let cells = row.iter().zip(&table.columns).map(|(cell, column)| match cell {
            Cell::Nothing => String::new(),
            // Only texts may be formulas; a number below zero is none.
            Cell::Text(text) => harmless(text),
            Cell::Whole(whole) if matches!(column.kind, ColumnKind::Number) => whole.to_string(),
            Cell::Whole(whole) => number(column.kind, *whole as f64, paper).to_string(),
            Cell::Number(value) => number(column.kind, *value, paper).to_string(),
        });
        writer.write_record(cells).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}

/// Texts are texts in it, whatever they begin with. A second sheet says what it is.
fn workbook(table: &Table, paper: &Paper) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let share = Format::new().set_num_format("0.0%");
    let money = Format::new().set_num_format(match decimals(&paper.currency) {
        0 => "#,##0",
        3 => "#,##0.000",
        _ => "#,##0.00",
    });
    let sheet = book.add_worksheet();
    sheet.set_name("siyu")?;
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, at, cut(&title(column, paper)), &bold)?;
    }
    for (line, row) in (1u32..).zip(&table.rows) {
        for ((at, column), cell) in (0u16..).zip(&table.columns).zip(row) {
            let value = match cell {
                Cell::Nothing => continue,
                Cell::Text(text) => {
                    sheet.write_string(line, at, cut(text))?;
                    continue;
                }
                Cell::Whole(whole) => *whole as f64,
                Cell::Number(value) => *value,
            };
            let value = number(column.kind, value, paper);
            match column.kind {
                ColumnKind::Share => sheet.write_number_with_format(line, at, value, &share)?,
                ColumnKind::Money => sheet.write_number_with_format(line, at, value, &money)?,
                _ => sheet.write_number(line, at, value)?,
            };
        }
    }
    about(&mut book, paper)?;
    book.save_to_buffer()
}

fn about(book: &mut Workbook, paper: &Paper) -> Result<(), XlsxError> {
    let word = |word: words::Word| word.in_language(paper.language);
    let at = jiff::Timestamp::from_millisecond(paper.as_of).unwrap_or_default();
    let at = at.to_zoned(paper.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let zone = paper.zone.iana_name().unwrap_or("UTC");
    let sheet = book.add_worksheet();
    sheet.set_name("about")?;
    let lines = [(words::QUESTION, paper.title.as_str()), (words::AS_OF, at.as_str()), (words::ZONE, zone)];
    for (line, (title, text)) in (0u32..).zip(lines) {
        sheet.write_string(line, 0, word(title))?;
        sheet.write_string(line, 1, cut(text))?;
    }
    Ok(())
}

fn cut(text: &str) -> String {
    text.chars().take(CELL_CHARS_MAX).collect()
}
