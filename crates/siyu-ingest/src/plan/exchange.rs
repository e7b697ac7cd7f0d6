//! The plan as a file: JSON, and Excel with one sheet of subjects and one of
//! properties. What is written is read back the same.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::str::FromStr;

use calamine::{Reader, Xlsx};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde::Serialize;
use siyu_types::{Error, Result};
use utoipa::ToSchema;

use super::document::{PlanDocument, PlanProperty, PlanSubject, VERSION};
use super::model::SubjectKind;
use super::xlsx::{YES, inflates_within, sheet, unsupported};

/// An uploaded file, and what an Excel file may hold when it is inflated.
pub const FILE_BYTES_MAX: usize = 8 << 20;
const INFLATED_BYTES_MAX: u64 = 64 << 20;
const SUBJECTS: &str = "events";
const PROPERTIES: &str = "properties";
const SUBJECT_TITLES: &[&str] =
    &["kind", "name", "status", "display_zh", "display_en", "description", "owner", "category"];
const PROPERTY_TITLES: &[&str] = &[
    "kind",
    "event",
    "name",
    "status",
    "type",
    "required",
    "unit",
    "display_zh",
    "display_en",
    "description",
];

/// A row that cannot be used.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PlanRowError {
    /// Of Excel files.
    pub sheet: Option<String>,
    /// As the program shows it, from 1; of JSON the line.
    pub row: u32,
    pub column: Option<String>,
    pub message: String,
}

pub fn to_json(document: &PlanDocument) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(document).map_err(Error::internal)
}

/// Reads a file by what it is.
pub fn read(bytes: &[u8]) -> Result<Result<PlanDocument, Vec<PlanRowError>>> {
    if bytes.starts_with(b"PK") {
        return from_xlsx(bytes);
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    Ok(serde_json::from_slice(text).map_err(|error| {
        let (row, message) = (error.line() as u32, error.to_string());
        vec![PlanRowError { sheet: None, row, column: None, message }]
    }))
}

pub fn to_xlsx(document: &PlanDocument) -> Result<Vec<u8>> {
    written(document).map_err(Error::internal)
}

fn written(document: &PlanDocument) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = head(&mut book, SUBJECTS, SUBJECT_TITLES)?;
    for (at, subject) in document.subjects.iter().enumerate() {
        let cells = [
            subject.kind.as_str(),
            &subject.name,
            subject.status.as_str(),
            &subject.display_zh,
            &subject.display_en,
            &subject.description,
            &subject.owner,
            &subject.category,
        ];
        row(sheet, at, &cells)?;
    }
    let sheet = head(&mut book, PROPERTIES, PROPERTY_TITLES)?;
    let pairs = document
        .subjects
        .iter()
        .flat_map(|subject| subject.properties.iter().map(move |property| (subject, property)));
    for (at, (subject, property)) in pairs.enumerate() {
        let cells = [
            subject.kind.as_str(),
            &subject.name,
            &property.name,
            property.status.as_str(),
            property.value_type.map_or("", |value_type| value_type.as_str()),
            if property.required { YES } else { "" },
            &property.unit,
            &property.display_zh,
            &property.display_en,
            &property.description,
        ];
        row(sheet, at, &cells)?;
    }
    book.save_to_buffer()
}

fn head<'a>(book: &'a mut Workbook, name: &str, titles: &[&str]) -> Result<&'a mut Worksheet, XlsxError> {
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (column, title) in (0..).zip(titles) {
        sheet.write_string_with_format(0, column, *title, &bold)?;
        sheet.set_column_width(column, 22)?;
    }
    Ok(sheet)
}

/// Always as text: a spreadsheet then neither counts with it nor runs it.
fn row(sheet: &mut Worksheet, at: usize, cells: &[&str]) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        sheet.write_string(at as u32 + 1, column, *cell)?;
    }
    Ok(())
}

