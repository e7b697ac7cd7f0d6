//! The identity rules a project starts with, and which ones can be: pure.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use siyu_types::identity::{Class, IdentityRules, Namespace, Normaliser};
use siyu_types::{Error, ErrorCode, Result};

/// Declared namespaces per project.
pub const NAMESPACES_MAX: usize = 40;
/// Blocked values per namespace.
pub const BLOCKED_MAX: usize = 1_000;
/// Identifiers a person may be allowed to have.
const IDENTIFIERS_MAX: u16 = 5_000;
const NAME_BYTES_MAX: usize = 40;

/// What applies until a project declares its own (reference/01 §3.6 rule 2).
pub static DEFAULT: LazyLock<IdentityRules> = LazyLock::new(default);

fn default() -> IdentityRules {
    let plain = |name: &str, class: Class, per_person: u16| Namespace {
        name: name.to_owned(),
        class,
        scoped: false,
        enabled: true,
        normaliser: Normaliser::Text,
        per_person,
        per_person_days: 0,
        replaces: false,
        people_max: 0,
        people_days: 0,
        parent: None,
        blocked: Vec::new(),
        hash_at_rest: false,
    };
    let scoped = |name: &str, parent: Option<&str>| Namespace {
        scoped: true,
        parent: parent.map(str::to_owned),
        ..plain(name, Class::Ecosystem, 1)
    };
    // Three people in a month are a family; more is a counter, a kiosk or an emulator.
    let device = |name: &str, per_person: u16| Namespace {
        per_person_days: 90,
        people_max: 3,
        people_days: 30,
        ..plain(name, Class::Device, per_person)
    };
    IdentityRules {
        namespaces: vec![
            plain("login", Class::Strong, 1),
            plain("member_no", Class::Strong, 1),
            // A number typed by staff for many customers is seen with many people.
            Namespace {
                normaliser: Normaliser::Phone,
                replaces: true,
                people_max: 5,
                people_days: 365,
                ..plain("phone", Class::Strong, 1)
            },
            scoped("unionid", None),
            scoped("external_userid", None),
            scoped("openid", Some("unionid")),
            Namespace { normaliser: Normaliser::Email, ..plain("email", Class::Weak, 5) },
            device("device", 20),
            device("ad_id", 10),
        ],
        identifiers_max: 200,
        hash_key: None,
    }
}

/// Refuses rules that contradict themselves.
pub fn validate(rules: &IdentityRules) -> Result<()> {
    let count = rules.namespaces.len();
    if count == 0 || count > NAMESPACES_MAX {
        return Err(Error::invalid("namespaces", format!("needs 1 to {NAMESPACES_MAX} namespaces")));
    }
    if rules.identifiers_max < 2 || rules.identifiers_max > IDENTIFIERS_MAX {
        return Err(Error::invalid("identifiers_max", format!("between 2 and {IDENTIFIERS_MAX}")));
    }
    if rules.keeps_hashes() && rules.hash_key.is_none() {
        return Err(Error::invalid("hash_key", "nothing says which key hashes"));
    }
    let mut names = BTreeSet::new();
    for (index, namespace) in rules.namespaces.iter().enumerate() {
        check(namespace).map_err(|(field, text)| Error::invalid(at(index, field), text))?;
        if !names.insert(namespace.name.as_str()) {
            return Err(Error::invalid(at(index, "name"), "stands there twice"));
        }
    }
    for (index, namespace) in rules.namespaces.iter().enumerate() {
        if let Some(parent) = &namespace.parent
            && (parent == &namespace.name || !names.contains(parent.as_str()))
        {
            return Err(Error::invalid(at(index, "parent"), "is not another declared namespace"));
        }
    }
    Ok(())
}

/// Refuses what would ask for values that are gone: a kind that is kept as hashes stays so,
/// with the form that was hashed, by the key it was hashed with.
pub fn keeps(old: &IdentityRules, new: &IdentityRules) -> Result<()> {
    let gone = |kind: &str, message: &str| {
        Err(Error::new(ErrorCode::HashIsFinal, message.to_owned()).at("namespaces").with("kind", kind))
    };
    for before in old.namespaces.iter().filter(|kind| kind.hash_at_rest) {
        let kind = before.name.as_str();
        match new.namespaces.iter().find(|after| after.name == kind) {
            None => return gone(kind, "its values are hashes; switch the kind off instead"),
            Some(after) if !after.hash_at_rest => return gone(kind, "its values are gone"),
            Some(after) if after.normaliser != before.normaliser || after.scoped != before.scoped => {
                return gone(kind, "what was hashed cannot be brought into another form");
            }
            Some(_) => {}
        }
    }
    match &old.hash_key {
        Some(key) if new.hash_key.as_ref() != Some(key) => gone(key, "hashes stay with their key"),
        _ => Ok(()),
    }
}

fn at(index: usize, field: &str) -> String {
    format!("namespaces.{index}.{field}")
}

fn check(namespace: &Namespace) -> Result<(), (&'static str, String)> {
    let name = &namespace.name;
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !letters {
        let text = format!("needs 1 to {NAME_BYTES_MAX} lower case letters, digits or underscores");
        return Err(("name", text));
    }
    if namespace.per_person == 0 {
        return Err(("per_person", "at least 1".to_owned()));
    }
    if namespace.per_person == 1 && namespace.per_person_days > 0 {
        return Err(("per_person_days", "one value only has no span: use `replaces`".to_owned()));
    }
    if namespace.replaces && (namespace.per_person != 1 || namespace.class == Class::Device) {
        return Err(("replaces", "only where one person has one value, and not for devices".to_owned()));
    }
    if namespace.blocked.len() > BLOCKED_MAX {
        return Err(("blocked", format!("at most {BLOCKED_MAX} values")));
    }
    Ok(())
}
