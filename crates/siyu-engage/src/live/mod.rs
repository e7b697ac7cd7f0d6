//! The real audience: people and events of the open projects.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use roaring::RoaringBitmap;

use siyu_audience::rights::{self, Text};
use siyu_audience::segments::SegmentKind;
use siyu_audience::{Named, Projects};
use siyu_events::{BOOL_MISSING, Block, Column, ScanRequest, TEXT_MISSING};
use siyu_types::analysis::EventMatch;
use siyu_types::calendar::InstantRange;
use siyu_types::error::Result;
use siyu_types::value::{Props, Value};
use siyu_types::{PersonNo, ProjectId};

use crate::audience::{Audience, GoalEvent, PersonView, ProjectView};

/// The amount of an event in minor units.
const AMOUNT: &str = "amount_minor";

pub struct LiveAudience(pub Arc<Projects>);

impl Audience for LiveAudience {
    fn project(&self, project: ProjectId) -> Result<ProjectView> {
        let settings = self.0.get(project)?.settings();
        Ok(ProjectView {
            name: settings.name.clone(),
            currency: settings.currency.clone(),
            zone: settings.zone.clone(),
        })
    }

    fn members(&self, project: ProjectId, segment: i64) -> Result<RoaringBitmap> {
        let project = self.0.get(project)?;
        let now = project.clock.now();
        siyu_audience::members(&project, segment, now)
    }

    fn assessed(&self, project: ProjectId, segment: i64) -> Result<bool> {
        let definitions = self.0.get(project)?.definitions();
        let needed = definitions.in_order([Named::Segment(segment)]);
        let assesses = |named: &Named| match named {
            Named::Tag(id) => definitions.tags.get(id).is_some_and(|tag| tag.definition.assesses()),
            Named::Segment(_) => false,
        };
        Ok(needed.iter().any(assesses))
    }

    fn assessing_tags(&self, project: ProjectId) -> Result<BTreeSet<String>> {
        let definitions = self.0.get(project)?.definitions();
        let assessing = |id: &i64| {
            definitions.in_order([Named::Tag(*id)]).iter().any(|named| match named {
                Named::Tag(id) => definitions.tags.get(id).is_some_and(|tag| tag.definition.assesses()),
                Named::Segment(_) => false,
            })
        };
        let tags = definitions.tags.iter().filter(|(id, _)| assessing(id));
        Ok(tags.map(|(_, tag)| tag.name.clone()).collect())
    }

    fn segment_words(&self, project: ProjectId, segment: i64) -> Result<Text> {
        let project = self.0.get(project)?;
        let definitions = project.definitions();
        let Some(known) = definitions.segments.get(&segment) else { return Ok(Text::new("", "")) };
        let why = match known.kind {
            SegmentKind::Dynamic => rights::why(&project, &known.condition),
            _ => Text::new("固定名单", "a fixed list"),
        };
        let name = &known.name;
        Ok(Text::new(format!("人群“{name}”：{}", why.zh), format!("the segment “{name}”: {}", why.en)))
    }

    fn everybody(&self, project: ProjectId) -> Result<RoaringBitmap> {
        Ok(self.0.get(project)?.people.read().universe().clone())
    }

    fn people(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Option<PersonView>>> {
        let project = self.0.get(project)?;
        let definitions = project.definitions();
        let people = project.people.read();
        let view = |number: &u32| {
            let person = people.person_of(PersonNo(*number));
            if !people.exists(person) {
                return None;
            }
            let tags: Props = definitions
                .tags
                .iter()
                .filter_map(|(id, tag)| Some((tag.name.clone(), people.tag_value(person, *id)?)))
                .collect();
            Some(PersonView {
                person: person.0,
                attributes: people.attributes(person),
                tags,
                identifiers: people.identifiers(person),
                numbers: people.numbers(person),
                email: people.address(person, "email"),
            })
        };
        Ok(numbers.iter().map(view).collect())
    }

    fn current(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<u32>> {
        let project = self.0.get(project)?;
        let people = project.people.read();
        Ok(numbers.iter().map(|number| people.remap().person(*number)).collect())
    }

    fn goal_events(
        &self,
        project: ProjectId,
        goal: &EventMatch,
        range: InstantRange,
        see: &mut dyn FnMut(GoalEvent),
    ) -> Result<()> {
        let project = self.0.get(project)?;
        let mut columns: Vec<&str> = goal.filters.iter().map(|filter| filter.property.as_str()).collect();
        columns.push(AMOUNT);
        columns.sort_unstable();
        columns.dedup();
        let scan = {
            let people = project.people.read();
            project.events.scan(&ScanRequest {
                columns: &columns,
                events: Some(&[goal.event.as_str()]),
                from: Some(range.from),
                to: Some(range.to),
                remap: people.remap(),
            })?
        };
        let Some(code) = scan.event_code(&goal.event) else { return Ok(()) };
        for part in &scan.blocks {
            let block = &part.block;
            for (person, rows) in part.runs() {
                for row in rows {
                    let time = block.times[row];
                    if block.events[row] != code || time < range.from || time >= range.to {
                        continue;
                    }
                    let holds = |filter: &siyu_types::condition::PropertyFilter| {
                        filter.test.holds(value_at(block, &filter.property, row).as_ref())
                    };
                    if goal.filters.iter().all(holds) {
                        let amount = value_at(block, AMOUNT, row).and_then(|value| value.as_number());
                        see(GoalEvent { person, time, amount_minor: amount.unwrap_or(0.0) });
                    }
                }
            }
        }
        Ok(())
    }
}

/// The value of a property in a row.
fn value_at(block: &Block, property: &str, row: usize) -> Option<Value> {
    match block.columns.get(property)? {
        Column::Number(numbers) => Some(numbers[row]).filter(|n| !n.is_nan()).map(Value::Number),
        Column::Bool(flags) => Some(flags[row]).filter(|b| *b != BOOL_MISSING).map(|b| Value::Bool(b == 1)),
        Column::Text { codes, dictionary, list } => {
            let code = codes[row];
            if code == TEXT_MISSING {
                return None;
            }
            let text = &*dictionary[code as usize];
            if *list {
                return serde_json::from_str(text).ok().map(Value::List);
            }
            Some(Value::Text(text.to_owned()))
        }
    }
}
