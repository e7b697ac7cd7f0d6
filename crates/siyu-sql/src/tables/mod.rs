//! The tables that statements read. A kind of table says which columns it has for a viewer,
//! what it needs of the project, and reads what a statement wants of it, all as of one
//! instant; nothing is read that is not asked for.

mod column;
mod events;
mod identities;
mod items;
mod order_lines;
mod orders;
mod people;
mod provider;
mod rows;
mod segments;
mod sends;
mod tags;
mod wanted;

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::memory_pool::MemoryReservation;
use siyu_analytics::Context;
use siyu_audience::evaluation::Needs;
use siyu_audience::projects::Definitions;
use siyu_audience::{People, Project};
use siyu_types::clock::Millis;
use siyu_types::ports::ToldSend;
use siyu_types::{Result, Viewer};

pub(crate) use column::{Column, ColumnKind, MASKED_MARK, Origin, PERSON_MARK};
pub(crate) use provider::{ByName, Held, Tables};
pub(crate) use wanted::{Wanted, wanted_by};

/// Every table, in the order in which they are shown.
pub(crate) const KINDS: &[&dyn Kind] = &[
    &events::Events,
    &people::PeopleTable,
    &identities::Identities,
    &orders::Orders,
    &order_lines::OrderLines,
    &items::Items,
    &tags::Tags,
    &segments::Segments,
    &sends::Sends,
];

/// A project as it is described to a viewer.
pub(crate) struct Catalog<'a> {
    pub project: &'a Project,
    pub people: &'a People,
    pub viewer: &'a Viewer,
}

/// A project at the instant that a statement is answered for.
pub(crate) struct Moment<'a> {
    pub people: &'a People,
    pub context: &'a Context<'a>,
    pub definitions: &'a Definitions,
    pub viewer: &'a Viewer,
    /// The zone by name, in which times are shown.
    pub zone: &'a str,
    /// Empty unless the statement reads them.
    pub sends: &'a [ToldSend],
    /// Bytes that tables hold count against the statement's limit.
    pub budget: &'a MemoryReservation,
}

/// One table.
pub(crate) trait Kind: Sync {
    fn name(&self) -> &'static str;

    /// What it holds, as this viewer sees it.
    fn columns(&self, catalog: &Catalog<'_>) -> Vec<Column>;

    /// Asks for what reading it will need.
    fn needs(&self, _wanted: &Wanted, _columns: &[Column], _project: &Project, _needs: &mut Needs) {}

    /// What a statement wants of it.
    fn read(
        &self,
        wanted: &Wanted,
        columns: &Arc<[Column]>,
        moment: &Moment<'_>,
    ) -> datafusion::common::Result<Held>;
}

/// A table as one viewer sees it.
#[derive(Clone)]
pub(crate) struct Described {
    pub kind: &'static dyn Kind,
    pub columns: Arc<[Column]>,
    pub schema: SchemaRef,
}

/// All tables as a viewer sees them; of a statement only those that its text can name, as it
/// takes a while to say of many items which attributes they have.
pub(crate) fn describe(
    project: &Project,
    viewer: &Viewer,
    zone: &str,
    statement: Option<&str>,
) -> Vec<Described> {
    let text = statement.map(str::to_lowercase);
    let named = |kind: &&&dyn Kind| text.as_ref().is_none_or(|text| text.contains(kind.name()));
    let people = project.people.read();
    let catalog = Catalog { project, people: &people, viewer };
    let described = KINDS.iter().filter(named).map(|kind| {
        let columns: Arc<[Column]> = kind.columns(&catalog).into();
        Described { kind: *kind, schema: column::schema(&columns, zone), columns }
    });
    described.collect()
}

/// The name of a zone as the engine knows it.
pub(crate) fn zone_name(project: &Project) -> String {
    project.zone().iana_name().unwrap_or("UTC").to_owned()
}

/// Reads what is wanted of every table, as of one instant. Holds the people for reading
/// meanwhile, as analyses do.
pub(crate) fn read_all(
    project: &Project,
    tables: &Tables,
    wanted: &[(usize, Wanted)],
    as_of: Millis,
    sends: &[ToldSend],
    budget: &MemoryReservation,
) -> Result<datafusion::common::Result<Vec<(usize, Held)>>> {
    let mut needs = Needs::default();
    for (at, wanted) in wanted {
        let table = &tables.described[*at];
        table.kind.needs(wanted, &table.columns, project, &mut needs);
    }
    let definitions = project.definitions();
    siyu_audience::evaluation::ask_people(project, needs, as_of, |context, people| {
        let read = wanted.iter().map(|(at, wanted)| {
            let table = &tables.described[*at];
            let moment = Moment {
                people,
                context,
                definitions: &definitions,
                viewer: &tables.viewer,
                zone: &tables.zone,
                sends,
                budget,
            };
            Ok((*at, table.kind.read(wanted, &table.columns, &moment)?))
        });
        Ok(read.collect())
    })
}