fn from_xlsx(bytes: &[u8]) -> Result<Result<PlanDocument, Vec<PlanRowError>>> {
    if !inflates_within(bytes, INFLATED_BYTES_MAX) {
        return Err(unsupported("the Excel file is damaged or too large when inflated"));
    }
    let mut book: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|_| unsupported("the Excel file cannot be read"))?;
    let (subjects, properties) = (sheet(&mut book, SUBJECTS)?, sheet(&mut book, PROPERTIES)?);
    let mut errors = Vec::new();
    let mut document = PlanDocument { version: VERSION, subjects: Vec::new() };
    for line in lines(&subjects, SUBJECTS, SUBJECT_TITLES, &mut errors) {
        match subject(&line) {
            Ok(subject) => document.subjects.push(subject),
            Err(error) => errors.push(line.error(&error)),
        }
    }
    for line in lines(&properties, PROPERTIES, PROPERTY_TITLES, &mut errors) {
        match property(&line) {
            Ok((kind, name, property)) => add(&mut document, (kind, name), property),
            Err(error) => errors.push(line.error(&error)),
        }
    }
    Ok(if errors.is_empty() { Ok(document) } else { Err(errors) })
}

fn add(document: &mut PlanDocument, (kind, name): (SubjectKind, String), property: PlanProperty) {
    let known = document.subjects.iter_mut().find(|subject| subject.kind == kind && subject.name == name);
    match known {
        Some(subject) => subject.properties.push(property),
        None => document.subjects.push(PlanSubject {
            kind,
            name,
            properties: vec![property],
            ..PlanSubject::default()
        }),
    }
}

fn subject(line: &Line) -> Result<PlanSubject> {
    let subject = PlanSubject {
        kind: line.parse("kind")?,
        name: line.text("name"),
        status: line.parse("status")?,
        display_zh: line.text("display_zh"),
        display_en: line.text("display_en"),
        description: line.text("description"),
        owner: line.text("owner"),
        category: line.text("category"),
        properties: Vec::new(),
    };
    subject.check().map(|()| subject)
}

fn property(line: &Line) -> Result<(SubjectKind, String, PlanProperty)> {
    let kind = line.parse("kind")?;
    let property = PlanProperty {
        name: line.text("name"),
        status: line.parse("status")?,
        value_type: if line.text("type").is_empty() { None } else { Some(line.parse("type")?) },
        required: match line.text("required").to_lowercase().as_str() {
            "" | "no" | "false" | "否" => false,
            YES | "true" | "是" => true,
            _ => return Err(Error::invalid("required", "is neither yes nor no")),
        },
        unit: line.text("unit"),
        display_zh: line.text("display_zh"),
        display_en: line.text("display_en"),
        description: line.text("description"),
    };
    property.check(kind)?;
    Ok((kind, line.text("event"), property))
}

/// A row by its titles, wherever those stand.
struct Line {
    sheet: &'static str,
    row: u32,
    cells: Vec<(&'static str, String)>,
}

impl Line {
    fn text(&self, title: &str) -> String {
        self.cells.iter().find(|(known, _)| *known == title).map(|(_, text)| text.clone()).unwrap_or_default()
    }

    fn parse<T: FromStr<Err = Error>>(&self, title: &str) -> Result<T> {
        self.text(title).trim().parse().map_err(|error: Error| error.at(title))
    }

