//! What the plan says about a record. Pure: the policy in force and the record
//! decide alone, so a replay of the log decides the same.

use rustc_hash::FxHashMap;
use siyu_types::record::{Body, ItemChange, ProfileChange, names};
use siyu_types::{Props, Record};

use super::entry::Why;
use super::model::{
    PlanMode, PlanReason, PlanStatus, PlanType, Policy, PolicyProperty, PolicySubject, SubjectKind,
};

/// Events and properties that siyu, its clients and its decoders give their meaning to.
const STANDARD_EVENTS: &[&str] = &[
    names::PAGE_VIEW,
    names::ORDER_PAID,
    names::ORDER_LINE,
    names::ORDER_REFUNDED,
    names::MESSAGE_SENT,
    names::MESSAGE_DELIVERED,
    names::MESSAGE_OPENED,
    names::MESSAGE_CLICKED,
    names::MESSAGE_BOUNCED,
    names::MESSAGE_FAILED,
    names::MESSAGE_UNKNOWN,
    names::MESSAGE_UNSUBSCRIBED,
    names::MESSAGE_SUPPRESSED,
    names::MESSAGE_WITHHELD,
];
const STANDARD_PROPERTIES: &[&str] = &[
    "amount_minor",
    "item_id",
    "order_id",
    "path",
    "quantity",
    "referrer",
    "sdk",
    "sdk_version",
    "title",
    "url",
];
/// Given by Sensors' clients, and taken from Segment's context, without anybody declaring them.
const STANDARD_PREFIXES: &[&str] = &["$", "utm_", "page_"];
const STRONG_PREFIX: &str = "$";

/// Why a record cannot be stored as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    pub reason: PlanReason,
    /// The property it is about; empty if it is the event.
    pub field: String,
}

impl From<Refused> for Why {
    fn from(refused: Refused) -> Why {
        Why { reason: refused.reason.into(), field: refused.field, message: String::new() }
    }
}

/// A policy made ready for looking up.
#[derive(Default)]
pub struct Rules {
    mode: PlanMode,
    events: FxHashMap<Box<str>, Rule>,
    people: Rule,
    items: FxHashMap<Box<str>, Rule>,
    /// Nothing can be set aside.
    quiet: bool,
}

#[derive(Default)]
pub struct Rule {
    status: PlanStatus,
    properties: FxHashMap<Box<str>, PolicyProperty>,
    required: Vec<Box<str>>,
}

impl Rule {
    fn new(subject: &PolicySubject) -> Rule {
        let required = subject.properties.iter().filter(|property| property.required);
        Rule {
            status: subject.status,
            required: required.map(|property| property.name.as_str().into()).collect(),
            properties: subject
                .properties
                .iter()
                .map(|property| (property.name.as_str().into(), property.clone()))
                .collect(),
        }
    }

    /// The first value that has no exact reading in its declared type.
    fn mistyped(&self, props: &Props) -> Option<Refused> {
        let (name, _) = props.iter().find(|(name, value)| {
            self.value_type(name).is_some_and(|value_type| value_type.cast(value).is_none())
        })?;
        Some(Refused { reason: PlanReason::TypeMismatch, field: name.clone() })
    }

    /// The type that was declared for a property.
    pub fn value_type(&self, name: &str) -> Option<PlanType> {
        self.properties.get(name).and_then(|property| property.value_type)
    }
}

/// Whether a subject needs no declaration.
pub fn standard_subject(kind: SubjectKind, name: &str) -> bool {
    match kind {
        SubjectKind::Event => name.starts_with(STRONG_PREFIX) || STANDARD_EVENTS.contains(&name),
        SubjectKind::People => true,
        SubjectKind::Item => false,
    }
}

/// Whether a property needs no declaration.
pub fn standard_property(name: &str) -> bool {
    STANDARD_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || STANDARD_PROPERTIES.contains(&name)
}

/// What a record is about: the subject and the properties it sets.
pub fn subject(body: &Body) -> Option<(SubjectKind, &str, Option<&Props>)> {
    match body {
        Body::Event { name, props } => Some((SubjectKind::Event, name, Some(props))),
        Body::Profile { change } => Some((SubjectKind::People, "", profile_props(change))),
        Body::Item { item_type, change, .. } => {
            let props = match change {
                ItemChange::Set(props) => Some(props),
                ItemChange::Unset(_) | ItemChange::Tag { .. } | ItemChange::Delete => None,
            };
            Some((SubjectKind::Item, item_type, props))
        }
        Body::Link
        | Body::Unlink
        | Body::Identity(_)
        | Body::Correction(_)
        | Body::Erasure(_)
        | Body::Relation(_) => None,
    }
}

fn profile_props(change: &ProfileChange) -> Option<&Props> {
    match change {
        ProfileChange::Set(props)
        | ProfileChange::SetOnce(props)
        | ProfileChange::Increment(props)
        | ProfileChange::Append(props) => Some(props),
        ProfileChange::Unset(_) | ProfileChange::Delete => None,
    }
}

