//! Answers as plain tables: what files hold and what a tile of a dashboard shows as a table.
//! Every kind has one shape, whose numbers are those of its answer.

mod api;
mod cohorts;
mod file;
mod flow;
mod grid;
mod over_time;
mod said;
mod spread;
mod steps;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siyu_govern::masking::shown_by_look;
use siyu_govern::personal::NewExport;
use siyu_types::analysis::{AnalysisQuery, AnalysisResult, Answer as _, Breakdown, Question as _};
use siyu_types::clock::Millis;
use siyu_types::permission::Actor;
use siyu_types::personal::FieldKind;
use siyu_types::{Error, Permission, Result, Role, Viewer};
use utoipa::ToSchema;

pub(super) use api::routes;
use said::Said;

use super::{AnalysisAnswer, AnswerAbout};
use crate::Insight;

/// In which language titles are.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize, ToSchema)]
#[schema(as = TableLanguage)]
pub enum Language {
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    #[serde(rename = "en")]
    English,
}

/// What the numbers of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TableColumnKind)]
pub enum ColumnKind {
    Text,
    Number,
    /// 0.25 is a quarter.
    Share,
    /// In minor units of the project's currency; in files, in whole units.
    Money,
    /// A length of time in milliseconds; in files, in seconds.
    Millis,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = TableColumn)]
pub struct Column {
    pub title: String,
    pub kind: ColumnKind,
}

impl Column {
    fn new(title: impl Into<String>, kind: ColumnKind) -> Column {
        Column { title: title.into(), kind }
    }

    fn text(title: impl Into<String>) -> Column {
        Column::new(title, ColumnKind::Text)
    }

    fn number(title: impl Into<String>) -> Column {
        Column::new(title, ColumnKind::Number)
    }

    fn share(title: impl Into<String>) -> Column {
        Column::new(title, ColumnKind::Share)
    }
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Cell {
    Nothing,
    Whole(i64),
    Number(f64),
    Text(String),
}

impl From<u64> for Cell {
    fn from(number: u64) -> Cell {
        Cell::Whole(number as i64)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Whole(number)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Cell {
        if number.is_finite() { Cell::Number(number) } else { Cell::Nothing }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Nothing, Into::into)
    }
}

/// Decimal places of a currency.
pub(crate) fn decimals(currency: &str) -> i32 {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "XOF" | "XAF" => 0,
        "KWD" | "BHD" | "OMR" | "JOD" | "TND" => 3,
        _ => 2,
    }
}

