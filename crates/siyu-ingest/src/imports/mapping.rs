//! What the columns of a file mean.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use siyu_types::record::names;
use siyu_types::{Error, ErrorCode, Result};
use utoipa::ToSchema;

use super::rows::Choice;

/// Columns of one file.
pub const COLUMNS_MAX: usize = 500;
const PREFIX_CHARS_MAX: usize = 30;
const STATES_MAX: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    Events,
    People,
    Items,
    Orders,
    /// Refunds of orders, one per row.
    Refunds,
    /// Identifiers of people, who become a fixed segment.
    List,
    /// How people are related: who somebody is, and who the other one is, one pair per row.
    Relations,
}

impl ImportKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ImportKind::Events => "events",
            ImportKind::People => "people",
            ImportKind::Items => "items",
            ImportKind::Orders => "orders",
            ImportKind::Refunds => "refunds",
            ImportKind::List => "list",
            ImportKind::Relations => "relations",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Login,
    Phone,
    Email,
    Device,
    Time,
    Event,
    OrderId,
    ItemId,
    ItemType,
    /// Of the row: of an order, or of one of its lines.
    Amount,
    /// Of the order, repeated on each of its lines.
    OrderAmount,
    /// Of one piece; with the quantity the amount of a line that has none.
    Price,
    Quantity,
    /// What was paid back.
    Refund,
    /// Of an order, in the words of the file; see the mapping's states.
    Status,
    /// Of the other person of a relation: who invited, serves or lives with the row's own.
    OtherLogin,
    OtherPhone,
    OtherEmail,
    OtherDevice,
    /// When a relation ended.
    Until,
    /// The row's own number, which makes it one fact however often it is read.
    RowId,
    Property,
    Ignore,
}

impl Target {
    /// The same of a column that identifies the other person of a relation.
    pub fn other(self) -> Option<Target> {
        match self {
            Target::OtherLogin => Some(Target::Login),
            Target::OtherPhone => Some(Target::Phone),
            Target::OtherEmail => Some(Target::Email),
            Target::OtherDevice => Some(Target::Device),
            _ => None,
        }
    }

