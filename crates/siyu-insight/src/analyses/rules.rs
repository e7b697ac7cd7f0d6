//! What a question must fulfil before it is asked or saved.

use siyu_analytics::names::{check_funnel, check_trend};
use siyu_audience::Project;
use siyu_audience::evaluation::{Needs, ProjectCatalog};
use siyu_types::analysis::{Measure, TrendQuery};
use siyu_types::value::ValueKind;
use siyu_types::{Error, ErrorCode, Result};

use super::AnalysisQuery;

/// Longest names and descriptions, in characters.
const NAME_CHARS_MAX: usize = 100;
const DESCRIPTION_CHARS_MAX: usize = 2_000;

/// Checks limits, names and types of a query; says what it needs.
pub(super) fn check(project: &Project, query: &AnalysisQuery) -> Result<Needs> {
    let people = project.people.read();
    let definitions = project.definitions();
    let catalog = ProjectCatalog::new(project, &people, &definitions);
    match query {
        AnalysisQuery::Trend(query) => {
            query.validate()?;
            check_trend(query, &catalog)?;
            let kind_of = |event: &str, name: &str| {
                let known = project.events.properties(event).into_iter();
                known.filter(|property| property.name == name).map(|property| property.kind).next()
            };
            check_kinds(query, kind_of)?;
        }
        AnalysisQuery::Funnel(query) => {
            query.validate()?;
            check_funnel(query, &catalog)?;
        }
    }
    Ok(query.needs())
}

/// Only numbers, and texts that may read as numbers, can be added up.
fn check_kinds(query: &TrendQuery, kind_of: impl Fn(&str, &str) -> Option<ValueKind>) -> Result<()> {
    for (index, series) in query.series.iter().enumerate() {
        let (Measure::Sum { property } | Measure::Avg { property }) = &series.measure else { continue };
        let kind = kind_of(&series.event.event, property);
        if matches!(kind, Some(ValueKind::Bool | ValueKind::List)) {
            return Err(Error::new(ErrorCode::TypeMismatch, format!("{property} does not hold numbers"))
                .with("name", property.clone())
                .at(format!("series[{index}].measure.property")));
        }
    }
    Ok(())
}

/// A name that people can tell apart.
pub(super) fn name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_CHARS_MAX {
        return Err(Error::invalid("name", format!("needs 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(name.to_owned())
}

pub(super) fn description(text: &str) -> Result<String> {
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(Error::invalid("description", format!("at most {DESCRIPTION_CHARS_MAX} characters")));
    }
    Ok(text.trim().to_owned())
}
