//! The plan as people write it down: to edit, export and import.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use siyu_types::{Error, ErrorCode, Result};
use utoipa::ToSchema;

use super::model::{PlanMode, PlanStatus, PlanType, Policy, PolicyProperty, PolicySubject, SubjectKind};
use super::seen::SUBJECTS_MAX;
use crate::protocols::NAME_CHARS_MAX;

/// Written into exported documents.
pub const VERSION: u32 = 1;
/// Declared of one project: the policy must fit a frame of the log.
pub const DECLARED_MAX: usize = 50_000;
const TEXT_CHARS_MAX: usize = 1_000;

/// A plan, entire.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanDocument {
    pub version: u32,
    pub subjects: Vec<PlanSubject>,
}

/// An event, the attributes of people, or a type of items.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanSubject {
    pub kind: SubjectKind,
    /// Empty for people.
    pub name: String,
    pub status: PlanStatus,
    #[serde(default)]
    pub display_zh: String,
    #[serde(default)]
    pub display_en: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub properties: Vec<PlanProperty>,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanProperty {
    pub name: String,
    pub status: PlanStatus,
    #[serde(default)]
    pub display_zh: String,
    #[serde(default)]
    pub display_en: String,
    #[serde(default)]
    pub description: String,
    /// Absent: any type will do.
    #[serde(default)]
    pub value_type: Option<PlanType>,
    #[serde(default)]
    pub unit: String,
    /// Only of events.
    #[serde(default)]
    pub required: bool,
}

impl PlanSubject {
    pub fn check(&self) -> Result<()> {
        match (self.kind, self.name.is_empty()) {
            (SubjectKind::People, false) => {
                return Err(Error::invalid("name", "the attributes of people have no name"));
            }
            (SubjectKind::Event | SubjectKind::Item, true) => {
                return Err(Error::invalid("name", "is missing"));
            }
            _ => {}
        }
        name_fits(&self.name)?;
        let texts = [
            ("display_zh", &self.display_zh),
            ("display_en", &self.display_en),
            ("description", &self.description),
            ("owner", &self.owner),
            ("category", &self.category),
        ];
        texts.iter().try_for_each(|(field, text)| text_fits(field, text))?;
        let mut names = BTreeSet::new();
        for property in &self.properties {
            property.check(self.kind)?;
            if !names.insert(&property.name) {
                return Err(Error::invalid("properties", "a property stands there twice")
                    .with("name", property.name.clone()));
            }
        }
        Ok(())
    }
}

impl PlanProperty {
    pub fn check(&self, kind: SubjectKind) -> Result<()> {
        if self.name.is_empty() {
            return Err(Error::invalid("name", "is missing"));
        }
        name_fits(&self.name)?;
        if self.required && kind != SubjectKind::Event {
            return Err(Error::invalid("required", "only properties of events can be required"));
        }
        let texts = [
            ("display_zh", &self.display_zh),
            ("display_en", &self.display_en),
            ("description", &self.description),
            ("unit", &self.unit),
        ];
        texts.iter().try_for_each(|(field, text)| text_fits(field, text))
    }
}

fn name_fits(name: &str) -> Result<()> {
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(Error::invalid("name", format!("is longer than {NAME_CHARS_MAX} letters")));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "holds a control character"));
    }
    Ok(())
}

fn text_fits(field: &str, text: &str) -> Result<()> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Error::invalid(field, format!("is longer than {TEXT_CHARS_MAX} letters")));
    }
    Ok(())
}

impl PlanDocument {
    pub fn check(&self) -> Result<()> {
        if self.version != VERSION {
            return Err(Error::invalid("version", format!("this program reads version {VERSION}")));
        }
        let mut keys = BTreeSet::new();
        for (at, subject) in self.subjects.iter().enumerate() {
            subject.check().map_err(|error| {
                let field = error.field.clone().unwrap_or_default();
                error.at(format!("subjects[{at}].{field}"))
            })?;
            if !keys.insert((subject.kind, &subject.name)) {
                return Err(Error::invalid(format!("subjects[{at}].name"), "stands there twice"));
            }
        }
        self.fits()
    }

