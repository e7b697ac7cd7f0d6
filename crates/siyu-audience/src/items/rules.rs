//! What types there are, what names an item, and what may be written of one.

use std::collections::{BTreeMap, BTreeSet};

use siyu_types::record::ItemChange;
use siyu_types::value::Value;
use siyu_types::{Error, Props, Result};

use super::model::{DeclaredType, ItemPatch, ItemTypeChange, KnownType, StandardType};
use super::table::Items;
use crate::audience::{check_description, check_name};

const fn standard(name: &'static str, property: &'static str) -> StandardType {
    StandardType { name, property }
}

/// Types that every project knows.
pub(crate) const STANDARD_TYPES: [StandardType; 5] = [
    standard("product", "item_id"),
    standard("store", "store_id"),
    standard("staff", "staff_id"),
    standard("content", "content_id"),
    standard("coupon", "coupon_id"),
];
/// Other words for products, which clients of other systems use.
const PRODUCT_WORDS: [&str; 4] = ["item", "sku", "goods", "spu"];
/// Attributes that name an item, the first that it has.
pub(crate) const NAME_ATTRIBUTES: [&str; 5] = ["name", "item_name", "title", "product_name", "store_name"];
/// Characters of a type's name and of a property's.
const TYPE_CHARS_MAX: usize = 40;
const TAG_CHARS_MAX: usize = 60;
/// Attributes and tags in one change.
const CHANGED_MAX: usize = 100;
/// Bytes of one text value of an attribute.
const VALUE_BYTES_MAX: usize = 8_192;

/// The property of events that holds ids of items of a type nobody declared one for.
pub(super) fn usual_property(item_type: &str) -> String {
    let known = STANDARD_TYPES.iter().find(|standard| standard.name == item_type);
    match known {
        Some(standard) => standard.property.to_owned(),
        None if PRODUCT_WORDS.contains(&item_type) => "item_id".to_owned(),
        None => format!("{item_type}_id"),
    }
}

/// Standard types first, then the others by name.
pub(super) fn types(declared: &BTreeMap<String, DeclaredType>, items: &Items) -> Vec<KnownType> {
    let standard: Vec<&str> = STANDARD_TYPES.iter().map(|standard| standard.name).collect();
    let others: BTreeSet<&str> = declared.keys().chain(items.types.keys()).map(String::as_str).collect();
    let others = others.into_iter().filter(|name| !standard.contains(name));
    let known = standard.iter().copied().chain(others).map(|name| {
        let own = declared.get(name);
        KnownType {
            name: name.to_owned(),
            display: own.map(|own| own.display.clone()),
            description: own.map(|own| own.description.clone()).unwrap_or_default(),
            property: own.map_or_else(|| usual_property(name), |own| own.property.clone()),
            standard: standard.contains(&name),
            declared: own.is_some(),
        }
    });
    known.collect()
}

/// The name of an item among its attributes.
pub(crate) fn named(attributes: &Props) -> Option<String> {
    NAME_ATTRIBUTES.iter().find_map(|name| attributes.get(*name)).map(Value::display)
}

fn word(field: &str, text: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if starts && text.len() <= TYPE_CHARS_MAX && text.bytes().all(fits) {
        return Ok(());
    }
    let rule = format!("needs 1 to {TYPE_CHARS_MAX} small letters, digits and _, a letter first");
    Err(Error::invalid(field, rule))
}

pub(super) fn check_type(name: &str) -> Result<()> {
    word("name", name)
}

pub(super) fn check_declaration(name: &str, change: ItemTypeChange) -> Result<DeclaredType> {
    let property = change.property.unwrap_or_else(|| usual_property(name));
    if property.is_empty() || property.len() > 100 {
        return Err(Error::invalid("property", "needs 1 to 100 characters"));
    }
    Ok(DeclaredType {
        display: check_name("display", &change.display)?,
        description: check_description("description", &change.description)?,
        property,
    })
}

/// The records that a change comes to, in the order they hold.
pub(super) fn changes(patch: ItemPatch) -> Result<Vec<ItemChange>> {
    let ItemPatch { set, unset, tag, untag } = patch;
    for (field, count) in
        [("set", set.len()), ("unset", unset.len()), ("tag", tag.len()), ("untag", untag.len())]
    {
        if count > CHANGED_MAX {
            return Err(Error::invalid(field, format!("at most {CHANGED_MAX} at a time")));
        }
    }
    for (name, value) in &set {
        check_attribute("set", name)?;
        if value.display().len() > VALUE_BYTES_MAX {
            return Err(Error::invalid(format!("set.{name}"), format!("at most {VALUE_BYTES_MAX} bytes")));
        }
    }
    unset.iter().try_for_each(|name| check_attribute("unset", name))?;
    let add = tag.iter().map(|tag| check_tag("tag", tag)).collect::<Result<Vec<_>>>()?;
    let remove = untag.iter().map(|tag| check_tag("untag", tag)).collect::<Result<Vec<_>>>()?;
    let mut changes = Vec::new();
    if !set.is_empty() {
        changes.push(ItemChange::Set(set));
    }
    if !unset.is_empty() {
        changes.push(ItemChange::Unset(unset));
    }
    if !(add.is_empty() && remove.is_empty()) {
        changes.push(ItemChange::Tag { add, remove });
    }
    Ok(changes)
}

fn check_attribute(field: &str, name: &str) -> Result<()> {
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid(field, "names of attributes need 1 to 100 characters"));
    }
    Ok(())
}

fn check_tag(field: &str, tag: &str) -> Result<String> {
    let tag = tag.trim();
    if tag.is_empty() || tag.chars().count() > TAG_CHARS_MAX {
        return Err(Error::invalid(field, format!("tags need 1 to {TAG_CHARS_MAX} characters")));
    }
    Ok(tag.to_owned())
}
