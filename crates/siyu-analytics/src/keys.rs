//! The values of a property as keys, for comparing the events of one block.

use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_events::{Block, Column};

use crate::values::number_bits;

/// Equal keys are equal values. A list is no value.
pub(crate) enum Keys<'a> {
    None,
    Texts(&'a [u32]),
    Numbers(&'a [f64]),
    Flags(&'a [u8]),
}

impl<'a> Keys<'a> {
    pub(crate) fn new(property: &str, block: &'a Block) -> Keys<'a> {
        match block.columns.get(property) {
            None | Some(Column::Text { list: true, .. }) => Keys::None,
            Some(Column::Text { codes, .. }) => Keys::Texts(codes),
            Some(Column::Number(values)) => Keys::Numbers(values),
            Some(Column::Bool(values)) => Keys::Flags(values),
        }
    }

    /// `None` if the row has no value.
    #[inline]
    pub(crate) fn of(&self, row: u32) -> Option<u64> {
        let row = row as usize;
        match self {
            Keys::None => None,
            Keys::Texts(codes) => Some(codes[row]).filter(|code| *code != TEXT_MISSING).map(u64::from),
            Keys::Numbers(values) => Some(values[row]).filter(|value| !value.is_nan()).map(number_bits),
            Keys::Flags(values) => Some(values[row]).filter(|flag| *flag < BOOL_MISSING).map(u64::from),
        }
    }
}
