//! JSON as it stands in a body: texts are borrowed from it unless they hold escapes, and an
//! object is a list in the order of its keys, so that a body costs few allocations.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// Shorter lists are searched from the start.
const SEARCHED_BY_HALVES: usize = 24;

#[derive(Clone, PartialEq, Debug, Default)]
pub enum Json<'a> {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// In the order of the keys, each once.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Json<'a> {
    /// A field of an object; none of anything else.
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.as_object()?.get(name)
    }

    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// What an RFC 6901 pointer names, read as serde_json reads them.
    pub fn pointer(&self, pointer: &str) -> Option<&Json<'a>> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |at, part| {
            let name = if part.contains('~') {
                Cow::Owned(part.replace("~1", "/").replace("~0", "~"))
            } else {
                Cow::Borrowed(part)
            };
            match at {
                Json::Object(object) => object.get(&name),
                Json::List(items) => {
                    let padded = name.starts_with('+') || (name.starts_with('0') && name.len() != 1);
                    if padded { None } else { items.get(name.parse::<usize>().ok()?) }
                }
                _ => None,
            }
        })
    }

    /// A tree of its own.
    pub fn value(self) -> Value {
        match self {
            Json::Null => Value::Null,
            Json::Bool(flag) => Value::Bool(flag),
            Json::Number(number) => Value::Number(number),
            Json::Text(text) => Value::String(text.into_owned()),
            Json::List(items) => Value::Array(items.into_iter().map(Json::value).collect()),
            Json::Object(object) => Value::Object(
                object.0.into_iter().map(|(name, value)| (name.into_owned(), value.value())).collect(),
            ),
        }
    }

    /// As a property or attribute; see [`siyu_types::Value::from_json`].
    pub fn property(self) -> Option<siyu_types::Value> {
        match self {
            Json::Text(text) => Some(siyu_types::Value::Text(text.into_owned())),
            Json::Bool(flag) => Some(siyu_types::Value::Bool(flag)),
            other => siyu_types::Value::from_json(other.value()),
        }
    }
}

impl From<Value> for Json<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(flag),
            Value::Number(number) => Json::Number(number),
            Value::String(text) => Json::Text(text.into()),
            Value::Array(items) => Json::List(items.into_iter().map(Json::from).collect()),
            Value::Object(map) => Json::Object(Object::of(
                map.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            )),
        }
    }
}

/// The JSON text, as serde_json writes it.
impl std::fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.clone().value().fmt(f)
    }
}

impl<'a> Object<'a> {
    /// Of pairs as they stand in a text: of a repeated key the last one counts.
    pub fn of(mut pairs: Vec<(Cow<'a, str>, Json<'a>)>) -> Object<'a> {
        if !pairs.is_sorted_by(|a, b| a.0 < b.0) {
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            // The sort keeps the order of equal keys; the later one moves to the front.
            pairs.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
        }
        Object(pairs)
    }

    fn place(&self, name: &str) -> Option<usize> {
        if self.0.len() < SEARCHED_BY_HALVES {
            return self.0.iter().position(|(key, _)| key == name);
        }
        self.0.binary_search_by(|(key, _)| (**key).cmp(name)).ok()
    }

    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.place(name).map(|at| &self.0[at].1)
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Json<'a>> {
        self.place(name).map(|at| self.0.remove(at).1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// As properties or attributes; nulls are none.
    pub fn props(self) -> siyu_types::Props {
        let pairs = self.0.into_iter();
        pairs.filter_map(|(name, value)| Some((name.into_owned(), value.property()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_of_equal_keys_counts() {
        let pairs = [("b", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5)];
        let pairs = pairs.map(|(name, number)| (Cow::Borrowed(name), Json::from(json!(number)))).to_vec();
        assert_eq!(Json::Object(Object::of(pairs)).value(), json!({"a": 4, "b": 5}));
    }

    #[test]
    fn pointers_find_what_serde_json_finds() {
        let value = json!({"a": {"b/c": [1, {"~": 2}], "": 3}, "0": 4, "list": [5, 6]});
        let json = Json::from(value.clone());
        for pointer in [
            "",
            "/",
            "/a",
            "/a/b~1c/0",
            "/a/b~1c/1/~0",
            "/a/",
            "/0",
            "/list/1",
            "/list/01",
            "/list/+1",
            "/list/2",
            "a",
        ] {
            assert_eq!(
                json.pointer(pointer).cloned().map(Json::value),
                value.pointer(pointer).cloned(),
                "{pointer}"
            );
        }
    }

    proptest! {
        #[test]
        fn fields_are_found_and_taken_as_from_a_map(pairs in proptest::collection::vec(("[a-f]{1,2}", any::<i32>()), 0..60)) {
            let twin: serde_json::Map<_, _> = pairs.iter().map(|(name, number)| (name.clone(), json!(number))).collect();
            let mut object = Object::of(pairs.iter().map(|(name, number)| (name.as_str().into(), json!(number).into())).collect());
            prop_assert_eq!(Json::Object(object.clone()).value(), Value::Object(twin.clone()));
            let props: siyu_types::Props = object.clone().props();
            prop_assert_eq!(props, siyu_types::value::props_from_json(twin.clone()));
            for (name, _) in &pairs {
                prop_assert_eq!(object.get(name).cloned().map(Json::value), twin.get(name).cloned());
            }
            if let Some((name, _)) = pairs.first() {
                prop_assert_eq!(object.remove(name).map(Json::value), twin.get(name).cloned());
                prop_assert_eq!(object.get(name), None);
            }
        }
    }
}
