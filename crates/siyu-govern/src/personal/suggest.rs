//! Fields that look personal by their values and are not known as such.

use siyu_types::ports::{Directory, KnownField};
use siyu_types::{PersonalClass, PersonalRules, ProjectId, Result};

use super::rules;

/// Fields looked at, and values of each.
const LOOKED_AT_MAX: usize = 500;
const SAMPLES: usize = 20;

/// A field that should be declared.
pub struct Suggestion {
    pub field: KnownField,
    pub class: PersonalClass,
    /// How many of the values looked at are like that, 0 to 1.
    pub share: f64,
}

/// Looks at values of fields of which nothing is known. Reads columns; may block.
pub fn suggestions(
    people: &dyn Directory,
    project: ProjectId,
    personal: &PersonalRules,
) -> Result<Vec<Suggestion>> {
    let open = |field: &KnownField| {
        personal.declared(field.kind, &field.name).is_none()
            && personal.field(field.kind, &field.name).is_none()
    };
    let mut found = Vec::new();
    for field in people.fields(project)?.into_iter().filter(open).take(LOOKED_AT_MAX) {
        let samples = people.samples(project, &field, SAMPLES)?;
        if let Some((class, share)) = rules::look_of(&samples) {
            found.push(Suggestion { field, class, share });
        }
    }
    Ok(found)
}