pub fn props_mut(body: &mut Body) -> Option<&mut Props> {
    match body {
        Body::Event { props, .. } | Body::Item { change: ItemChange::Set(props), .. } => Some(props),
        Body::Profile { change } => match change {
            ProfileChange::Set(props)
            | ProfileChange::SetOnce(props)
            | ProfileChange::Increment(props)
            | ProfileChange::Append(props) => Some(props),
            ProfileChange::Unset(_) | ProfileChange::Delete => None,
        },
        Body::Item { .. }
        | Body::Link
        | Body::Unlink
        | Body::Identity(_)
        | Body::Correction(_)
        | Body::Erasure(_)
        | Body::Relation(_) => None,
    }
}

/// The values of an increment or append say nothing about the attribute's type.
fn typed(body: &Body) -> bool {
    let change = match body {
        Body::Profile { change } => change,
        _ => return true,
    };
    matches!(change, ProfileChange::Set(_) | ProfileChange::SetOnce(_))
}

impl Rules {
    pub fn new(policy: &Policy) -> Rules {
        let mut rules = Rules { mode: policy.mode, ..Rules::default() };
        for subject in &policy.subjects {
            let rule = Rule::new(subject);
            match subject.kind {
                SubjectKind::Event => drop(rules.events.insert(subject.name.as_str().into(), rule)),
                SubjectKind::People => rules.people = rule,
                SubjectKind::Item => drop(rules.items.insert(subject.name.as_str().into(), rule)),
            }
        }
        let blocks = |rule: &Rule| {
            rule.status == PlanStatus::Blocked
                || rule.properties.values().any(|property| property.status == PlanStatus::Blocked)
        };
        let blocked = rules.events.values().chain(rules.items.values()).any(blocks) || blocks(&rules.people);
        rules.quiet = policy.mode == PlanMode::Lenient && !blocked;
        rules
    }

    /// Nothing that arrives can be set aside.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    pub fn rule(&self, kind: SubjectKind, name: &str) -> Option<&Rule> {
        match kind {
            SubjectKind::Event => self.events.get(name),
            SubjectKind::People => Some(&self.people),
            SubjectKind::Item => self.items.get(name),
        }
    }

    /// Why a record is to be set aside whole, if it is.
    pub fn check(&self, record: &Record) -> Option<Refused> {
        let (kind, name, props) = subject(&record.body)?;
        let rule = self.rule(kind, name);
        let status = rule.map_or(PlanStatus::Learned, |rule| rule.status);
        let refused = |reason, field: &str| Some(Refused { reason, field: field.to_owned() });
        if status == PlanStatus::Blocked {
            return refused(PlanReason::EventBlocked, "");
        }
        if self.mode == PlanMode::Lenient {
            return None;
        }
        if !status.declared() && !standard_subject(kind, name) {
            return refused(PlanReason::EventUndeclared, "");
        }
        let (rule, props) = (rule?, props?);
        if kind == SubjectKind::Event
            && let Some(missing) = rule.required.iter().find(|name| !props.contains_key(&***name))
        {
            return refused(PlanReason::PropertyMissing, missing);
        }
        if typed(&record.body) { rule.mistyped(props) } else { None }
    }

    /// Why keys that were taken out cannot be put back; reads their values in the
    /// declared types otherwise.
    pub fn check_keys(&self, record: &mut Record) -> Option<Refused> {
        let (kind, name, props) = subject(&record.body)?;
        if self.mode == PlanMode::Strict
            && typed(&record.body)
            && let Some(wrong) = self.rule(kind, name).and_then(|rule| rule.mistyped(props?))
        {
            return Some(wrong);
        }
        // On a copy, since the record is kept whole if it stays.
        let mut trial = record.clone();
        if let Some((reason, taken)) = self.strip(&mut trial) {
            let field = taken.keys().cloned().collect::<Vec<_>>().join(", ");
            return Some(Refused { reason, field });
        }
        *record = trial;
        None
    }

    /// Takes out the keys that may not be stored and reads castable values in the
    /// declared type. Answers what was taken out, with the reason.
    pub fn strip(&self, record: &mut Record) -> Option<(PlanReason, Props)> {
        let (kind, name, props) = subject(&record.body)?;
        let rule = self.rule(kind, name);
        let refused: Vec<(String, PlanReason)> =
            props?.keys().filter_map(|key| Some((key.clone(), self.key(rule, key)?))).collect();
        let cast = typed(&record.body) && self.mode == PlanMode::Strict;
        let props = props_mut(&mut record.body)?;
        if cast && let Some(rule) = rule {
            for (name, value) in props.iter_mut() {
                if let Some(same) = rule.value_type(name).and_then(|value_type| value_type.cast(value)) {
                    *value = same;
                }
            }
        }
        let reason = refused.iter().map(|(_, reason)| *reason).min()?;
        let taken = refused.into_iter().filter_map(|(key, _)| props.remove_entry(&key));
        Some((reason, taken.collect()))
    }

    /// Why a key may not be stored.
    fn key(&self, rule: Option<&Rule>, key: &str) -> Option<PlanReason> {
        let status = rule.and_then(|rule| rule.properties.get(key)).map(|property| property.status);
        match status {
            Some(PlanStatus::Blocked) => Some(PlanReason::KeyBlocked),
            Some(status) if status.declared() => None,
            _ if self.mode == PlanMode::Lenient || standard_property(key) => None,
            _ => Some(PlanReason::KeyUndeclared),
        }
    }
}
