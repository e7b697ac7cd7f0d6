//! Values that must be one and the same in all steps.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_events::{Block, Column};
use siyu_types::analysis::FunnelQuery;

use crate::keys::Keys;
use crate::values::{number_bits, number_key};

/// The held value of an event, by step. Equal numbers are equal values within one block; a list is
/// no value.
pub(super) enum Held<'a> {
    /// One property in all steps.
    Same(Keys<'a>),
    /// Each step its own.
    Each { of_step: Vec<usize>, columns: Vec<Named<'a>>, names: RefCell<Names> },
}

impl<'a> Held<'a> {
    pub(super) fn new(query: &FunnelQuery, block: &'a Block) -> Held<'a> {
        if let [one] = &query.hold[..] {
            return Held::Same(Keys::new(one, block));
        }
        let mut different: Vec<&str> = Vec::new();
        let of_step = query.hold.iter().map(|property| {
            different.iter().position(|known| known == property).unwrap_or_else(|| {
                different.push(property);
                different.len() - 1
            })
        });
        let of_step = of_step.collect();
        let mut names = Names::default();
        let columns = different.iter().map(|name| Named::new(block.columns.get(*name), &mut names)).collect();
        Held::Each { of_step, columns, names: RefCell::new(names) }
    }

    pub(super) fn of(&self, step: usize, row: u32) -> Option<u64> {
        match self {
            Held::Same(keys) => keys.of(row),
            Held::Each { of_step, columns, names } => {
                columns[of_step[step]].of(row as usize, &mut names.borrow_mut())
            }
        }
    }
}

/// Numbers for the texts under which values of different columns are the same.
#[derive(Default)]
pub(super) struct Names {
    by_text: FxHashMap<String, u64>,
    by_number: FxHashMap<u64, u64>,
}

impl Names {
    fn of_text(&mut self, text: &str) -> u64 {
        if let Some(known) = self.by_text.get(text) {
            return *known;
        }
        let next = self.by_text.len() as u64;
        self.by_text.insert(text.to_owned(), next);
        next
    }

    fn of_number(&mut self, number: f64) -> u64 {
        if let Some(known) = self.by_number.get(&number_bits(number)) {
            return *known;
        }
        let name = self.of_text(&number_key(number));
        self.by_number.insert(number_bits(number), name);
        name
    }
}

/// A column whose values are compared with those of others.
pub(super) enum Named<'a> {
    None,
    Texts { codes: &'a [u32], names: Vec<u64> },
    Numbers(&'a [f64]),
    Flags { values: &'a [u8], names: [u64; 2] },
}

impl<'a> Named<'a> {
    fn new(column: Option<&'a Column>, names: &mut Names) -> Named<'a> {
        match column {
            None | Some(Column::Text { list: true, .. }) => Named::None,
            Some(Column::Text { codes, dictionary, .. }) => {
                Named::Texts { codes, names: dictionary.iter().map(|text| names.of_text(text)).collect() }
            }
            Some(Column::Number(values)) => Named::Numbers(values),
            Some(Column::Bool(values)) => {
                Named::Flags { values, names: ["false", "true"].map(|text| names.of_text(text)) }
            }
        }
    }

    fn of(&self, row: usize, known: &mut Names) -> Option<u64> {
        match self {
            Named::None => None,
            Named::Texts { codes, names } => {
                Some(codes[row]).filter(|code| *code != TEXT_MISSING).map(|code| names[code as usize])
            }
            Named::Numbers(values) => {
                Some(values[row]).filter(|number| !number.is_nan()).map(|number| known.of_number(number))
            }
            Named::Flags { values, names } => {
                Some(values[row]).filter(|flag| *flag < BOOL_MISSING).map(|flag| names[usize::from(flag)])
            }
        }
    }
}
