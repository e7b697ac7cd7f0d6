//! How identifiers are told apart and linked: the rules a project declares, and the
//! decisions of people about who is one person. Both travel in records through the
//! log, so that a replay makes the same people (reference/01 §3.6).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::Identifier;

/// How much an identifier says about who somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// One living person, by the brand's own books: log-in, member number, phone.
    Strong,
    /// Usually one person, but shared and changed often enough to be careful.
    Weak,
    /// Given by a platform to one person within a scope: an openid within its appid,
    /// a unionid within its open-platform account, an external_userid within its corp.
    Ecosystem,
    /// A browser, phone or tablet.
    Device,
}

/// How values are brought into one form before they are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normaliser {
    /// As it is, without blanks at the ends.
    Text,
    /// Full-width forms to ASCII, then lower case.
    Lower,
    /// E.164; numbers without a country are Chinese.
    Phone,
    /// Lower case, and of the form of an address.
    Email,
}

/// A declared kind of identifier.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// Lower case letters, digits and underscores, such as `member_no`. A record names
    /// it alone or, if it is `scoped`, with the scope behind a colon: `openid:wx12ab`.
    pub name: String,
    pub class: Class,
    /// Whether values are unique only within a scope (appid, corp, account).
    #[serde(default)]
    pub scoped: bool,
    /// Identifiers of a namespace that is switched off are set aside as undeclared.
    #[serde(default = "yes")]
    pub enabled: bool,
    pub normaliser: Normaliser,
    /// Values one person may have (per scope).
    pub per_person: u16,
    /// Only values seen within so many days count against `per_person`; 0 counts all.
    #[serde(default)]
    pub per_person_days: u16,
    /// A new value on strong evidence takes the place of the old one, which stays in
    /// the person's past and links nothing any more. Needs `per_person` 1.
    #[serde(default)]
    pub replaces: bool,
    /// Different people one value may be seen with before it counts as shared and
    /// stops linking; 0 is no limit.
    #[serde(default)]
    pub people_max: u16,
    /// The span in which those people are counted, in days; 0 is all time.
    #[serde(default)]
    pub people_days: u16,
    /// The namespace whose removal takes this one along.
    #[serde(default)]
    pub parent: Option<String>,
    /// Values nobody may have, besides the usual placeholders; compared without case.
    #[serde(default)]
    pub blocked: Vec<String>,
    /// Values are kept as keyed hashes only. Cannot be taken back: the values are gone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hash_at_rest: bool,
}

fn yes() -> bool {
    true
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// The identity rules of a project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityRules {
    /// In order of priority: the most trusted first names the person.
    pub namespaces: Vec<Namespace>,
    /// Identifiers one person may have before growing stops by itself.
    pub identifiers_max: u16,
    /// Which key of the installation hashes values of the kinds that are kept as hashes. Set
    /// by siyu when the first of them is, and the same from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash_key: Option<String>,
}

impl IdentityRules {
    /// Kinds whose values are kept as hashes only.
    pub fn hashed_kinds(&self) -> impl Iterator<Item = &str> {
        self.namespaces.iter().filter(|kind| kind.hash_at_rest).map(|kind| kind.name.as_str())
    }

    pub fn keeps_hashes(&self) -> bool {
        self.namespaces.iter().any(|kind| kind.hash_at_rest)
    }

    /// The same rules for values that are kept as they are, for trials that keep nothing.
    #[must_use]
    pub fn in_the_clear(&self) -> IdentityRules {
        let mut rules = self.clone();
        rules.namespaces.iter_mut().for_each(|kind| kind.hash_at_rest = false);
        rules.hash_key = None;
        rules
    }
}

/// How the hash that stands for a value begins.
pub const HASHED: &str = "hashed:";
/// Hexadecimal digits of the hash.
pub const HASH_DIGITS: usize = 32;
/// Of them, those that are shown.
const DIGITS_SHOWN: usize = 4;

/// Whether this stands for a value that is kept as its hash.
pub fn is_hashed(value: &str) -> bool {
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    value
        .strip_prefix(HASHED)
        .is_some_and(|digits| digits.len() == HASH_DIGITS && digits.bytes().all(lower_hex))
}

/// What people see of a hashed value: enough to tell a few apart, and that it is a hash.
pub fn shown_hash(value: &str) -> Option<String> {
    let digits = value.strip_prefix(HASHED).filter(|_| is_hashed(value))?;
    Some(format!("hashed · {}…", &digits[..DIGITS_SHOWN]))
}

/// What somebody decided about identities.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityChange {
    /// Two people are one.
    Merge {
        /// Any number of the one.
        one: u32,
        /// Any number of the other.
        other: u32,
        /// Values that give way where only one is possible: they stay in the person's
        /// past.
        #[serde(default)]
        former: Vec<Identifier>,
    },
    /// These identifiers of a person are somebody else, together one other person.
    Split { person: u32, identifiers: Vec<Identifier> },
    /// An earlier merge or split was wrong.
    Undo {
        /// Its number in the journal.
        change: u32,
    },
    /// Other rules from here on.
    Rules {
        rules: IdentityRules,
        /// Decide all known links anew by them, and not only those to come.
        #[serde(default)]
        redecide: bool,
    },
}

/// A decision with who made it and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IdentityDecision {
    pub change: IdentityChange,
    /// Name of the account or key.
    pub by: String,
    pub reason: String,
}
