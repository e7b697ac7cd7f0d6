//! What a question must fulfil before it is asked or saved.

use siyu_analytics::names;
use siyu_audience::Project;
use siyu_audience::evaluation::{Needs, ProjectCatalog};
use siyu_types::analysis::{AnalysisQuery, Question as _};
use siyu_types::value::ValueKind;
use siyu_types::{Error, ErrorCode, Result};

/// Checks limits, names and types of a query; says what it needs.
pub(super) fn check(project: &Project, query: &AnalysisQuery) -> Result<Needs> {
    let people = project.people.read();
    let definitions = project.definitions();
    let catalog = ProjectCatalog::new(project, &people, &definitions);
    query.validate()?;
    names::check(query, &catalog)?;
    check_kinds(query, |event, name| {
        let known = project.events.properties(event).into_iter();
        known.filter(|property| property.name == name).map(|property| property.kind).next()
    })?;
    let mut needs = Needs::default();
    needs.question(query);
    Ok(needs)
}

/// Only numbers, and texts that may read as numbers, can be reckoned with.
fn check_kinds(query: &AnalysisQuery, kind_of: impl Fn(&str, &str) -> Option<ValueKind>) -> Result<()> {
    let spoken = query.spoken();
    for read in spoken.reads.iter().filter(|read| read.number) {
        for (_, event) in &spoken.events[read.events.clone()] {
            if matches!(kind_of(&event.event, read.property), Some(ValueKind::Bool | ValueKind::List)) {
                let text = format!("{} does not hold numbers", read.property);
                return Err(Error::new(ErrorCode::TypeMismatch, text)
                    .with("name", read.property)
                    .at(read.field.clone()));
            }
        }
    }
    Ok(())
}
