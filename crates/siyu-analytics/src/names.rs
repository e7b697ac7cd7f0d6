//! A question that names something unknown is answered with an error that says
//! where, never with an empty result.

use siyu_types::analysis::{ANY_EVENT, Breakdown, EventMatch, Question};
use siyu_types::condition::{Condition, PropertyFilter};
use siyu_types::record;
use siyu_types::{ItemField, Result};

use crate::aggregate::property;
use crate::{orders, unknown};

/// What exists in a project.
pub trait Catalog {
    fn event(&self, name: &str) -> bool;
    /// A property that some event of this name has, or is planned to have; of
    /// [`ANY_EVENT`], that any event has.
    fn property(&self, event: &str, name: &str) -> bool;
    fn attribute(&self, name: &str) -> bool;
    fn tag(&self, id: i64) -> bool;
    fn segment(&self, id: i64) -> bool;
    /// A kind of relation.
    fn relation(&self, name: &str) -> bool;
    /// A field that some item has, or is planned to have.
    fn item(&self, field: &ItemField) -> bool;
}

/// Checks the names in a condition; the error's field is a path below `path`.
pub fn check_condition(condition: &Condition, path: &str, catalog: &dyn Catalog) -> Result<()> {
    match condition {
        Condition::All { of } | Condition::Any { of } => {
            for (index, part) in of.iter().enumerate() {
                check_condition(part, &format!("{path}.of[{index}]"), catalog)?;
            }
            Ok(())
        }
        Condition::Not { of } => check_condition(of, &format!("{path}.of"), catalog),
        Condition::Attribute { name, .. } => {
            known(catalog.attribute(name), "attribute", name, || format!("{path}.name"))
        }
        Condition::Tag { tag, .. } => known(catalog.tag(*tag), "tag", tag, || format!("{path}.tag")),
        Condition::Segment { segment } => {
            known(catalog.segment(*segment), "segment", segment, || format!("{path}.segment"))
        }
        Condition::Relation(relation) => {
            let name = &relation.relation;
            known(catalog.relation(name), "relation", name, || format!("{path}.relation"))?;
            match relation.segment() {
                Some(id) => known(catalog.segment(id), "segment", id, || format!("{path}.with.segment")),
                None => Ok(()),
            }
        }
        Condition::Event(event) => {
            known(catalog.event(&event.event), "event", &event.event, || format!("{path}.event"))?;
            check_filters(&event.event, &event.filters, path, catalog)?;
            match property(&event.measure) {
                Some(name) => known(catalog.property(&event.event, name), "property", name, || {
                    format!("{path}.measure.property")
                }),
                None => Ok(()),
            }
        }
        Condition::Order(orders) => check_orders(&orders.filters, &format!("{path}.filters"), catalog),
    }
}

fn check_orders(filters: &[PropertyFilter], path: &str, catalog: &dyn Catalog) -> Result<()> {
    for (index, filter) in filters.iter().enumerate() {
        let has = |event: &&str| catalog.property(event, &filter.property);
        let exists = record::names::ORDER_EVENTS.iter().any(has);
        known(exists, "property", &filter.property, || format!("{path}[{index}].property"))?;
        check_item(filter.item.as_ref(), || format!("{path}[{index}].item"), catalog)?;
    }
    Ok(())
}

fn check_item(field: Option<&ItemField>, path: impl FnOnce() -> String, catalog: &dyn Catalog) -> Result<()> {
    match field {
        None => Ok(()),
        Some(field) => known(catalog.item(field), "item field", shown(field), path),
    }
}

/// As people read it: `product.category`.
fn shown(field: &ItemField) -> String {
    match field {
        ItemField::Attribute { item_type, name } => format!("{item_type}.{name}"),
        ItemField::Tags { item_type } => format!("{item_type}.tags"),
    }
}

