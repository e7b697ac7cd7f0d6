//! Types of items, and items as they go over HTTP.

use serde::{Deserialize, Serialize};
use siyu_http::At;
use siyu_types::value::ValueKind;
use siyu_types::{Props, Value};
use utoipa::ToSchema;

/// A type that every project knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StandardType {
    pub name: &'static str,
    /// The property of events that holds ids of its items.
    pub property: &'static str,
}

/// What somebody declared of a type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct DeclaredType {
    pub display: String,
    pub description: String,
    pub property: String,
}

/// A type as it is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct KnownType {
    pub name: String,
    pub display: Option<String>,
    pub description: String,
    pub property: String,
    pub standard: bool,
    pub declared: bool,
}

/// A type of items.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = ItemType)]
pub(super) struct ItemTypeItem {
    pub name: String,
    /// As declared; null if the type has no name of its own.
    pub display: Option<String>,
    pub description: String,
    /// The property of events that holds ids of its items.
    pub property: String,
    /// Known in every project: product, store, staff, content, coupon.
    pub standard: bool,
    pub declared: bool,
    pub items: u64,
    pub attributes: Vec<ItemAttributeItem>,
    /// Most frequent first.
    pub tags: Vec<ItemTagCount>,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = ItemAttribute)]
pub(super) struct ItemAttributeItem {
    pub name: String,
    pub kind: ValueKind,
    /// Items that have a value.
    pub items: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(super) struct ItemTagCount {
    pub tag: String,
    pub items: u64,
}

/// What is declared of a type.
#[derive(Clone, PartialEq, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemTypeChange {
    pub display: String,
    #[serde(default)]
    pub description: String,
    /// Absent: the usual one, such as `store_id` of `store`.
    pub property: Option<String>,
}

/// An item in a list.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = Item)]
pub(super) struct ItemItem {
    pub item_type: String,
    pub item_id: String,
    /// What it is called, if an attribute says so.
    pub name: Option<String>,
    /// At most twelve of them.
    pub attributes: Props,
    pub tags: Vec<String>,
}

/// Everything about one item.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(super) struct ItemDetail {
    pub item_type: String,
    pub item_id: String,
    pub name: Option<String>,
    /// False: events may speak of it, but nothing was said of it.
    pub known: bool,
    /// The property of events that names it.
    pub property: String,
    pub attributes: Vec<ItemValueItem>,
    pub tags: Vec<ItemTagItem>,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = ItemValue)]
pub(super) struct ItemValueItem {
    pub name: String,
    pub value: Value,
    pub at: At,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = ItemTag)]
pub(super) struct ItemTagItem {
    pub tag: String,
    pub at: At,
}

/// What changes of an item; whatever is absent stays.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ItemChange)]
pub(super) struct ItemPatch {
    /// Attributes set.
    #[serde(default)]
    pub set: Props,
    /// Names of attributes whose values are taken away.
    #[serde(default)]
    pub unset: Vec<String>,
    /// Tags put on.
    #[serde(default)]
    pub tag: Vec<String>,
    /// Tags taken off.
    #[serde(default)]
    pub untag: Vec<String>,
}

/// What orders with this item come to. Amounts are in minor units.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(super) struct ItemSales {
    /// Not fully refunded.
    pub orders: u64,
    pub refunded_orders: u64,
    /// With an order that counts.
    pub people: u64,
    /// Of the whole orders, other items on them too.
    pub paid_minor: i64,
    pub refunded_minor: i64,
    pub net_minor: i64,
    /// Of the lines that name the item; null if lines do not name items of this type.
    pub lines: Option<ItemLines>,
    pub first_order: Option<At>,
    pub last_order: Option<At>,
    pub days: Vec<ItemSalesDay>,
}

#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub(super) struct ItemLines {
    pub lines: u64,
    /// May have a fraction, for goods sold by weight.
    pub quantity: f64,
    pub amount_minor: i64,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(super) struct ItemSalesDay {
    /// `2026-11-21`
    pub day: String,
    pub orders: u64,
    pub net_minor: i64,
}