/// A part of a whole, if there is a whole.
fn share(part: u64, whole: u64) -> Cell {
    if whole == 0 { Cell::Nothing } else { Cell::Number(part as f64 / whole as f64) }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    fn new(columns: Vec<Column>) -> Table {
        Table { columns, rows: Vec::new() }
    }

    fn push(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// How a caller wants a table to be called.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Wording {
    pub language: Language,
    /// What the caller calls events and the values of groups; others go by their own names.
    pub names: BTreeMap<String, String>,
}

fn table_of(query: &AnalysisQuery, result: &AnalysisResult, said: &Said<'_>) -> Option<Table> {
    use {AnalysisQuery as Q, AnalysisResult as R};
    Some(match (query, result) {
        (Q::Trend(query), R::Trend(result)) => over_time::trend(query, result, said),
        (Q::Lifecycle(_), R::Lifecycle(result)) => over_time::lifecycle(result, said),
        (Q::Session(_), R::Session(result)) => over_time::session(result, said),
        (Q::Sequence(_), R::Sequence(result)) => over_time::sequence(result, said),
        (Q::Funnel(query), R::Funnel(result)) => steps::funnel(query, result, said),
        (Q::Retention(query), R::Retention(result)) => cohorts::retention(query, result, said),
        (Q::Revenue(query), R::Revenue(result)) => cohorts::revenue(query, result, said),
        (Q::Distribution(query), R::Distribution(result)) => spread::distribution(query, result, said),
        (Q::Stickiness(query), R::Stickiness(result)) => spread::stickiness(query, result, said),
        (Q::Interval(_), R::Interval(result)) => spread::interval(result, said),
        (Q::Path(_), R::Path(result)) => flow::path(result, said),
        (Q::Attribution(query), R::Attribution(result)) => flow::attribution(query, result, said),
        (Q::Crosstab(_), R::Crosstab(result)) => grid::crosstab(result, said),
        (Q::Rfm(query), R::Rfm(result)) => grid::rfm(query, result, said),
        (Q::Heatmap(_), R::Heatmap(result)) => grid::heatmap(result, said),
        _ => return None,
    })
}

/// A question's answer as a table.
struct Told {
    table: Table,
    about: AnswerAbout,
    as_of: Millis,
    answer: AnalysisResult,
}

/// Asks as anybody asks, so masking and limits are those of the answer.
async fn tell(
    insight: &Insight,
    viewer: &Viewer,
    query: AnalysisQuery,
    told_apart: Option<Millis>,
    wording: Wording,
) -> Result<Told> {
    let AnalysisAnswer { result, about } = super::answer(insight, viewer, query.clone(), told_apart).await?;
    let project = insight.project(viewer)?;
    let definitions = project.definitions();
    let segments = definitions.segments.iter().map(|(id, segment)| (*id, segment.name.as_str())).collect();
    let decimals = decimals(&project.currency());
    let said = Said { wording: &wording, segments, breakdown: query.spoken().breakdown, decimals };
    let table = table_of(&query, &result, &said)
        .ok_or_else(|| Error::internal("the answer is of another kind than its question"))?;
    Ok(Told { table, about, as_of: result.as_of(), answer: result })
}

/// The answer as a file. Counts are nobody's; but where groups are called by personal values,
/// the file holds these, and is registered like any other that does.
async fn export(
    insight: &Insight,
    viewer: &Viewer,
    query: AnalysisQuery,
    told_apart: Option<Millis>,
    wording: Wording,
    kind: file::FileKind,
    title: String,
) -> Result<Vec<u8>> {
    let language = wording.language;
    let Told { mut table, as_of, mut answer, .. } =
        tell(insight, viewer, query.clone(), told_apart, wording).await?;
    let project = insight.project(viewer)?;
    let paper = file::Paper {
        title: if title.is_empty() { query.kind().to_owned() } else { title },
        language,
        zone: project.zone(),
        as_of,
        currency: project.currency(),
    };
    if !names_people(viewer, &query, &mut answer) {
        return insight.work(move || file::write(kind, &table, &paper)).await;
    }
    viewer.require(Permission::PeopleExport)?;
    let new = NewExport { what: "analysis", title: paper.title.clone(), people: Vec::new() };
    let export = insight.govern().begin_export(viewer, new).await?;
    table.columns.push(Column::text("siyu_export"));
    let line = export.line();
    table.rows.iter_mut().for_each(|row| row.push(Cell::Text(line.clone())));
    let rows = table.rows.len() as u64;
    let bytes = insight.work(move || file::write(kind, &table, &paper)).await?;
    insight.govern().finish_export(&export, rows).await?;
    Ok(bytes)
}

/// Whether groups are called by personal values: split by a field that is personal, or by
/// values that look so.
fn names_people(viewer: &Viewer, query: &AnalysisQuery, answer: &mut AnalysisResult) -> bool {
    let personal = |kind, name: &str| viewer.personal.field(kind, name).is_some();
    let split = query.spoken().breakdowns().any(|(_, breakdown)| match breakdown {
        Breakdown::Attribute { name } => personal(FieldKind::Attribute, name),
        Breakdown::Property { name } => personal(FieldKind::Property, name),
        _ => false,
    });
    let mut looks = split || other_split(query).any(|name| personal(FieldKind::Property, name));
    // What somebody who sees nothing personal would see masked, is personal.
    let blind = Viewer::new(Actor::System, viewer.project, Role::Viewer);
    answer.each_value(&mut |value| looks |= shown_by_look(&blind, value) != *value);
    looks
}

/// Properties that split an answer without being a breakdown.
fn other_split(query: &AnalysisQuery) -> impl Iterator<Item = &str> {
    let (split, touches) = match query {
        AnalysisQuery::Path(path) => (path.split.as_deref(), &[][..]),
        AnalysisQuery::Attribution(attribution) => (None, &attribution.touches[..]),
        _ => (None, &[][..]),
    };
    split.into_iter().chain(touches.iter().filter_map(|touch| touch.property.as_deref()))
}