/// Checks the names in a question; the error's field is where it stands.
pub fn check(question: &dyn Question, catalog: &dyn Catalog) -> Result<()> {
    let spoken = question.spoken();
    for (field, event) in &spoken.events {
        let exists = event.event == ANY_EVENT || catalog.event(&event.event);
        known(exists, "event", &event.event, || format!("{field}.event"))?;
        check_filters(&event.event, &event.filters, field, catalog)?;
    }
    for read in &spoken.reads {
        let mut events = spoken.events[read.events.clone()].iter();
        let found = events.any(|(_, event)| catalog.property(&event.event, read.property));
        known(found, "property", read.property, || read.field.clone())?;
    }
    if let Some((field, filters)) = &spoken.orders {
        check_orders(filters, field, catalog)?;
    }
    let events: Vec<_> = spoken.events.iter().map(|(_, event)| *event).collect();
    for (field, breakdown) in spoken.breakdowns() {
        check_breakdown(breakdown, &field, &events, catalog)?;
    }
    let segments = spoken.segment.map(|id| ("segment".to_owned(), id)).into_iter().chain(spoken.segments);
    for (field, id) in segments {
        known(catalog.segment(id), "segment", id, || field)?;
    }
    Ok(())
}

/// The events a question speaks of, [`ANY_EVENT`] among them if it does; a scan may leave out
/// all others. Sorted, no duplicates.
pub fn events_needed(question: &dyn Question) -> Vec<String> {
    let spoken = question.spoken();
    let orders: &[&str] = if spoken.orders.is_some() { &record::names::ORDER_EVENTS } else { &[] };
    let events = spoken.events.iter().map(|(_, event)| event.event.as_str());
    sorted(events.chain(orders.iter().copied()))
}

/// The event properties a scan must bring; sorted, no duplicates.
pub fn columns_needed(question: &dyn Question) -> Vec<String> {
    let spoken = question.spoken();
    let filters = spoken.events.iter().flat_map(|(_, event)| &event.filters);
    let by = spoken.breakdowns().filter_map(|(_, breakdown)| match breakdown {
        Breakdown::Property { name } => Some(name.as_str()),
        Breakdown::Item { property, .. } => Some(property.as_str()),
        Breakdown::Attribute { .. } | Breakdown::Tag { .. } => None,
    });
    let reads = spoken.reads.iter().map(|read| read.property);
    let orders = spoken.orders.as_ref().map(|(_, filters)| orders::columns_needed(*filters));
    let orders = orders.unwrap_or_default();
    let reads = reads.chain(orders.iter().map(String::as_str));
    sorted(filters.map(|filter| filter.property.as_str()).chain(by).chain(reads))
}

fn check_filters(event: &str, filters: &[PropertyFilter], path: &str, catalog: &dyn Catalog) -> Result<()> {
    for (index, filter) in filters.iter().enumerate() {
        let name = &filter.property;
        known(catalog.property(event, name), "property", name, || {
            format!("{path}.filters[{index}].property")
        })?;
        check_item(filter.item.as_ref(), || format!("{path}.filters[{index}].item"), catalog)?;
    }
    Ok(())
}

/// A property is known if one of the events has it: the others fall under "missing".
fn check_breakdown(
    breakdown: &Breakdown,
    field: &str,
    events: &[&EventMatch],
    catalog: &dyn Catalog,
) -> Result<()> {
    let at_name = || format!("{field}.name");
    let has = |name: &str| events.iter().any(|event| catalog.property(&event.event, name));
    match breakdown {
        Breakdown::Property { name } => known(has(name), "property", name, at_name),
        Breakdown::Attribute { name } => known(catalog.attribute(name), "attribute", name, at_name),
        Breakdown::Item { property, field: of } => {
            known(has(property), "property", property, || format!("{field}.property"))?;
            check_item(Some(of), || format!("{field}.field"), catalog)
        }
        Breakdown::Tag { tag } => known(catalog.tag(*tag), "tag", tag, || format!("{field}.tag")),
    }
}

fn known(
    exists: bool,
    what: &str,
    name: impl std::fmt::Display,
    field: impl FnOnce() -> String,
) -> Result<()> {
    if exists { Ok(()) } else { Err(unknown(what, name).at(field())) }
}

/// Names in order, each once.
pub(crate) fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    names.collect::<std::collections::BTreeSet<_>>().into_iter().map(str::to_owned).collect()
}
