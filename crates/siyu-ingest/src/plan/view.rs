//! What is declared beside what has arrived, as it is shown.

use std::collections::BTreeMap;

use serde::Serialize;
use siyu_http::At;
use utoipa::ToSchema;

use super::document::{PlanDocument, PlanProperty, PlanSubject, VERSION};
use super::model::{PlanStatus, PlanType, SubjectKind};
use super::rules::{standard_property, standard_subject};
use super::seen::{Drift, Seen, SeenProperty, SeenSubject};
use super::shape::Shape;

/// A subject in a list.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PlanSubjectItem {
    pub kind: SubjectKind,
    pub name: String,
    pub status: PlanStatus,
    pub display_zh: String,
    pub display_en: String,
    pub description: String,
    pub owner: String,
    pub category: String,
    /// Accepted in strict mode without being declared.
    pub standard: bool,
    /// Stands for several names with made-up parts.
    pub pattern: bool,
    /// Records that arrived.
    pub count: u64,
    /// Times of receipt; null if none arrived.
    pub first_seen: Option<At>,
    pub last_seen: Option<At>,
    /// Properties, declared or seen.
    pub properties: u64,
    /// Of these, with values of another type.
    pub drifting: u64,
    /// Values of properties beyond the limit.
    pub overflow: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PlanPropertyItem {
    pub name: String,
    pub status: PlanStatus,
    pub display_zh: String,
    pub display_en: String,
    pub description: String,
    /// Declared, or else what the first value was.
    pub value_type: Option<PlanType>,
    /// The type is only what the first value was.
    pub inferred: bool,
    pub unit: String,
    pub required: bool,
    pub standard: bool,
    pub pattern: bool,
    pub count: u64,
    pub first_seen: Option<At>,
    pub last_seen: Option<At>,
    /// How often values looked like what.
    pub shapes: Vec<PlanShapeCount>,
    /// Values that are not of the type.
    pub drifting: u64,
    pub drift: Vec<PlanDrift>,
    /// A property whose name differs only in case.
    pub variant_of: Option<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PlanShapeCount {
    pub shape: Shape,
    pub count: u64,
}

/// Values of another type from one source and program.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PlanDrift {
    pub shape: Shape,
    pub source: String,
    /// Empty where records do not say.
    pub library: String,
    pub count: u64,
    pub first_seen: At,
    pub last_seen: At,
    /// What one looked like, letters and digits replaced.
    pub example: String,
}

/// A subject with its properties.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PlanSubjectDetail {
    #[serde(flatten)]
    pub subject: PlanSubjectItem,
    pub items: Vec<PlanPropertyItem>,
}

/// All subjects, declared or seen, by kind and name.
pub fn subjects(document: &PlanDocument, seen: &Seen) -> Vec<PlanSubjectItem> {
    type Pair<'a> = (Option<&'a PlanSubject>, Option<&'a SeenSubject>);
    let mut all: BTreeMap<(SubjectKind, &str), Pair<'_>> = BTreeMap::new();
    for subject in &document.subjects {
        all.entry((subject.kind, &subject.name)).or_default().0 = Some(subject);
    }
    for subject in &seen.subjects {
        all.entry((subject.kind, &subject.name)).or_default().1 = Some(subject);
    }
    all.into_iter().map(|((kind, name), (declared, seen))| item(kind, name, declared, seen)).collect()
}

/// One subject; `None` if it is neither declared nor seen.
pub fn detail(
    document: &PlanDocument,
    seen: &Seen,
    kind: SubjectKind,
    name: &str,
) -> Option<PlanSubjectDetail> {
    let (declared, seen) = (document.get(kind, name), seen.get(kind, name));
    if declared.is_none() && seen.is_none() {
        return None;
    }
    let mut all: BTreeMap<&str, (Option<&PlanProperty>, Option<&SeenProperty>)> = BTreeMap::new();
    for property in declared.into_iter().flat_map(|subject| &subject.properties) {
        all.entry(&property.name).or_default().0 = Some(property);
    }
    for property in seen.into_iter().flat_map(|subject| &subject.properties) {
        all.entry(&property.name).or_default().1 = Some(property);
    }
    let items = all.into_iter().map(|(name, (declared, seen))| property(name, declared, seen)).collect();
    Some(PlanSubjectDetail { subject: item(kind, name, declared, seen), items })
}

