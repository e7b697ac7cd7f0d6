//! Finding who asks by anything they may say of themselves: every kind of identifier,
//! present or former, personal attributes, and what they gave with an earlier request.
//! Only exact matches: nobody is found by guessing.

use siyu_analytics::{AttributeColumn, PersonColumns};
use siyu_types::{FieldKind, Identifier, PersonNo, Viewer};

use crate::identity::admit;
use crate::people::People;

/// People found at once; more than a few share only what says nothing.
const FOUND_MAX: usize = 20;

/// By what a person was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    pub person: PersonNo,
    pub by: By,
    /// The namespace or attribute.
    pub name: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    Identifier,
    /// An identifier of the past.
    Former,
    Attribute,
}

/// The forms in which a text may be stored: as typed, in small letters, and as each kind
/// of identifier is written.
pub(super) fn forms(people: &People, text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned(), text.to_lowercase()];
    for namespace in people.graph().namespaces() {
        let identifier = Identifier::new(&namespace, text);
        forms.extend(admit::admit(people.graph().rules(), &identifier).ok().map(|found| found.value));
        forms.extend(people.graph().admission().kept(&identifier).map(|kept| kept.value));
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Everybody this text is said of, each once, by the best match.
pub(super) fn find(people: &People, viewer: &Viewer, text: &str) -> Vec<Match> {
    let mut found: Vec<Match> = Vec::new();
    let mut add = |person: PersonNo, by: By, name: &str| {
        let known = found.iter().any(|known| known.person == person);
        if !known && people.exists(person) && found.len() < FOUND_MAX {
            found.push(Match { person, by, name: name.to_owned() });
        }
    };
    for namespace in people.graph().namespaces() {
        let person = people.lookup(&Identifier::new(&namespace, text));
        person.into_iter().for_each(|person| add(person, By::Identifier, &namespace));
    }
    let forms = forms(people, text);
    for (namespace, number) in people.graph().former_of(&forms) {
        add(people.person_of(PersonNo(number)), By::Former, &namespace);
    }
    for property in people.properties() {
        if viewer.personal.field(FieldKind::Attribute, &property.name).is_none() {
            continue;
        }
        let Some(column) = people.attribute(&property.name) else { continue };
        for person in holders(column, &forms) {
            add(PersonNo(person), By::Attribute, &property.name);
        }
    }
    found
}

/// Who has one of these values, up to as many as are shown.
fn holders(column: AttributeColumn<'_>, forms: &[String]) -> Vec<u32> {
    let numbered = |matches: &dyn Fn(usize) -> bool, count: usize| {
        (0..count).filter(|at| matches(*at)).take(FOUND_MAX).map(|at| at as u32).collect()
    };
    match column {
        AttributeColumn::Text { codes, dictionary } => {
            let wanted: Vec<u32> = (0u32..)
                .zip(dictionary)
                .filter(|(_, text)| forms.iter().any(|form| **form == ***text))
                .map(|(code, _)| code)
                .collect();
            if wanted.is_empty() {
                return Vec::new();
            }
            numbered(&|at| wanted.contains(&codes[at]), codes.len())
        }
        AttributeColumn::Number(values) => {
            let wanted: Vec<f64> = forms.iter().filter_map(|form| form.parse().ok()).collect();
            if wanted.is_empty() {
                return Vec::new();
            }
            numbered(&|at| wanted.contains(&values[at]), values.len())
        }
        AttributeColumn::Bool(_) | AttributeColumn::List { .. } => Vec::new(),
    }
}