    /// Whether the pipeline can hold it.
    fn fits(&self) -> Result<()> {
        self.fits_with(&PlanDocument { version: VERSION, subjects: Vec::new() })
    }

    /// Whether the pipeline can hold it and what another one adds.
    pub fn fits_with(&self, news: &PlanDocument) -> Result<()> {
        let all = || self.subjects.iter().chain(&news.subjects);
        let subjects: BTreeSet<_> = all().map(|subject| (subject.kind, &subject.name)).collect();
        let properties: BTreeSet<_> = all()
            .flat_map(|subject| {
                let properties = subject.properties.iter();
                properties.map(move |property| (subject.kind, &subject.name, &property.name))
            })
            .collect();
        if subjects.len() > SUBJECTS_MAX || properties.len() > DECLARED_MAX {
            return Err(Error::new(ErrorCode::TooLarge, "the plan holds too many names")
                .at("subjects")
                .with("subjects_max", SUBJECTS_MAX.to_string())
                .with("properties_max", DECLARED_MAX.to_string()));
        }
        Ok(())
    }

    /// The part that decides.
    pub fn policy(&self, revision: u64, mode: PlanMode) -> Policy {
        let property = |property: &PlanProperty| PolicyProperty {
            name: property.name.clone(),
            status: property.status,
            value_type: property.value_type,
            required: property.required,
        };
        let subjects = self.subjects.iter().map(|subject| PolicySubject {
            kind: subject.kind,
            name: subject.name.clone(),
            status: subject.status,
            properties: subject.properties.iter().map(property).collect(),
        });
        Policy { revision, mode, subjects: subjects.collect() }
    }

    pub fn get(&self, kind: SubjectKind, name: &str) -> Option<&PlanSubject> {
        self.subjects.iter().find(|subject| subject.kind == kind && subject.name == name)
    }
}

/// What an import would change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanDifference {
    Added,
    Changed,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PlanChange {
    pub kind: SubjectKind,
    pub subject: String,
    /// Absent: the subject itself.
    pub property: Option<String>,
    pub difference: PlanDifference,
    /// The fields that differ.
    pub fields: Vec<String>,
}

/// What the new document adds to and changes in the old one. What it does not name stays.
pub fn difference(old: &PlanDocument, new: &PlanDocument) -> Result<Vec<PlanChange>> {
    let known: BTreeMap<_, _> =
        old.subjects.iter().map(|subject| ((subject.kind, subject.name.as_str()), subject)).collect();
    let mut changes = Vec::new();
    for subject in &new.subjects {
        let before = known.get(&(subject.kind, subject.name.as_str()));
        let bare = |subject: &PlanSubject| PlanSubject { properties: Vec::new(), ..subject.clone() };
        let mut note = |property: Option<&str>, known: bool, fields: Vec<String>| {
            if known && fields.is_empty() {
                return;
            }
            changes.push(PlanChange {
                kind: subject.kind,
                subject: subject.name.clone(),
                property: property.map(str::to_owned),
                difference: if known { PlanDifference::Changed } else { PlanDifference::Added },
                fields,
            });
        };
        let fields = before.map_or(Ok(Vec::new()), |before| fields(&bare(before), &bare(subject)))?;
        note(None, before.is_some(), fields);
        for property in &subject.properties {
            let mut properties = before.into_iter().flat_map(|before| &before.properties);
            let before = properties.find(|known| known.name == property.name);
            let fields = before.map_or(Ok(Vec::new()), |before| self::fields(before, property))?;
            note(Some(&property.name), before.is_some(), fields);
        }
    }
    Ok(changes)
}

/// The fields in which two of a kind differ.
fn fields<T: Serialize>(old: &T, new: &T) -> Result<Vec<String>> {
    let json = |value: &T| serde_json::to_value(value).map_err(Error::internal);
    let (old, new) = (json(old)?, json(new)?);
    let names = new.as_object().into_iter().flatten().map(|(name, _)| name);
    Ok(names.filter(|name| old[name.as_str()] != new[name.as_str()]).cloned().collect())
}
