//! One property over all people, typed, as conditions read it.

use std::sync::OnceLock;

use siyu_analytics::AttributeColumn;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_types::value::ValueKind;

use super::cell::Stored;
use super::dictionary::Dictionary;

/// Values by person. The first value decides the type; a value of another type
/// turns the column into text (or lists), so that nothing is lost.
#[derive(Clone, Debug)]
pub struct Column {
    cells: Cells,
    present: u64,
}

#[derive(Clone, Debug)]
enum Cells {
    Empty,
    Number(Vec<f64>),
    Text(Vec<u32>),
    Bool(Vec<u8>),
    List { rows: Vec<Box<[u32]>>, flat: OnceLock<Flat> },
}

/// A list column in the form that evaluators read; built when first asked for.
#[derive(Clone, Debug)]
struct Flat {
    starts: Vec<u32>,
    codes: Vec<u32>,
}

impl Default for Column {
    fn default() -> Column {
        Column { cells: Cells::Empty, present: 0 }
    }
}

impl Column {
    pub fn kind(&self) -> Option<ValueKind> {
        match &self.cells {
            Cells::Empty => None,
            Cells::Number(_) => Some(ValueKind::Number),
            Cells::Text(_) => Some(ValueKind::Text),
            Cells::Bool(_) => Some(ValueKind::Bool),
            Cells::List { .. } => Some(ValueKind::List),
        }
    }

    /// People who have a value.
    pub fn present(&self) -> u64 {
        self.present
    }

    pub fn view<'a>(&'a self, dictionary: &'a Dictionary) -> AttributeColumn<'a> {
        let dictionary = dictionary.texts();
        match &self.cells {
            Cells::Empty => AttributeColumn::EMPTY,
            Cells::Number(values) => AttributeColumn::Number(values),
            Cells::Text(codes) => AttributeColumn::Text { codes, dictionary },
            Cells::Bool(flags) => AttributeColumn::Bool(flags),
            Cells::List { rows, flat } => {
                let flat = flat.get_or_init(|| Flat::of(rows));
                AttributeColumn::List { starts: &flat.starts, codes: &flat.codes, dictionary }
            }
        }
    }

    /// Writes the value of one person.
    pub fn put(&mut self, person: u32, value: Option<&Stored>, dictionary: &mut Dictionary) {
        let at = person as usize;
        let had = self.has(at);
        match value {
            Some(value) => self.write(at, value, dictionary),
            None => self.clear(at),
        }
        let has = self.has(at);
        self.present = self.present + u64::from(has) - u64::from(had);
    }

    /// Every text code that stands in it.
    pub fn each_text(&self, mut see: impl FnMut(u32)) {
        match &self.cells {
            Cells::Text(codes) => codes.iter().for_each(|code| see(*code)),
            Cells::List { rows, .. } => rows.iter().flatten().for_each(|code| see(*code)),
            Cells::Empty | Cells::Number(_) | Cells::Bool(_) => {}
        }
    }

    fn has(&self, at: usize) -> bool {
        match &self.cells {
            Cells::Empty => false,
            Cells::Number(values) => values.get(at).is_some_and(|v| !v.is_nan()),
            Cells::Text(codes) => codes.get(at).is_some_and(|c| *c != TEXT_MISSING),
            Cells::Bool(flags) => flags.get(at).is_some_and(|f| *f != BOOL_MISSING),
            Cells::List { rows, .. } => rows.get(at).is_some_and(|row| !row.is_empty()),
        }
    }

    fn clear(&mut self, at: usize) {
        if !self.has(at) {
            return;
        }
        match &mut self.cells {
            Cells::Empty => {}
            Cells::Number(values) => values[at] = f64::NAN,
            Cells::Text(codes) => codes[at] = TEXT_MISSING,
            Cells::Bool(flags) => flags[at] = BOOL_MISSING,
            Cells::List { rows, flat } => {
                rows[at] = Box::default();
                *flat = OnceLock::new();
            }
        }
    }

    fn write(&mut self, at: usize, value: &Stored, dictionary: &mut Dictionary) {
        self.make_room_for(value, dictionary);
        match (&mut self.cells, value) {
            (Cells::Number(values), Stored::Number(number)) => *grow(values, at, f64::NAN) = *number,
            (Cells::Bool(flags), Stored::Bool(flag)) => *grow(flags, at, BOOL_MISSING) = u8::from(*flag),
            (Cells::Text(codes), value) => *grow(codes, at, TEXT_MISSING) = text_code(value, dictionary),
            (Cells::List { rows, flat }, value) => {
                *flat = OnceLock::new();
                *grow(rows, at, Box::default()) = match value {
                    Stored::List(codes) => codes.as_slice().into(),
                    scalar => [text_code(scalar, dictionary)].into(),
                };
            }
            _ => {}
        }
    }

    /// Changes the column's type where it cannot hold the value.
    fn make_room_for(&mut self, value: &Stored, dictionary: &mut Dictionary) {
        let fits = match (&self.cells, value) {
            (Cells::Empty, _) => false,
            (Cells::Number(_), Stored::Number(_)) | (Cells::Bool(_), Stored::Bool(_)) => true,
            (Cells::Text(_), Stored::List(_)) => false,
            (Cells::Text(_) | Cells::List { .. }, _) => true,
            _ => false,
        };
        if fits {
            return;
        }
        let old = std::mem::replace(&mut self.cells, Cells::Empty);
        let codes = match old {
            Cells::Empty => {
                self.cells = match value {
                    Stored::Number(_) => Cells::Number(Vec::new()),
                    Stored::Text(_) => Cells::Text(Vec::new()),
                    Stored::Bool(_) => Cells::Bool(Vec::new()),
                    Stored::List(_) => Cells::List { rows: Vec::new(), flat: OnceLock::new() },
                };
                return;
            }
            Cells::Text(codes) => codes,
            Cells::Number(values) => values
                .into_iter()
                .map(|n| if n.is_nan() { TEXT_MISSING } else { text_code(&Stored::Number(n), dictionary) })
                .collect(),
            Cells::Bool(flags) => flags
                .into_iter()
                .map(|f| {
                    if f == BOOL_MISSING {
                        TEXT_MISSING
                    } else {
                        text_code(&Stored::Bool(f == 1), dictionary)
                    }
                })
                .collect(),
            list @ Cells::List { .. } => {
                self.cells = list;
                return;
            }
        };
        self.cells = match value {
            Stored::List(_) => Cells::List {
                rows: codes
                    .into_iter()
                    .map(|code| if code == TEXT_MISSING { Box::default() } else { [code].into() })
                    .collect(),
                flat: OnceLock::new(),
            },
            _ => Cells::Text(codes),
        };
    }
}

impl Flat {
    fn of(rows: &[Box<[u32]>]) -> Flat {
        let mut flat = Flat { starts: Vec::with_capacity(rows.len() + 1), codes: Vec::new() };
        flat.starts.push(0);
        for row in rows {
            flat.codes.extend_from_slice(row);
            flat.starts.push(flat.codes.len() as u32);
        }
        flat
    }
}

fn grow<T: Clone>(values: &mut Vec<T>, at: usize, missing: T) -> &mut T {
    if values.len() <= at {
        values.resize(at + 1, missing);
    }
    &mut values[at]
}

fn text_code(value: &Stored, dictionary: &mut Dictionary) -> u32 {
    match value {
        Stored::Text(code) => *code,
        other => {
            let text = other.value(dictionary).display();
            dictionary.intern(&text)
        }
    }
}