fn item(
    kind: SubjectKind,
    name: &str,
    declared: Option<&PlanSubject>,
    seen: Option<&SeenSubject>,
) -> PlanSubjectItem {
    let text = |get: fn(&PlanSubject) -> &String| declared.map(get).cloned().unwrap_or_default();
    let properties = || seen.into_iter().flat_map(|seen| &seen.properties);
    let unseen = declared.into_iter().flat_map(|declared| &declared.properties).filter(|property| {
        let names = |seen: &SeenSubject| {
            seen.properties.binary_search_by(|one| (*one.name).cmp(&property.name)).is_err()
        };
        seen.is_none_or(names)
    });
    PlanSubjectItem {
        kind,
        name: name.to_owned(),
        status: declared.map(|declared| declared.status).unwrap_or_default(),
        display_zh: text(|declared| &declared.display_zh),
        display_en: text(|declared| &declared.display_en),
        description: text(|declared| &declared.description),
        owner: text(|declared| &declared.owner),
        category: text(|declared| &declared.category),
        standard: standard_subject(kind, name),
        pattern: seen.is_some_and(|seen| seen.pattern),
        count: seen.map_or(0, |seen| seen.count),
        first_seen: seen.map(|seen| At(seen.first)),
        last_seen: seen.map(|seen| At(seen.last)),
        properties: (properties().count() + unseen.count()) as u64,
        drifting: properties().filter(|property| property.drifting() > 0).count() as u64,
        overflow: seen.map_or(0, |seen| seen.overflow),
    }
}

fn property(name: &str, declared: Option<&PlanProperty>, seen: Option<&SeenProperty>) -> PlanPropertyItem {
    let text = |get: fn(&PlanProperty) -> &String| declared.map(get).cloned().unwrap_or_default();
    let said = declared.and_then(|declared| declared.value_type);
    let counts = seen.into_iter().flat_map(|seen| Shape::ALL.into_iter().zip(seen.shapes));
    let shapes = counts.filter(|(_, count)| *count > 0);
    PlanPropertyItem {
        name: name.to_owned(),
        status: declared.map(|declared| declared.status).unwrap_or_default(),
        display_zh: text(|declared| &declared.display_zh),
        display_en: text(|declared| &declared.display_en),
        description: text(|declared| &declared.description),
        value_type: said.or_else(|| seen.and_then(|seen| seen.expected)),
        inferred: said.is_none(),
        unit: text(|declared| &declared.unit),
        required: declared.is_some_and(|declared| declared.required),
        standard: standard_property(name),
        pattern: seen.is_some_and(|seen| seen.pattern),
        count: seen.map_or(0, |seen| seen.count),
        first_seen: seen.map(|seen| At(seen.first)),
        last_seen: seen.map(|seen| At(seen.last)),
        shapes: shapes.map(|(shape, count)| PlanShapeCount { shape, count }).collect(),
        drifting: seen.map_or(0, SeenProperty::drifting),
        drift: seen.into_iter().flat_map(|seen| &seen.drift).map(drift).collect(),
        variant_of: seen.and_then(|seen| seen.variant_of.as_deref()).map(str::to_owned),
    }
}

fn drift(drift: &Drift) -> PlanDrift {
    PlanDrift {
        shape: drift.shape,
        source: drift.source.clone(),
        library: drift.library.clone(),
        count: drift.count,
        first_seen: At(drift.first),
        last_seen: At(drift.last),
        example: drift.example.clone(),
    }
}

/// A document that declares what was seen and is not declared yet: of one subject,
/// or of all. Names with made-up parts are left out: nobody means them.
pub fn undeclared(document: &PlanDocument, seen: &Seen, only: Option<(SubjectKind, &str)>) -> PlanDocument {
    let wanted = |subject: &&SeenSubject| {
        !subject.pattern && only.is_none_or(|(kind, name)| subject.kind == kind && subject.name == name)
    };
    let subjects = seen.subjects.iter().filter(wanted).filter_map(|subject| {
        let known = document.get(subject.kind, &subject.name);
        let mut declared = known.cloned().unwrap_or_else(|| PlanSubject {
            kind: subject.kind,
            name: subject.name.clone(),
            ..PlanSubject::default()
        });
        let before = declared.clone();
        if declared.status == PlanStatus::Learned {
            declared.status = PlanStatus::Verified;
        }
        let properties = std::mem::take(&mut declared.properties);
        declared.properties = subject
            .properties
            .iter()
            .filter(|property| !property.pattern && !standard_property(&property.name))
            .filter_map(|property| {
                let known = properties.iter().find(|known| *known.name == *property.name);
                let mut declared = known.cloned().unwrap_or_default();
                if declared.status != PlanStatus::Learned {
                    return None;
                }
                declared.name = property.name.to_string();
                declared.status = PlanStatus::Verified;
                // A drifting type is for somebody to decide on.
                if declared.value_type.is_none() && property.drifting() == 0 {
                    declared.value_type = property.expected;
                }
                Some(declared)
            })
            .collect();
        let news = declared.status != before.status || !declared.properties.is_empty();
        news.then_some(declared)
    });
    PlanDocument { version: VERSION, subjects: subjects.collect() }
}
