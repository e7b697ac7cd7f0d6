//! Numbers for the names of groups.

use rustc_hash::FxHashMap;

use crate::groups::{FIRST, MISSING, OTHER};
use crate::values::text_number;

/// Numbers given to group names.
pub(crate) enum Slots<'m> {
    /// Every name gets the next number.
    Growing(FxHashMap<String, u32>),
    /// As `Growing`, and the names in order.
    Listed(FxHashMap<String, u32>, Vec<String>),
    /// Known names; all others are [`OTHER`].
    Fixed(&'m FxHashMap<String, u32>),
    /// Numbers between ascending edges; what is no number is [`MISSING`].
    Bins(&'m [f64]),
}

impl Slots<'_> {
    pub(crate) fn growing() -> Slots<'static> {
        Slots::Growing(FxHashMap::default())
    }

    pub(crate) fn listed() -> Slots<'static> {
        Slots::Listed(FxHashMap::default(), Vec::new())
    }

    /// The name of a slot that was listed.
    pub(crate) fn name(&self, slot: u32) -> &str {
        match self {
            Slots::Listed(_, list) => list.get((slot - FIRST) as usize).map_or("", String::as_str),
            _ => "",
        }
    }

    pub(crate) fn of(&mut self, name: &str) -> u32 {
        match self {
            Slots::Fixed(names) => names.get(name).copied().unwrap_or(OTHER),
            Slots::Bins(edges) => match text_number(name) {
                number if number.is_nan() => MISSING,
                number => FIRST + edges.partition_point(|edge| *edge <= number) as u32,
            },
            Slots::Growing(names) => next(names, name).0,
            Slots::Listed(names, list) => {
                let (slot, new) = next(names, name);
                if new {
                    list.push(name.to_owned());
                }
                slot
            }
        }
    }
}

/// The number of a name, and whether it is a new one.
fn next(names: &mut FxHashMap<String, u32>, name: &str) -> (u32, bool) {
    if let Some(slot) = names.get(name) {
        return (*slot, false);
    }
    let slot = FIRST + names.len() as u32;
    names.insert(name.to_owned(), slot);
    (slot, true)
}
