//! Things that events speak of: products, shops, contents. Last write by event time.

use std::collections::BTreeMap;

use siyu_types::clock::Millis;
use siyu_types::record::ItemChange;
use siyu_types::{Props, Value};

/// Items kept per project.
pub const ITEMS_MAX: usize = 2_000_000;

/// One item and the times its properties were set.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Item {
    pub(crate) props: BTreeMap<String, (Millis, Value)>,
    /// The latest deletion; what is not later is gone.
    pub(crate) deleted: Option<Millis>,
}

/// All items, by type and id.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Items {
    pub(crate) by_id: BTreeMap<(String, String), Item>,
}

impl Items {
    pub fn change(&mut self, item_type: &str, item_id: &str, change: &ItemChange, time: Millis) {
        let key = (item_type.to_owned(), item_id.to_owned());
        if self.by_id.len() >= ITEMS_MAX && !self.by_id.contains_key(&key) {
            return;
        }
        let item = self.by_id.entry(key).or_default();
        match change {
            ItemChange::Delete => {
                item.deleted = item.deleted.max(Some(time));
                let deleted = item.deleted;
                item.props.retain(|_, (set, _)| Some(*set) > deleted);
            }
            ItemChange::Set(props) => {
                for (name, value) in props {
                    let late = item.props.get(name).is_some_and(|(known, _)| *known > time);
                    if !late && Some(time) > item.deleted {
                        item.props.insert(name.clone(), (time, value.clone()));
                    }
                }
            }
        }
    }

    /// The properties of an item, or `None` if it is unknown or deleted.
    pub fn get(&self, item_type: &str, item_id: &str) -> Option<Props> {
        let item = self.by_id.get(&(item_type.to_owned(), item_id.to_owned()))?;
        if item.props.is_empty() {
            return None;
        }
        Some(item.props.iter().map(|(name, (_, value))| (name.clone(), value.clone())).collect())
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}
