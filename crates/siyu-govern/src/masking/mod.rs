//! Personal values, masked for those who may not see them. The one place where
//! that happens: answers pass through `shown` on their way out. What is personal,
//! and for whom, stands in the caller's [`siyu_types::PersonalRules`].

mod look;
mod patterns;
#[cfg(test)]
mod tests;

pub use look::{looks_like, without_addresses, without_look_alikes};
pub use patterns::mask;

use siyu_types::identity::shown_hash;
use siyu_types::{Exposure, FieldKind, Identifier, PersonalClass, Value, Viewer};

/// What stands for a value that a role does not see at all.
pub const HIDDEN: &str = "******";

/// The value as this viewer may see it. A value of a field that is not personal is
/// masked too if it looks like one of a class the viewer does not see: a phone number
/// in a field for remarks is a phone number.
pub fn shown(viewer: &Viewer, kind: FieldKind, name: &str, value: &str) -> String {
    // Nobody sees more of a value that is kept as its hash: there is no more of it.
    if kind == FieldKind::Identifier
        && let Some(shown) = shown_hash(value)
    {
        return shown;
    }
    match viewer.personal.field(kind, name) {
        Some(field) => exposed(viewer.personal.exposure(viewer.role, field.class), field.class, value),
        // Somebody looked at it and decided.
        None if viewer.personal.declared(kind, name).is_some() => value.to_owned(),
        None => shown_by_look(viewer, value),
    }
}

/// Masks what looks personal in a value of which nothing else is known.
pub fn shown_by_look(viewer: &Viewer, value: &str) -> String {
    if viewer.sees_all() {
        return value.to_owned();
    }
    match looks_like(value) {
        Some(class) => shown_as(viewer, class, value),
        None => without_look_alikes(value, false, |class, word| shown_as(viewer, class, word)),
    }
}

/// A value of a class that is known from elsewhere, such as the column of a file.
pub fn shown_as(viewer: &Viewer, class: PersonalClass, value: &str) -> String {
    exposed(viewer.personal.exposure(viewer.role, class), class, value)
}

fn exposed(exposure: Exposure, class: PersonalClass, value: &str) -> String {
    match exposure {
        Exposure::Clear => value.to_owned(),
        Exposure::Masked => mask(class, value),
        Exposure::Hidden => HIDDEN.to_owned(),
    }
}

/// As [`shown`], for values of any kind: what is masked becomes text.
pub fn shown_value(viewer: &Viewer, kind: FieldKind, name: &str, value: Value) -> Value {
    if viewer.sees_all() {
        return value;
    }
    match value {
        Value::List(items) => Value::List(items.iter().map(|item| shown(viewer, kind, name, item)).collect()),
        Value::Bool(flag) => Value::Bool(flag),
        Value::Text(text) => Value::Text(shown(viewer, kind, name, &text)),
        Value::Number(_) => {
            let plain = value.display();
            let shown = shown(viewer, kind, name, &plain);
            if shown == plain { value } else { Value::Text(shown) }
        }
    }
}

pub fn shown_identifier(viewer: &Viewer, id: Identifier) -> Identifier {
    Identifier { value: shown(viewer, FieldKind::Identifier, &id.namespace, &id.value), ..id }
}
