//! Asking a project: conditions and analyses over its people and events, consistent
//! as of one instant. Dynamic segments that a condition names are worked out anew
//! with it, so that every answer agrees with the definition as it stands.

mod catalog;
mod earlier;

use std::collections::{BTreeSet, HashMap};

use roaring::RoaringBitmap;
use siyu_analytics::{AttributeColumn, Context, ItemColumn, PersonColumns, conditions, names};
use siyu_events::{Scan, ScanRequest};
use siyu_types::analysis::{ANY_EVENT, Breakdown, Question};
use siyu_types::clock::Millis;
use siyu_types::condition::Condition;
use siyu_types::record::names::DONE_TO_PEOPLE;
use siyu_types::relation::RelationSide;
use siyu_types::{Error, ItemField, Result};

use crate::people::People;
use crate::projects::{Definitions, Named, Project, named_in};
use crate::segments::SegmentKind;
use earlier::Earlier;

pub use catalog::ProjectCatalog;

/// What a question needs of the event store and of other segments.
#[derive(Clone, Default, Debug)]
pub struct Needs {
    columns: BTreeSet<String>,
    events: BTreeSet<String>,
    scans: bool,
    segments: BTreeSet<i64>,
    /// Attributes and tags that are asked of people told apart as they were earlier.
    attributes: BTreeSet<String>,
    tags: BTreeSet<i64>,
    told_apart: Option<Millis>,
}

impl Needs {
    pub fn of(condition: &Condition) -> Needs {
        let mut needs = Needs::default();
        needs.condition(condition);
        needs
    }

    pub fn condition(&mut self, condition: &Condition) {
        if conditions::names_events(condition) {
            self.events(conditions::events_needed(condition), conditions::columns_needed(condition));
        }
        for named in named_in(condition) {
            match named {
                Named::Segment(id) => self.segments.insert(id),
                Named::Tag(id) => self.tags.insert(id),
            };
        }
        attributes_in(condition, &mut self.attributes);
    }

    pub fn question(&mut self, question: &dyn Question) {
        self.events(names::events_needed(question), names::columns_needed(question));
        self.segments.extend(question.spoken().all_segments().map(|(_, id)| id));
    }

    pub fn segment(&mut self, id: i64) {
        self.segments.insert(id);
    }

    /// Events with these names, with these properties. [`ANY_EVENT`] stands for all that are
    /// somebody's own doing.
    pub fn events(
        &mut self,
        names: impl IntoIterator<Item = String>,
        columns: impl IntoIterator<Item = String>,
    ) {
        self.scans = true;
        self.events.extend(names);
        self.columns.extend(columns);
    }

    /// Asks of the people as they were told apart at an earlier instant: whose numbers
    /// were one person then. Everything else, also what is known of them, is as of now.
    pub fn told_apart<'q>(
        &mut self,
        at: Option<Millis>,
        breakdowns: impl IntoIterator<Item = &'q Breakdown>,
    ) {
        self.told_apart = at;
        for breakdown in breakdowns {
            match breakdown {
                Breakdown::Attribute { name } => self.attributes.extend([name.clone()]),
                Breakdown::Tag { tag } => self.tags.extend([*tag]),
                Breakdown::Property { .. }
                | Breakdown::Item { .. }
                | Breakdown::Ranges { .. }
                | Breakdown::Segments { .. } => {}
            }
        }
    }
}

/// The attributes that a condition names.
fn attributes_in(condition: &Condition, found: &mut BTreeSet<String>) {
    match condition {
        Condition::All { of } | Condition::Any { of } => {
            of.iter().for_each(|part| attributes_in(part, found))
        }
        Condition::Not { of } => attributes_in(of, found),
        Condition::Attribute { name, .. } => found.extend([name.clone()]),
        _ => {}
    }
}

/// People with the members of dynamic segments as they are at the asked instant.
struct AsOf<'a> {
    people: &'a dyn PersonColumns,
    segments: HashMap<i64, RoaringBitmap>,
}

impl PersonColumns for AsOf<'_> {
    fn universe(&self) -> &RoaringBitmap {
        self.people.universe()
    }

    fn attribute(&self, name: &str) -> Option<AttributeColumn<'_>> {
        self.people.attribute(name)
    }

    fn tag(&self, id: i64) -> Option<AttributeColumn<'_>> {
        self.people.tag(id)
    }

    fn segment(&self, id: i64) -> Option<&RoaringBitmap> {
        self.segments.get(&id).or_else(|| self.people.segment(id))
    }

    fn related(&self, relation: &str, side: RelationSide, at: Millis) -> Option<Vec<(u32, u32)>> {
        self.people.related(relation, side, at)
    }

    fn person(&self, number: u32) -> u32 {
        self.people.person(number)
    }

    fn item(&self, field: &ItemField) -> Option<ItemColumn<'_>> {
        PersonColumns::item(self.people, field)
    }
}

