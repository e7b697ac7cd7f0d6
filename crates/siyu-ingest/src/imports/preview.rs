//! A look at a file before it is imported: what it is, what stands in it, and a
//! first mapping.

use jiff::tz::TimeZone;
use siyu_govern::masking;
use siyu_govern::sealing::StoredFile;
use siyu_types::{FieldKind, PersonalClass, Result, Viewer};

use super::cell::Cell;
use super::guess::{Confidence, guess};
use super::kinds;
use super::mapping::{CellType, Mapping, Target};
use super::rows::{Choice, RowShape};
use super::values;

/// Rows that are looked at, and values of a column that are shown.
const ROWS: usize = 200;
const SAMPLES: usize = 5;
const SAMPLE_CHARS: usize = 60;

pub struct Preview {
    pub format: &'static str,
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub sheets: Vec<String>,
    pub sheet: Option<String>,
    pub header_row: u32,
    /// Where the file says so.
    pub rows: Option<u64>,
    pub columns: Vec<PreviewColumn>,
    pub guess: Mapping,
}

pub struct PreviewColumn {
    pub title: String,
    pub kind: CellType,
    pub samples: Vec<String>,
    /// Of the guess.
    pub confidence: Confidence,
}

/// Reads the first rows. Blocks.
pub fn preview(path: &StoredFile, viewer: &Viewer, choice: &Choice) -> Result<Preview> {
    let (kind, mut opened) = kinds::open(path, choice)?;
    let mut columns: Vec<Vec<Cell>> = vec![Vec::new(); opened.columns.len()];
    let mut cells = Vec::new();
    for _ in 0..ROWS {
        match opened.reader.next_row(&mut cells)? {
            None => break,
            Some(RowShape::Broken(_)) => {}
            Some(RowShape::Whole) => {
                for (column, cell) in columns.iter_mut().zip(cells.drain(..)) {
                    if cell.text().is_some() {
                        column.push(cell);
                    }
                }
            }
        }
    }
    let types: Vec<(String, CellType)> = opened
        .columns
        .iter()
        .zip(&columns)
        .map(|(info, cells)| (info.title.clone(), info.cell_type.unwrap_or_else(|| kind_of(cells))))
        .collect();
    let words: Vec<Vec<String>> =
        columns.iter().map(|cells| cells.iter().filter_map(Cell::text).collect()).collect();
    let (mut guess, confidences) = guess(&types, &words);
    guess.sheet.clone_from(&opened.sheet);
    guess.header_row = choice.header_row;
    let shown =
        types.into_iter().zip(columns).zip(confidences).map(|(((title, kind), cells), confidence)| {
            let target = guess.columns.get(&title).map(|mapping| mapping.to);
            let samples = samples(&cells, |text| shown(viewer, &title, target, text));
            PreviewColumn { title, kind, samples, confidence }
        });
    Ok(Preview {
        format: kind.name,
        encoding: opened.encoding,
        delimiter: opened.delimiter,
        sheets: opened.sheets,
        sheet: opened.sheet,
        header_row: opened.header_row,
        rows: opened.rows,
        columns: shown.collect(),
        guess,
    })
}

/// Different values, in the order they appear.
fn samples(cells: &[Cell], shown: impl Fn(&str) -> String) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    for text in cells.iter().filter_map(Cell::text) {
        let cut: String = text.chars().take(SAMPLE_CHARS).collect();
        let sample = shown(&cut);
        if !samples.contains(&sample) {
            samples.push(sample);
        }
        if samples.len() == SAMPLES {
            break;
        }
    }
    samples
}

/// Personal by what the column seems to be, by its title, or by how the value looks.
pub fn shown(viewer: &Viewer, title: &str, target: Option<Target>, text: &str) -> String {
    let by_target = match target {
        Some(Target::Phone) => Some(PersonalClass::Phone),
        Some(Target::Email) => Some(PersonalClass::Email),
        Some(Target::Login) => Some(PersonalClass::Other),
        _ => None,
    };
    let field = viewer.personal.field(FieldKind::Attribute, title).map(|field| field.class);
    match by_target.or(field).or_else(|| personal_by_title(title)) {
        Some(class) => masking::shown_as(viewer, class, text),
        None => masking::shown_by_look(viewer, text),
    }
}

