//! Questions about values that the asker sees masked. Counting how many people have a
//! phone number that begins so would show it digit by digit, so such questions are not
//! answered; whether there is a value may be asked.

use serde::Serialize;
use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::permission::Viewer;
use crate::personal::FieldKind;

/// Keys under which questions name a property of events: to reckon with, to link events by, to
/// split the nodes of paths by, to say what an event is worth.
const PROPERTY_KEYS: [&str; 4] = ["property", "link", "split", "worth"];
/// Tests that tell nothing of the value.
const HARMLESS: [&str; 2] = ["is_present", "is_missing"];

/// Passes if the asker sees every field in the clear whose values a condition, a
/// definition or an analysis compares or splits by, else `forbidden`. Works on the
/// serialised form, so that a new kind of question cannot be forgotten.
pub fn require_sight_of(viewer: &Viewer, question: &impl Serialize) -> Result<()> {
    if viewer.sees_all() {
        return Ok(());
    }
    walk(viewer, &serde_json::to_value(question).map_err(Error::internal)?)
}

fn walk(viewer: &Viewer, json: &Json) -> Result<()> {
    match json {
        Json::Array(items) => items.iter().try_for_each(|item| walk(viewer, item)),
        Json::Object(fields) => {
            let harmless = fields.get("test").and_then(|test| test["op"].as_str());
            if !harmless.is_some_and(|op| HARMLESS.contains(&op)) {
                for (kind, name) in named(fields) {
                    viewer.require_sight(kind, name)?;
                }
            }
            fields.values().try_for_each(|value| walk(viewer, value))
        }
        _ => Ok(()),
    }
}

/// `{"kind":"attribute","name":…}`, `{"kind":"property","name":…}` and `{"property":…}`.
fn named(fields: &serde_json::Map<String, Json>) -> impl Iterator<Item = (FieldKind, &str)> {
    let kind = fields.get("kind").and_then(Json::as_str).and_then(FieldKind::parse);
    let own = kind.zip(fields.get("name").and_then(Json::as_str));
    let properties = PROPERTY_KEYS.iter().filter_map(|key| fields.get(*key)?.as_str());
    own.into_iter().chain(properties.map(|name| (FieldKind::Property, name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ProjectId, Role};

    #[test]
    fn masked_values_are_not_asked_for() {
        let event = |filters: Json| json!({"kind": "event", "event": "buy", "filters": filters});
        for (question, passes) in [
            (json!({"kind": "attribute", "name": "city", "test": {"op": "is"}}), true),
            (
                json!({"kind": "attribute", "name": "phone", "test": {"op": "contains", "value": "138"}}),
                false,
            ),
            (json!({"kind": "attribute", "name": "phone", "test": {"op": "is_present"}}), true),
            (
                json!({"kind": "not", "of": {"kind": "attribute", "name": "phone", "test": {"op": "is"}}}),
                false,
            ),
            (event(json!([{"property": "colour", "test": {"op": "is"}}])), true),
            (event(json!([{"property": "receiver", "test": {"op": "is"}}])), false),
            (event(json!([{"property": "receiver", "test": {"op": "is_missing"}}])), true),
            (json!({"breakdown": {"kind": "property", "name": "mobile"}}), false),
            (json!({"measure": {"kind": "distinct", "property": "email"}}), false),
        ] {
            let viewer = |role| Viewer { role, ..Viewer::system(ProjectId(1)) };
            assert_eq!(require_sight_of(&viewer(Role::Analyst), &question).is_ok(), passes, "{question}");
            assert!(require_sight_of(&viewer(Role::Operator), &question).is_ok(), "{question}");
        }
    }
}