/// Answers a question that needs `needs`. Holds the people for reading meanwhile.
pub fn ask<T>(
    project: &Project,
    needs: Needs,
    as_of: Millis,
    question: impl FnOnce(&Context<'_>) -> Result<T>,
) -> Result<T> {
    ask_people(project, needs, as_of, |context, _| question(context))
}

/// As [`ask`], for those who also read what is known of people, of the same instant.
pub fn ask_people<T>(
    project: &Project,
    mut needs: Needs,
    as_of: Millis,
    question: impl FnOnce(&Context<'_>, &People) -> Result<T>,
) -> Result<T> {
    let definitions = project.definitions();
    let nested = nested_segments(&definitions, &mut needs);
    let zone = project.zone();
    if needs.events.remove(ANY_EVENT) {
        let known = project.events.event_names().into_iter().map(|event| event.name);
        needs.events.extend(known.filter(|name| !DONE_TO_PEOPLE.contains(&name.as_str())));
    }
    let columns: Vec<&str> = needs.columns.iter().map(String::as_str).collect();
    let events: Vec<&str> = needs.events.iter().map(String::as_str).collect();
    // What comes in waits while somebody holds the people: nothing is read from disk meanwhile.
    let warmed = needs.scans.then(|| project.events.warm(&columns, &events)).transpose()?;
    let people = project.people.read();
    let earlier = needs.told_apart.map(|at| Earlier::new(&people, at, &needs));
    let remap = earlier.as_ref().map_or(people.remap(), |earlier| &earlier.remap);
    let scan = match needs.scans {
        true => {
            let request =
                ScanRequest { columns: &columns, events: Some(&events), from: None, to: None, remap };
            project.events.scan(&request)?
        }
        false => Scan::default(),
    };
    drop(warmed);
    let told_apart: &dyn PersonColumns = match &earlier {
        Some(earlier) => earlier,
        None => &*people,
    };
    let mut view = AsOf { people: told_apart, segments: HashMap::new() };
    for (id, condition) in nested {
        let members =
            conditions::evaluate(condition, &Context { people: &view, scan: &scan, as_of, zone: &zone })?;
        view.segments.insert(id, members);
    }
    question(&Context { people: &view, scan: &scan, as_of, zone: &zone }, &people)
}

/// The dynamic segments a question needs, what is needed first; `needs` grows by theirs.
fn nested_segments<'d>(definitions: &'d Definitions, needs: &mut Needs) -> Vec<(i64, &'d Condition)> {
    // Segments may need tags, which are taken as computed and end the search.
    let mut order: Vec<i64> = Vec::new();
    let mut open: Vec<(i64, bool)> = needs.segments.iter().rev().map(|id| (*id, false)).collect();
    let mut seen = BTreeSet::new();
    while let Some((id, done)) = open.pop() {
        if done {
            order.push(id);
            continue;
        }
        if !seen.insert(id) {
            continue;
        }
        open.push((id, true));
        let further = definitions.names(Named::Segment(id));
        open.extend(further.into_iter().filter_map(|named| match named {
            Named::Segment(id) => Some((id, false)),
            Named::Tag(_) => None,
        }));
    }
    let dynamic: Vec<(i64, &Condition)> = order
        .into_iter()
        .filter_map(|id| Some((id, definitions.segments.get(&id)?)))
        .filter(|(_, segment)| segment.kind == SegmentKind::Dynamic)
        .map(|(id, segment)| (id, &segment.condition))
        .collect();
    for (_, condition) in &dynamic {
        needs.condition(condition);
    }
    dynamic
}

/// The living people for whom the condition holds at `as_of`.
pub fn evaluate(project: &Project, condition: &Condition, as_of: Millis) -> Result<RoaringBitmap> {
    condition.validate()?;
    ask(project, Needs::of(condition), as_of, |context| conditions::evaluate(condition, context))
}

/// The living members of a segment: of a dynamic one at `as_of`, of a snapshot
/// those it was made of.
pub fn members(project: &Project, segment: i64, as_of: Millis) -> Result<RoaringBitmap> {
    let mut needs = Needs::default();
    needs.segment(segment);
    ask(project, needs, as_of, |context| {
        let members = context.people.segment(segment).ok_or_else(|| Error::not_found("segment", segment))?;
        Ok(members & context.people.universe())
    })
}

/// Checks limits and names of a condition that somebody wrote; `path` is where it
/// stands in the request.
pub fn check(project: &Project, condition: &Condition, path: &str) -> Result<()> {
    condition.validate().map_err(|mut error| {
        error.field = error.field.map(|field| field.replacen("condition", path, 1));
        error
    })?;
    let people = project.people.read();
    let definitions = project.definitions();
    siyu_analytics::names::check_condition(
        condition,
        path,
        &ProjectCatalog::new(project, &people, &definitions),
    )
}