    fn error(&self, error: &Error) -> PlanRowError {
        PlanRowError {
            sheet: Some(self.sheet.to_owned()),
            row: self.row,
            column: error.field.clone(),
            message: error.message.clone(),
        }
    }
}

/// The rows that hold anything. Titles that are missing are errors, once.
fn lines(
    rows: &BTreeMap<u32, Vec<String>>,
    sheet: &'static str,
    titles: &'static [&'static str],
    errors: &mut Vec<PlanRowError>,
) -> Vec<Line> {
    let mut rows = rows.iter();
    let (first, head) = rows.next().map_or((0, &[][..]), |(row, head)| (*row, &head[..]));
    let places: Vec<_> =
        titles.iter().map(|title| (*title, head.iter().position(|known| known.trim() == *title))).collect();
    for (title, _) in places.iter().filter(|(_, at)| at.is_none()) {
        errors.push(PlanRowError {
            sheet: Some(sheet.to_owned()),
            row: first + 1,
            column: Some((*title).to_owned()),
            message: "the column is missing".to_owned(),
        });
    }
    let line = |(row, cells): (&u32, &Vec<String>)| Line {
        sheet,
        row: row + 1,
        cells: places
            .iter()
            .filter_map(|(title, place)| Some((*title, cells.get((*place)?)?.clone())))
            .collect(),
    };
    let held = |line: &Line| line.cells.iter().any(|(_, text)| !text.trim().is_empty());
    rows.map(line).filter(held).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::model::{PlanStatus, PlanType};
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(String::new()),
            "[a-z]{1,8}",
            Just("=1+1".into()),
            Just(" 前后有空格 ".into()),
            Just("两\n行\"\"".into()),
            Just("<&>".into())
        ]
    }

    fn document() -> impl Strategy<Value = PlanDocument> {
        let property = (
            text(),
            prop::sample::select(PlanStatus::ALL),
            prop::option::of(prop::sample::select(PlanType::ALL)),
            any::<bool>(),
            text(),
        )
            .prop_map(|(display_zh, status, value_type, required, unit)| PlanProperty {
                status,
                value_type,
                required,
                unit,
                display_zh: display_zh.clone(),
                description: display_zh,
                ..PlanProperty::default()
            });
        let subject =
            (text(), prop::sample::select(PlanStatus::ALL), text(), prop::collection::vec(property, 0..4))
                .prop_map(|(display_en, status, owner, properties)| PlanSubject {
                    status,
                    display_en: display_en.clone(),
                    owner,
                    category: display_en,
                    properties,
                    ..PlanSubject::default()
                });
        prop::collection::vec(subject, 0..5).prop_map(|mut subjects| {
            for (at, subject) in subjects.iter_mut().enumerate() {
                subject.name = format!("事件 {at}");
                for (at, property) in subject.properties.iter_mut().enumerate() {
                    property.name = format!("=p{at}");
                }
            }
            PlanDocument { version: VERSION, subjects }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn what_is_written_is_read_back(document in document()) {
            let json = read(&to_json(&document).expect("written")).expect("read").expect("no errors");
            prop_assert_eq!(&json, &document);
            let xlsx = read(&to_xlsx(&document).expect("written")).expect("read").expect("no errors");
            prop_assert_eq!(&xlsx, &document);
        }
    }

    #[test]
    fn errors_name_their_row_and_column() {
        let mut book = Workbook::new();
        let sheet = head(&mut book, SUBJECTS, SUBJECT_TITLES).expect("written");
        row(sheet, 0, &["event", "paid", "planned"]).expect("written");
        row(sheet, 1, &["event", "", "planned"]).expect("written");
        row(sheet, 3, &["event", "shown", "certain"]).expect("written");
        let sheet = head(&mut book, PROPERTIES, &PROPERTY_TITLES[..9]).expect("written");
        row(sheet, 0, &["event", "paid", "amount", "planned", "float"]).expect("written");
        row(sheet, 1, &["people", "", "city", "planned", "text", "yes"]).expect("written");
        let errors = read(&book.save_to_buffer().expect("saved")).expect("read").expect_err("wrong");
        let found: Vec<_> = errors
            .iter()
            .map(|error| {
                (error.sheet.as_deref().unwrap_or(""), error.row, error.column.as_deref().unwrap_or(""))
            })
            .collect();
        let expected = [
            ("events", 3, "name"),
            ("events", 5, "status"),
            ("properties", 1, "description"),
            ("properties", 2, "type"),
            ("properties", 3, "required"),
        ];
        assert_eq!(found, expected);
        let errors = read(b"{\"version\": 1,\n\"subjects\": [{}]}").expect("read").expect_err("wrong");
        assert_eq!(errors[0].row, 2);
    }

    #[test]
    fn a_sheet_with_a_cell_at_its_far_corner_costs_no_more_than_its_cells() {
        let mut book = Workbook::new();
        let sheet = head(&mut book, SUBJECTS, SUBJECT_TITLES).expect("written");
        row(sheet, 0, &["event", "paid", "planned"]).expect("written");
        sheet.write_string(1_048_575, 16_383, "far").expect("written");
        head(&mut book, PROPERTIES, PROPERTY_TITLES).expect("written");
        let document = read(&book.save_to_buffer().expect("saved")).expect("read").expect("no errors");
        assert_eq!(document.subjects.len(), 1);
    }

    #[test]
    fn a_file_that_inflates_too_far_is_refused_whatever_it_says() {
        let document = PlanDocument { version: VERSION, subjects: Vec::new() };
        let xlsx = to_xlsx(&document).expect("written");
        assert!(inflates_within(&xlsx, INFLATED_BYTES_MAX));
        assert!(!inflates_within(&xlsx, 1_000));
        for end in [0, 3, 50, xlsx.len() / 2, xlsx.len() - 10] {
            assert!(!inflates_within(&xlsx[..end], INFLATED_BYTES_MAX), "cut at {end}");
        }
    }
}
