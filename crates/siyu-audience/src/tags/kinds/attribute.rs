//! Attribute tags: the value of an attribute as it is, or cut into ranges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use siyu_analytics::Context;
use siyu_types::{Error, ErrorCode, FieldKind, Result, Value};
use utoipa::ToSchema;

use crate::people::{TagColumn, value_at};
use crate::projects::Project;

/// Cuts of one attribute.
const BUCKETS_MAX: usize = 50;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AttributeTag)]
pub struct Params {
    pub attribute: String,
    /// Cuts numbers into ranges: `[18, 30]` makes `<18`, `18–30` and `≥30`, each
    /// without its upper end. Values that are not numbers have no range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Vec<f64>>,
}

pub(super) const EXAMPLE: &str = r#"{"kind":"attribute","attribute":"age","buckets":[18,30,45]}"#;

impl Params {
    pub(super) fn check(&self, project: &Project, path: &str) -> Result<()> {
        if let Some(cuts) = &self.buckets {
            let ascending =
                cuts.windows(2).all(|pair| pair[0] < pair[1]) && cuts.iter().all(|c| c.is_finite());
            if cuts.is_empty() || cuts.len() > BUCKETS_MAX || !ascending {
                let message = format!("needs 1 to {BUCKETS_MAX} ascending numbers");
                return Err(Error::invalid(format!("{path}.buckets"), message));
            }
        }
        if project.personal().field(FieldKind::Attribute, &self.attribute).is_some() {
            // Tag values are shown to everybody and travel to campaigns and files.
            let message = "holds personal values, which cannot be tags";
            return Err(Error::invalid(format!("{path}.attribute"), message));
        }
        let condition = siyu_types::condition::Condition::Attribute {
            name: self.attribute.clone(),
            test: siyu_types::condition::Test::IsPresent,
        };
        crate::evaluation::check(project, &condition, path)
            .map_err(|error| error.at(format!("{path}.attribute")))
    }

    pub(super) fn compute(&self, context: &Context<'_>) -> Result<TagColumn> {
        let column = context.people.attribute(&self.attribute).ok_or_else(|| {
            let message = format!("there is no attribute {:?}", self.attribute);
            Error::new(ErrorCode::UnknownName, message).with("name", &*self.attribute)
        })?;
        let labels = self.buckets.as_deref().map(labels);
        let mut tag = TagColumn::default();
        for person in context.people.universe() {
            let Some(value) = value_at(column, person) else { continue };
            match (&self.buckets, &labels) {
                (Some(cuts), Some(labels)) => {
                    if let Some(number) = value.as_number() {
                        tag.put_text(person, &labels[cuts.partition_point(|cut| *cut <= number)]);
                    }
                }
                _ => tag.put(person, &value),
            }
        }
        Ok(tag)
    }
}

/// `<18`, `18–30`, `≥30`.
fn labels(cuts: &[f64]) -> Vec<String> {
    let text = |cut: f64| Value::Number(cut).display();
    let mut labels = vec![format!("<{}", text(cuts[0]))];
    labels.extend(cuts.windows(2).map(|pair| format!("{}–{}", text(pair[0]), text(pair[1]))));
    labels.push(format!("≥{}", text(cuts[cuts.len() - 1])));
    labels
}
