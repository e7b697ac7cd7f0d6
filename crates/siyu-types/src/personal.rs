//! Which values are personal, and how much of them each role sees: what a project
//! declares, over guesses by name that hold until it does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::permission::{Permission, Role};

macro_rules! words {
    ($(#[doc = $doc:literal])* $kind:ident { $($(#[doc = $one:literal])* $name:ident = $text:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $kind { $($(#[doc = $one])* $name,)* }

        impl $kind {
            pub const ALL: &[$kind] = &[$($kind::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self { $($kind::$name => $text,)* }
            }

            pub fn parse(text: &str) -> Option<$kind> {
                $kind::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    };
}

words! {
    /// What kind of personal value something is, which decides what may be left of it.
    PersonalClass {
        Phone = "phone",
        Name = "name",
        Email = "email",
        IdCard = "id_card",
        BankCard = "bank_card",
        Address = "address",
        Birthday = "birthday",
        /// Log-ins and account numbers: only the ends are left.
        Other = "other",
    }
}

words! {
    /// Where a value stands.
    FieldKind {
        Attribute = "attribute",
        /// A namespace of identifiers, without its scope.
        Identifier = "identifier",
        /// Of events, whichever event carries it.
        Property = "property",
    }
}

words! {
    /// How much of a value somebody sees.
    Exposure {
        Clear = "clear",
        /// A part of it that does not identify anybody.
        Masked = "masked",
        /// That there is one.
        Hidden = "hidden",
    }
}

/// What is known of a personal field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonalField {
    pub class: PersonalClass,
    /// Sensitive in the sense of article 28 of the PIPL: its leak may harm somebody.
    pub sensitive: bool,
}

/// What holds in a project.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PersonalRules {
    /// What somebody decided; `None` says that a field is not personal.
    declared: BTreeMap<FieldKind, BTreeMap<String, Option<PersonalField>>>,
    exposures: BTreeMap<(Role, PersonalClass), Exposure>,
}

impl PersonalRules {
    pub fn new(
        declared: impl IntoIterator<Item = (FieldKind, String, Option<PersonalField>)>,
        exposures: impl IntoIterator<Item = (Role, PersonalClass, Exposure)>,
    ) -> PersonalRules {
        let mut rules = PersonalRules::default();
        for (kind, name, field) in declared {
            rules.declared.entry(kind).or_default().insert(name, field);
        }
        rules.exposures = exposures.into_iter().map(|(role, class, much)| ((role, class), much)).collect();
        rules
    }

    /// What a field is: as declared, else as guessed by its name.
    pub fn field(&self, kind: FieldKind, name: &str) -> Option<PersonalField> {
        let name = unscoped(kind, name);
        match self.declared.get(&kind).and_then(|names| names.get(name)) {
            Some(decided) => *decided,
            None => guess(name),
        }
    }

    /// What somebody decided about a field; the outer option: whether anybody did.
    pub fn declared(&self, kind: FieldKind, name: &str) -> Option<Option<PersonalField>> {
        self.declared.get(&kind)?.get(unscoped(kind, name)).copied()
    }

    /// Everything that was decided, by kind and name.
    pub fn all_declared(&self) -> impl Iterator<Item = (FieldKind, &str, Option<PersonalField>)> {
        self.declared
            .iter()
            .flat_map(|(kind, names)| names.iter().map(|(name, field)| (*kind, name.as_str(), *field)))
    }

    /// How much a role sees of a class.
    pub fn exposure(&self, role: Role, class: PersonalClass) -> Exposure {
        self.exposures.get(&(role, class)).copied().unwrap_or_else(|| shipped(role))
    }

    /// Whether a role sees every personal value in the clear.
    pub fn sees_all(&self, role: Role) -> bool {
        PersonalClass::ALL.iter().all(|class| self.exposure(role, *class) == Exposure::Clear)
    }
}

/// The rules of a project that has decided nothing.
pub fn shipped_rules() -> std::sync::Arc<PersonalRules> {
    static RULES: LazyLock<std::sync::Arc<PersonalRules>> = LazyLock::new(Default::default);
    RULES.clone()
}

/// What a role sees where nothing was decided.
pub fn shipped(role: Role) -> Exposure {
    if role.may(Permission::PeopleReadPersonal) { Exposure::Clear } else { Exposure::Masked }
}

/// The scope of a namespace says nothing about how personal its values are.
fn unscoped(kind: FieldKind, name: &str) -> &str {
    match kind {
        FieldKind::Identifier => name.split(':').next().unwrap_or_default(),
        _ => name,
    }
}

/// By name alone; names are compared without case, `$` and underscores.
pub fn guess(name: &str) -> Option<PersonalField> {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let class = match plain.as_str() {
        "phone" | "mobile" | "tel" | "telephone" | "phonenumber" | "mobilephone" | "mobilenumber"
        | "手机" | "手机号" | "手机号码" | "电话" | "联系电话" => PersonalClass::Phone,
        "email" | "mail" | "emailaddress" | "邮箱" | "电子邮箱" => PersonalClass::Email,
        "name" | "realname" | "fullname" | "firstname" | "lastname" | "contactname" | "receiver" | "姓名"
        | "真实姓名" | "收货人" => PersonalClass::Name,
        "idcard" | "idcardno" | "idcardnumber" | "identitycard" | "passport" | "身份证" | "身份证号"
        | "身份证号码" => PersonalClass::IdCard,
        "bankcard" | "bankcardno" | "bankcardnumber" | "银行卡" | "银行卡号" => {
            PersonalClass::BankCard
        }
        "address" | "receiveraddress" | "homeaddress" | "地址" | "收货地址" | "详细地址" => {
            PersonalClass::Address
        }
        "birthday" | "birthdate" | "dateofbirth" | "生日" | "出生日期" => PersonalClass::Birthday,
        "login" => PersonalClass::Other,
        _ => return None,
    };
    let sensitive = matches!(class, PersonalClass::IdCard | PersonalClass::BankCard);
    Some(PersonalField { class, sensitive })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_counts_before_what_is_guessed() {
        let phone = Some(PersonalField { class: PersonalClass::Phone, sensitive: true });
        let rules = PersonalRules::new(
            [(FieldKind::Property, "name".into(), None), (FieldKind::Identifier, "wecom".into(), phone)],
            [(Role::Operator, PersonalClass::Phone, Exposure::Hidden)],
        );
        for (kind, name, class) in [
            (FieldKind::Property, "name", None),
            (FieldKind::Attribute, "name", Some(PersonalClass::Name)),
            (FieldKind::Attribute, "$Mobile_Phone", Some(PersonalClass::Phone)),
            (FieldKind::Identifier, "wecom:corp1", Some(PersonalClass::Phone)),
            (FieldKind::Attribute, "wecom", None),
            (FieldKind::Attribute, "city", None),
        ] {
            assert_eq!(rules.field(kind, name).map(|field| field.class), class, "{kind:?} {name}");
        }
        assert_eq!(rules.exposure(Role::Operator, PersonalClass::Phone), Exposure::Hidden);
        assert!(!rules.sees_all(Role::Operator) && rules.sees_all(Role::Owner));
    }
}
