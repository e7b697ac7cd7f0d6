//! A question that names something unknown is answered with an error that says
//! where, never with an empty result.

use siyu_types::Result;
use siyu_types::analysis::{Breakdown, EventMatch, FunnelQuery, Measure, TrendQuery};
use siyu_types::condition::{Condition, PropertyFilter};

use crate::aggregate::property;
use crate::unknown;

/// What exists in a project.
pub trait Catalog {
    fn event(&self, name: &str) -> bool;
    /// A property that some event of this name has, or is planned to have.
    fn property(&self, event: &str, name: &str) -> bool;
    fn attribute(&self, name: &str) -> bool;
    fn tag(&self, id: i64) -> bool;
    fn segment(&self, id: i64) -> bool;
    /// A kind of relation.
    fn relation(&self, name: &str) -> bool;
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
            check_event(&event.event, &event.filters, path, catalog)?;
            match property(&event.measure) {
                Some(name) => known(catalog.property(&event.event, name), "property", name, || {
                    format!("{path}.measure.property")
                }),
                None => Ok(()),
            }
        }
    }
}

pub fn check_trend(query: &TrendQuery, catalog: &dyn Catalog) -> Result<()> {
    for (index, series) in query.series.iter().enumerate() {
        let path = format!("series[{index}]");
        check_event(&series.event.event, &series.event.filters, &path, catalog)?;
        if let Measure::Sum { property } | Measure::Avg { property } = &series.measure {
            known(catalog.property(&series.event.event, property), "property", property, || {
                format!("{path}.measure.property")
            })?;
        }
    }
    let events: Vec<_> = query.series.iter().map(|series| &series.event).collect();
    check_breakdown(query.breakdown.as_ref(), &events, catalog)?;
    check_segment(query.segment, catalog)
}

pub fn check_funnel(query: &FunnelQuery, catalog: &dyn Catalog) -> Result<()> {
    for (index, step) in query.steps.iter().enumerate() {
        check_event(&step.event, &step.filters, &format!("steps[{index}]"), catalog)?;
    }
    let events: Vec<_> = query.steps.iter().collect();
    check_breakdown(query.breakdown.as_ref(), &events, catalog)?;
    check_segment(query.segment, catalog)
}

fn check_event(event: &str, filters: &[PropertyFilter], path: &str, catalog: &dyn Catalog) -> Result<()> {
    known(catalog.event(event), "event", event, || format!("{path}.event"))?;
    for (index, filter) in filters.iter().enumerate() {
        let name = &filter.property;
        known(catalog.property(event, name), "property", name, || {
            format!("{path}.filters[{index}].property")
        })?;
    }
    Ok(())
}

/// A property is known if one of the events has it: the others fall under "missing".
fn check_breakdown(
    breakdown: Option<&Breakdown>,
    events: &[&EventMatch],
    catalog: &dyn Catalog,
) -> Result<()> {
    let at_name = || "breakdown.name".to_owned();
    match breakdown {
        None => Ok(()),
        Some(Breakdown::Property { name }) => {
            let found = events.iter().any(|event| catalog.property(&event.event, name));
            known(found, "property", name, at_name)
        }
        Some(Breakdown::Attribute { name }) => known(catalog.attribute(name), "attribute", name, at_name),
        Some(Breakdown::Tag { tag }) => known(catalog.tag(*tag), "tag", tag, || "breakdown.tag".to_owned()),
    }
}

fn check_segment(segment: Option<i64>, catalog: &dyn Catalog) -> Result<()> {
    match segment {
        Some(id) => known(catalog.segment(id), "segment", id, || "segment".to_owned()),
        None => Ok(()),
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

/// The properties that a query's events and breakdown read.
pub(crate) fn columns_of<'n>(
    events: impl Iterator<Item = &'n EventMatch>,
    breakdown: Option<&'n Breakdown>,
    more: impl Iterator<Item = &'n str>,
) -> Vec<String> {
    let filters = events.flat_map(|event| event.filters.iter().map(|filter| filter.property.as_str()));
    let by = match breakdown {
        Some(Breakdown::Property { name }) => Some(name.as_str()),
        _ => None,
    };
    sorted(filters.chain(by).chain(more))
}
