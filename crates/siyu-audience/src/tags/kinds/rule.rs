//! Rule tags: values in order, each with a condition; the first that holds wins.

use roaring::RoaringBitmap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use siyu_analytics::{Context, conditions};
use siyu_types::condition::Condition;
use siyu_types::{Error, Result};
use utoipa::ToSchema;

use crate::evaluation::{self, Needs};
use crate::people::TagColumn;
use crate::projects::Project;

/// Values of one tag.
const VALUES_MAX: usize = 50;
/// Characters of one value.
const VALUE_CHARS_MAX: usize = 100;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RuleTag)]
pub struct Params {
    pub values: Vec<RuleValue>,
    /// The value of everybody else; without it they have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleValue {
    pub value: String,
    #[schemars(with = "serde_json::Value")]
    pub condition: Condition,
}

pub(super) const EXAMPLE: &str = r#"{"kind":"rule","values":[
    {"value":"常客","condition":{"kind":"event","event":"order_paid","window":{"kind":"last_days","days":90},
        "measure":{"kind":"count"},"compare":"at_least","value":3}},
    {"value":"新客","condition":{"kind":"event","event":"order_paid","window":{"kind":"last_days","days":90},
        "measure":{"kind":"count"},"compare":"equal","value":1}}],"otherwise":"未购"}"#;

impl Params {
    pub(super) fn check(&self, project: &Project, path: &str) -> Result<()> {
        if self.values.is_empty() || self.values.len() > VALUES_MAX {
            return Err(Error::invalid(format!("{path}.values"), format!("needs 1 to {VALUES_MAX} values")));
        }
        for (index, value) in self.values.iter().enumerate() {
            let path = format!("{path}.values[{index}]");
            let again = self.values[..index].iter().any(|other| other.value == value.value);
            if again || self.otherwise.as_ref() == Some(&value.value) {
                return Err(Error::invalid(format!("{path}.value"), "the value occurs twice"));
            }
            check_value(&value.value, &path)?;
            evaluation::check(project, &value.condition, &format!("{path}.condition"))?;
        }
        match &self.otherwise {
            Some(value) => check_value(value, &format!("{path}.otherwise")),
            None => Ok(()),
        }
    }

    pub(super) fn conditions(&self) -> Vec<&Condition> {
        self.values.iter().map(|value| &value.condition).collect()
    }

    pub(super) fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        self.conditions().into_iter().for_each(|condition| needs.condition(condition));
        needs
    }

    pub(super) fn compute(&self, context: &Context<'_>) -> Result<TagColumn> {
        let mut tag = TagColumn::default();
        let mut taken = RoaringBitmap::new();
        for value in &self.values {
            let people = conditions::evaluate(&value.condition, context)? - &taken;
            people.iter().for_each(|person| tag.put_text(person, &value.value));
            taken |= people;
        }
        if let Some(value) = &self.otherwise {
            let people = context.people.universe() - taken;
            people.iter().for_each(|person| tag.put_text(person, value));
        }
        Ok(tag)
    }
}

fn check_value(value: &str, path: &str) -> Result<()> {
    let length = value.chars().count();
    if value.trim().is_empty() || length > VALUE_CHARS_MAX {
        return Err(Error::invalid(
            format!("{path}.value"),
            format!("needs 1 to {VALUE_CHARS_MAX} characters"),
        ));
    }
    Ok(())
}