    /// The identifier namespace of an identifying column.
    pub fn namespace(self) -> Option<&'static str> {
        match self {
            Target::Login => Some("login"),
            Target::Phone => Some("phone"),
            Target::Email => Some("email"),
            Target::Device => Some("device"),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CellType {
    Text,
    Number,
    /// In the project's currency; becomes minor units, and the name ends in `_minor`.
    Money,
    Time,
    Bool,
}

/// What a row of an order's state means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Paid, and not all of it paid back.
    Paid,
    /// Not paid yet, or closed before it was: no order as far as money goes.
    Unpaid,
    /// Paid, and paid back as a whole.
    Refunded,
    /// The row is itself a return: only what is paid back.
    Return,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnMapping {
    pub to: Target,
    /// Of a property; the column's own name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of a property; as the file says, else text.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub cell_type: Option<CellType>,
    /// Of times without an offset, such as `Asia/Shanghai`; the project's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Put before an identifier, such as `taobao:`, so that the names of one platform
    /// are not taken for those of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

impl ColumnMapping {
    pub fn to(to: Target) -> ColumnMapping {
        ColumnMapping { to, name: None, cell_type: None, zone: None, prefix: None }
    }
}

/// What a file holds and what its columns mean. Columns that are not named are ignored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub kind: ImportKind,
    pub columns: BTreeMap<String, ColumnMapping>,
    /// For events: their name, where no column says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// For lists: the name of the segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// For relations: their kind, such as `inviter`. The other person is the inviter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// For orders: what the words of the status column mean. Without a status column
    /// every row counts as paid.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<String, OrderState>,
    /// Of a workbook: the sheet; the first that holds anything if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Row of the titles, 1 being the first; looked for if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
}

/// A mapping applied to the columns of one file.
pub struct Plan {
    pub kind: ImportKind,
    pub event: Option<String>,
    pub relation: Option<String>,
    pub columns: Vec<PlanColumn>,
    /// Orders with one row per line.
    pub lines: bool,
    pub states: BTreeMap<String, OrderState>,
}

pub struct PlanColumn {
    pub index: usize,
    /// As the file calls it.
    pub title: String,
    pub to: Target,
    pub property: String,
    pub cell_type: Option<CellType>,
    pub zone: TimeZone,
    pub prefix: String,
}

impl Mapping {
    /// Of nothing yet.
    pub fn of(kind: ImportKind) -> Mapping {
        let (columns, states) = (BTreeMap::new(), BTreeMap::new());
        let (event, list, relation, sheet) = (None, None, None, None);
        Mapping { kind, columns, event, list, relation, states, sheet, header_row: None }
    }

    pub fn choice(&self) -> Choice {
        Choice { sheet: self.sheet.clone(), header_row: self.header_row }
    }

    /// Checks the mapping against the file's columns.
    pub fn plan(&self, titles: &[String], project_zone: &TimeZone) -> Result<Plan> {
        let mut columns = Vec::new();
        for (title, mapping) in &self.columns {
            let index = titles.iter().position(|known| known == title);
            if mapping.to == Target::Ignore {
                continue;
            }
            let Some(index) = index else {
                return Err(bad(format!("columns.{title}"), "the file has no such column"));
            };
            let zone = match &mapping.zone {
                Some(name) => siyu_types::calendar::zone(name)?,
                None => project_zone.clone(),
            };
            let mut property = mapping.name.clone().unwrap_or_else(|| title.clone()).trim().to_owned();
            if property.is_empty() || property.chars().count() > crate::protocols::NAME_CHARS_MAX {
                return Err(bad(format!("columns.{title}.name"), "is empty or too long"));
            }
            if mapping.cell_type == Some(CellType::Money) && !property.ends_with(names::MONEY_SUFFIX) {
                property.push_str(names::MONEY_SUFFIX);
            }
            let (to, cell_type) = (mapping.to, mapping.cell_type);
            let prefix = mapping.prefix.clone().unwrap_or_default();
            if prefix.chars().count() > PREFIX_CHARS_MAX {
                return Err(bad(format!("columns.{title}.prefix"), "is too long"));
            }
            columns.push(PlanColumn { index, title: title.clone(), to, property, cell_type, zone, prefix });
        }
        columns.sort_by_key(|column| column.index);
        let event = self.event.clone().filter(|event| !event.trim().is_empty());
        let lines =
            self.kind == ImportKind::Orders && columns.iter().any(|column| column.to == Target::ItemId);
        if self.states.len() > STATES_MAX {
            return Err(bad("states", "there are too many states"));
        }
        if self.kind == ImportKind::List && self.list.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(bad("list", "the list needs a name"));
        }
        let relation = self.relation.clone().filter(|relation| !relation.trim().is_empty());
        if self.kind == ImportKind::Relations && relation.is_none() {
            return Err(bad("relation", "the relations need a kind"));
        }
        let plan = Plan { kind: self.kind, event, relation, columns, lines, states: self.states.clone() };
        plan.check()?;
        Ok(plan)
    }
}

impl Plan {
    fn has(&self, to: Target) -> bool {
        self.columns.iter().any(|column| column.to == to)
    }

