//! Attribution: to which touches before it a conversion is owed. Reference/03 §2.8.
//!
//! - A touch counts for a conversion if it is strictly earlier, by no more than the window; every
//!   conversion looks back on its own. Touches of one time stand in the order they arrived.
//! - Credit belongs to conversions. It is shared out in whole parts, conversion by conversion, so
//!   what all rows have is the whole, whatever the model; conversions without a touch have a row of
//!   their own.
//! - Markov takes the touches in the range that led to no conversion as journeys, too, cut where
//!   there is a break longer than the window; its removal effects are solved, not simulated. It
//!   shares the value as it shares the conversions.
//! - The Shapley value of "conversions of journeys whose touches are all in the set" is the equal
//!   share of each journey's different touches, for any number of them; a test holds that against
//!   the definition over all sets.
//! - Values that are not shown on their own are one touch for the models. A list is no value.

mod credit;
mod journeys;
mod markov;
#[cfg(test)]
mod naive;
mod tally;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::analysis::{
    AttributionCell, AttributionKey, AttributionModel, AttributionQuery, AttributionResult, AttributionWhat,
    Group, Question as _,
};
use siyu_types::{Error, Result};

use crate::Context;
use crate::amounts::fitting;
use crate::groups::Source;
use crate::outcomes;
use journeys::{Journeys, Person};
use tally::Credits;

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &AttributionQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<AttributionResult> {
    query.validate()?;
    let kind = Journeys::new(query, context, within)?;
    let empty = Credits::new(&query.models, kind.names.slots());
    let mut groups = outcomes::tally(&kind, context.scan, &Source::Whole, &empty);
    let credits = groups.pop().map_or(empty, |(_, credits)| credits);
    let waits = if query.models.contains(&AttributionModel::Markov) { kind.window } else { 0 };
    Ok(AttributionResult {
        conversions: credits.conversions,
        people: credits.people,
        value: fitting(credits.value),
        value_unit: query.target.unit(),
        unconverted: credits.unconverted,
        complete: context.as_of >= kind.end.saturating_add(waits),
        rows: credits.into_rows(&kind.names),
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &AttributionQuery,
    cell: &AttributionCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let model = match cell.what {
        AttributionWhat::Credited { model } => Some(
            *(query.models.get(model))
                .ok_or_else(|| Error::invalid("cell.what.model", "the answer has no such model"))?,
        ),
        AttributionWhat::Touched | AttributionWhat::Converted => None,
    };
    let mut kind = Journeys::new(query, context, within)?;
    let Some(key) = &cell.key else {
        let wanted = |person: &&Person| match cell.what {
            AttributionWhat::Touched => person.touches.iter().any(|touch| touch.counted),
            _ => !person.conversions.is_empty(),
        };
        return Ok(found(&kind, context, wanted));
    };
    if *key == AttributionKey::None {
        let without = |person: &&Person| person.conversions.iter().any(|one| one.path.is_empty());
        return Ok(found(&kind, context, without));
    }
    let slot = kind.names.find(key)?;
    let wanted = |person: &&Person| match (cell.what, model) {
        (AttributionWhat::Touched, _) => person.touches.iter().any(|t| t.counted && t.slot == slot),
        (_, Some(model)) => person.credits(model, slot),
        _ => person.conversions.iter().any(|one| person.has(one, slot)),
    };
    Ok(found(&kind, context, wanted))
}

fn found(
    kind: &Journeys<'_>,
    context: &Context<'_>,
    wanted: impl Fn(&&Person) -> bool + Sync,
) -> RoaringBitmap {
    outcomes::people(kind, context.scan, &Source::Whole, &Group::Whole, wanted)
}
