//! Conditions on how people are related: how many others, counted over all people at
//! once or for one.

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::clock::Millis;
use siyu_types::relation::{RelatedWith, RelationCondition};

use crate::{Context, PersonRow, unknown};

/// The living people for whom the condition holds.
pub(super) fn among_all(relation: &RelationCondition, context: &Context<'_>) -> Result<RoaringBitmap> {
    let people = context.people;
    let universe = people.universe();
    let pairs = people
        .related(&relation.relation, relation.side, context.as_of)
        .ok_or_else(|| unknown("relation", &relation.relation))?;
    let named: Option<RoaringBitmap> = match &relation.with {
        RelatedWith::Anybody => None,
        RelatedWith::People { numbers } => {
            Some(numbers.iter().map(|number| people.person(*number)).collect())
        }
        RelatedWith::Segment { segment } => {
            Some(people.segment(*segment).ok_or_else(|| unknown("segment", segment))?.clone())
        }
    };
    let counts = |other: u32| named.as_ref().is_none_or(|named| named.contains(other));
    let holds = |count: usize| relation.compare.holds(count as f64, relation.value);
    // Who is related with nobody stands in no pair: keep only those who differ from them.
    let idle = holds(0);
    let differing = pairs.chunk_by(|a, b| a.0 == b.0).filter_map(|of_one| {
        let count = of_one.iter().filter(|(_, other)| counts(*other)).count();
        (holds(count) != idle).then_some(of_one[0].0)
    });
    let differing: RoaringBitmap = differing.collect();
    Ok(if idle { universe - differing } else { differing & universe })
}

/// Whether the condition holds for one living person.
pub(super) fn of_one(relation: &RelationCondition, person: &dyn PersonRow, as_of: Millis) -> Result<bool> {
    let others = person
        .related(&relation.relation, relation.side, as_of)
        .ok_or_else(|| unknown("relation", &relation.relation))?;
    let count = match &relation.with {
        RelatedWith::Anybody => others.len(),
        RelatedWith::People { numbers } => {
            let named: Vec<u32> = numbers.iter().map(|number| person.person(*number)).collect();
            others.iter().filter(|other| named.contains(other)).count()
        }
        RelatedWith::Segment { segment } => {
            let mut count = 0;
            for other in others {
                let member = person.other_in_segment(other, *segment);
                count += usize::from(member.ok_or_else(|| unknown("segment", segment))?);
            }
            count
        }
    };
    Ok(relation.compare.holds(count as f64, relation.value))
}
