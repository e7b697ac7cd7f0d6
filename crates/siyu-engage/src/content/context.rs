//! The values a template sees. A name without a value becomes a marker that is
//! false, has no elements, can be given a default, and notes its name when it is
//! printed: that is how a message with a hole is recognised.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::{Enumerator, Object};
use siyu_types::value::{Props, Value as Stored};

/// Names that were printed although they have no value.
#[derive(Clone, Debug, Default)]
pub(super) struct Holes {
    noted: Arc<Mutex<Noted>>,
    /// Print the name in the hole, for previews.
    show: bool,
}

#[derive(Debug, Default)]
struct Noted {
    printed: BTreeSet<String>,
    last_seen: Option<String>,
}

impl Holes {
    pub fn shown() -> Holes {
        Holes { show: true, ..Holes::default() }
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All printed names; `failed` says that rendering stopped, in which case the
    /// name looked up last was the reason if nothing was printed.
    pub fn take(&self, failed: bool) -> Vec<String> {
        let mut noted = self.noted();
        let last = noted.last_seen.take();
        let mut names = std::mem::take(&mut noted.printed);
        if failed && names.is_empty() {
            names.extend(last);
        }
        names.into_iter().collect()
    }

    fn marker(&self, name: String) -> Value {
        self.noted().last_seen = Some(name.clone());
        Value::from_object(Missing { name, holes: self.clone() })
    }
}

/// Stands for a value that is not there.
#[derive(Debug)]
pub(super) struct Missing {
    name: String,
    holes: Holes,
}

impl Object for Missing {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(self.holes.marker(format!("{}.{key}", self.name)))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.holes.noted().printed.insert(self.name.clone());
        if self.holes.show { write!(f, "⟦{}⟧", self.name) } else { Ok(()) }
    }
}

pub(super) fn is_missing(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.downcast_object_ref::<Missing>().is_some()
}

/// A named group of values; unknown keys become markers.
#[derive(Debug)]
pub(super) struct Names {
    /// Empty for the outermost.
    path: &'static str,
    values: BTreeMap<String, Value>,
    holes: Holes,
}

impl Names {
    pub fn value(path: &'static str, values: BTreeMap<String, Value>, holes: &Holes) -> Value {
        Value::from_object(Names { path, values, holes: holes.clone() })
    }
}

impl Object for Names {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let known = key.as_str().and_then(|key| self.values.get(key)).cloned();
        Some(known.unwrap_or_else(|| match self.path {
            "" => self.holes.marker(key.to_string()),
            path => self.holes.marker(format!("{path}.{key}")),
        }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.values.keys().map(|key| Value::from(key.as_str())).collect())
    }
}

/// Attributes as template values. Blank text counts as missing: "Dear ," is a
/// hole as well.
pub(super) fn values(props: &Props) -> BTreeMap<String, Value> {
    props.iter().filter_map(|(name, stored)| Some((name.clone(), value(stored)?))).collect()
}

fn value(stored: &Stored) -> Option<Value> {
    Some(match stored {
        Stored::Bool(flag) => Value::from(*flag),
        // Whole numbers print without ".0".
        Stored::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => Value::from(*number as i64),
        Stored::Number(number) => Value::from(*number),
        Stored::Text(text) if text.trim().is_empty() => return None,
        Stored::Text(text) => Value::from(text.as_str()),
        Stored::List(items) if items.is_empty() => return None,
        Stored::List(items) => items.iter().map(|item| Value::from(item.as_str())).collect(),
    })
}