    fn check(&self) -> Result<()> {
        const SINGLE: &[Target] = &[
            Target::Time,
            Target::Event,
            Target::OrderId,
            Target::ItemId,
            Target::ItemType,
            Target::Amount,
            Target::OrderAmount,
            Target::Price,
            Target::Quantity,
            Target::Refund,
            Target::Status,
            Target::Until,
            Target::RowId,
        ];
        for target in SINGLE {
            if self.columns.iter().filter(|column| column.to == *target).count() > 1 {
                return Err(bad("columns", format!("two columns are mapped to {}", word(*target))));
            }
        }
        let names: Vec<_> =
            self.columns.iter().filter(|c| c.to == Target::Property).map(|c| &c.property).collect();
        if let Some(twice) = names.iter().find(|name| names.iter().filter(|other| other == name).count() > 1)
        {
            return Err(bad("columns", format!("two columns are mapped to the property {twice}")));
        }
        let needs: &[Target] = match self.kind {
            ImportKind::Events if self.event.is_some() => &[Target::Time],
            ImportKind::Events => &[Target::Time, Target::Event],
            ImportKind::People | ImportKind::List | ImportKind::Relations => &[],
            ImportKind::Items => &[Target::ItemId],
            ImportKind::Orders
                if self.has(Target::OrderAmount) || (self.lines && self.has(Target::Price)) =>
            {
                &[Target::Time, Target::OrderId]
            }
            ImportKind::Orders => &[Target::Time, Target::OrderId, Target::Amount],
            ImportKind::Refunds => &[Target::Time, Target::OrderId, Target::Refund],
        };
        if let Some(missing) = needs.iter().find(|target| !self.has(**target)) {
            return Err(bad("columns", format!("no column is mapped to {}", word(*missing)))
                .with("target", word(*missing)));
        }
        let anybody = self.columns.iter().any(|column| column.to.namespace().is_some());
        if self.kind != ImportKind::Items && !anybody {
            return Err(bad("columns", "no column says who a row is about").with("target", "login"));
        }
        let others = self.columns.iter().any(|column| column.to.other().is_some());
        if self.kind == ImportKind::Relations && !others {
            let message = "no column says who the other person of a row is";
            return Err(bad("columns", message).with("target", "other_login"));
        }
        Ok(())
    }
}

fn word(target: Target) -> String {
    serde_json::to_value(target).ok().and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

fn bad(field: impl Into<String>, message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidMapping, message).at(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_that_cannot_work_are_refused() {
        let titles: Vec<String> = ["a", "b", "c"].iter().map(|title| title.to_string()).collect();
        let cases: &[(&str, &str)] = &[
            (r#"{"kind":"people","columns":{"a":{"to":"property"}}}"#, "no column says who"),
            (r#"{"kind":"people","columns":{"x":{"to":"login"}}}"#, "no such column"),
            (r#"{"kind":"events","columns":{"a":{"to":"login"},"b":{"to":"time"}}}"#, "mapped to event"),
            (
                r#"{"kind":"relations","columns":{"a":{"to":"login"},"b":{"to":"other_login"}}}"#,
                "need a kind",
            ),
            (
                r#"{"kind":"relations","relation":"inviter","columns":{"a":{"to":"login"}}}"#,
                "the other person",
            ),
            (
                r#"{"kind":"orders","columns":{"a":{"to":"login"},"b":{"to":"amount"},"c":{"to":"order_id"}}}"#,
                "mapped to time",
            ),
            (
                r#"{"kind":"people","columns":{"a":{"to":"login"},"b":{"to":"time"},"c":{"to":"time"}}}"#,
                "two columns",
            ),
            (
                r#"{"kind":"people","columns":{"a":{"to":"login"},"b":{"to":"property","name":"x"},"c":{"to":"property","name":"x"}}}"#,
                "two columns",
            ),
        ];
        for (json, message) in cases {
            let mapping: Mapping = serde_json::from_str(json).expect("well formed");
            let error = mapping.plan(&titles, &TimeZone::UTC).err().expect("refused");
            assert!(error.message.contains(message), "{json}: {}", error.message);
        }
        let money = r#"{"kind":"people","columns":{"a":{"to":"login"},"b":{"to":"property","type":"money","name":"balance"}}}"#;
        let mapping: Mapping = serde_json::from_str(money).expect("well formed");
        assert_eq!(
            mapping.plan(&titles, &TimeZone::UTC).expect("valid").columns[1].property,
            "balance_minor"
        );
    }
}