/// Exports call personal columns many things; one word in them is enough.
fn personal_by_title(title: &str) -> Option<PersonalClass> {
    const WORDS: &[(&[&str], PersonalClass)] = &[
        (&["手机", "电话", "phone", "mobile"], PersonalClass::Phone),
        (&["邮箱", "email", "e-mail"], PersonalClass::Email),
        (&["姓名", "收货人", "收件人", "联系人", "昵称", "会员名"], PersonalClass::Name),
        (&["身份证", "证件"], PersonalClass::IdCard),
        (&["银行卡", "卡号"], PersonalClass::BankCard),
        (&["地址", "address"], PersonalClass::Address),
        (&["生日", "出生"], PersonalClass::Birthday),
        (&["支付宝", "帐号", "账号"], PersonalClass::Other),
    ];
    let title = title.to_lowercase();
    let found = WORDS.iter().find(|(words, _)| words.iter().any(|word| title.contains(word)));
    found.map(|(_, kind)| *kind)
}

/// What a column of text seems to hold, if every value agrees. Long numbers and
/// numbers with leading zeros are ids, not quantities.
fn kind_of(cells: &[Cell]) -> CellType {
    let texts: Vec<_> = cells.iter().filter(|cell| !cell.is_nothing()).collect();
    if texts.is_empty() {
        return CellType::Text;
    }
    let all = |test: &dyn Fn(&Cell) -> bool| texts.iter().all(|cell| test(cell));
    let is_quantity = |cell: &Cell| {
        let text = cell.text().unwrap_or_default();
        let padded = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
        !padded && text.len() <= 10 && values::number(cell).is_ok()
    };
    let is_time = |cell: &Cell| {
        let text = cell.text().unwrap_or_default();
        !text.bytes().all(|b| b.is_ascii_digit()) && values::time(cell, &TimeZone::UTC).is_ok()
    };
    if all(&is_time) {
        CellType::Time
    } else if all(&is_quantity) {
        CellType::Number
    } else if all(&|cell| values::boolean(cell).is_ok()) {
        CellType::Bool
    } else {
        CellType::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siyu_types::permission::Actor;
    use siyu_types::{ProjectId, Role};
    use std::io::Write;

    #[test]
    fn a_preview_masks_what_is_personal_and_recognises_kinds() {
        let mut file = tempfile::NamedTempFile::new().expect("temporary file");
        file.write_all("手机号,姓名,积分,门店编号,注册日期,备注,会员\n13800000000,张三,12,0012,2026/1/2,打 13911112222 联系,是\n13800000001,李四,-,0013,2026/1/3,,否\n".as_bytes())
            .expect("written");
        let viewer = |role| Viewer::new(Actor::System, ProjectId(1), role);
        let look = |role| {
            preview(&StoredFile::plain(file.path()), &viewer(role), &Choice::default()).expect("readable")
        };
        let owner = look(Role::Owner);
        let kinds: Vec<_> = owner.columns.iter().map(|column| column.kind).collect();
        let (text, number, time, boolean) =
            (CellType::Text, CellType::Number, CellType::Time, CellType::Bool);
        assert_eq!(kinds, [text, text, number, text, time, text, boolean]);
        assert_eq!(owner.columns[0].samples, ["13800000000", "13800000001"]);
        let analyst = look(Role::Analyst);
        assert_eq!(analyst.columns[0].samples, ["138****0000", "138****0001"]);
        assert_eq!(analyst.columns[1].samples, ["张**", "李**"]);
        assert_eq!(analyst.guess.columns["手机号"].to, Target::Phone);
        assert_eq!(analyst.guess.columns["积分"].cell_type, Some(CellType::Number));
    }
}
