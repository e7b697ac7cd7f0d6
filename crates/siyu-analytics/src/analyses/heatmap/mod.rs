//! Heat maps: on which days of the week and at which hours something happens.
//!
//! - Days and hours are those of the project's zone, read off its changes of clocks: where an hour
//!   is skipped nothing can happen in it, where it comes twice both count. How long each cell was
//!   in the range is told beside, so that rates can be worked out.
//! - People are counted once per cell, per day, per hour and in the total.

mod local;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{
    Group, HOURS, HeatmapCell, HeatmapCounts, HeatmapGroup, HeatmapQuery, HeatmapResult, Question as _,
    WEEKDAYS,
};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use crate::Context;
use crate::amounts::amount;
use crate::buckets::asked;
use crate::groups::Source;
use crate::masks::{EventTest, Numbers};
use crate::outcomes::{self, Outcomes, Tally};
use crate::pass::{People, Piece};
use crate::roles::Roles;
use local::LocalHours;

const CELLS: usize = WEEKDAYS * HOURS;

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &HeatmapQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<HeatmapResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Heatmap::new(query, context, within)?;
    let groups = outcomes::tally(&kind, context.scan, &source, &Counts::new());
    let until = InstantRange { from: kind.range.from, to: kind.end.min(context.as_of) };
    let lengths = kind.hours.lengths(until);
    Ok(HeatmapResult {
        groups: groups.into_iter().map(|(group, counts)| counts.into_group(group)).collect(),
        lengths: lengths.chunks(HOURS).map(<[f64]>::to_vec).collect(),
        value_unit: query.unit(),
        complete: context.as_of >= kind.end,
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &HeatmapQuery,
    cell: &HeatmapCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    cell.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Heatmap::new(query, context, within)?;
    let wanted = |(own, _): &(usize, i64)| {
        cell.weekday.is_none_or(|day| day as usize == own / HOURS)
            && cell.hour.is_none_or(|hour| hour as usize == own % HOURS)
    };
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}

/// The query, prepared for one scan.
struct Heatmap<'q> {
    roles: Roles<'q>,
    chosen: People,
    range: InstantRange,
    /// Where the range ends, known or not.
    end: Millis,
    hours: LocalHours,
    worth: Option<&'q str>,
    unit: i64,
}

impl<'q> Heatmap<'q> {
    fn new(
        query: &'q HeatmapQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Heatmap<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let asked = asked(&query.range, &[&query.event], context, &chosen)?;
        let range = context.known(asked);
        Ok(Heatmap {
            roles: Roles::new(vec![EventTest::new(&query.event.event, &query.event.filters, context)]),
            chosen,
            range,
            end: asked.to,
            hours: LocalHours::new(range, context.zone),
            worth: query.worth.as_deref(),
            unit: query.unit(),
        })
    }
}

impl Outcomes for Heatmap<'_> {
    /// The cell, and what the event is worth.
    type Outcome<'o> = (usize, i64);

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], (usize, i64))) {
        let times = &piece.block.times;
        let on = self.roles.on(piece.block);
        let numbers = self.worth.map(|property| Numbers::new(piece.block.columns.get(property)));
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            for row in rows {
                let time = times[*row as usize];
                if self.range.from <= time && time < self.range.to && on.of(*row) != 0 {
                    let number = numbers.as_ref().map_or(f64::NAN, |numbers| numbers.at(*row as usize));
                    see(person, &[*row], (self.hours.cell(time), amount(number, self.unit)));
                }
            }
        });
    }
}

/// Counts of one cell or line, whose last person was this.
type Count = (HeatmapCounts, Option<u32>);

#[derive(Clone)]
struct Counts {
    /// Cells, then days, then hours, then the total.
    counts: Vec<Count>,
}

impl Counts {
    fn new() -> Counts {
        Counts { counts: vec![(HeatmapCounts::default(), None); CELLS + WEEKDAYS + HOURS + 1] }
    }

    fn into_group(self, group: Group) -> HeatmapGroup {
        let counts: Vec<HeatmapCounts> = self.counts.into_iter().map(|(counts, _)| counts).collect();
        let (cells, lines) = counts.split_at(CELLS);
        HeatmapGroup {
            group,
            total: lines[WEEKDAYS + HOURS],
            weekdays: lines[..WEEKDAYS].to_vec(),
            hours: lines[WEEKDAYS..WEEKDAYS + HOURS].to_vec(),
            cells: cells.chunks(HOURS).map(<[HeatmapCounts]>::to_vec).collect(),
        }
    }
}

impl Tally<Heatmap<'_>> for Counts {
    fn add(&mut self, person: u32, (cell, value): &(usize, i64)) {
        let lines = [*cell, CELLS + cell / HOURS, CELLS + WEEKDAYS + cell % HOURS, CELLS + WEEKDAYS + HOURS];
        for at in lines {
            let (counts, last) = &mut self.counts[at];
            counts.count += 1;
            counts.people += u64::from(last.replace(person) != Some(person));
            counts.value = counts.value.saturating_add(*value);
        }
    }

    fn merge(&mut self, other: Counts) {
        for ((own, _), (more, _)) in self.counts.iter_mut().zip(other.counts) {
            own.count += more.count;
            own.people += more.people;
            own.value = own.value.saturating_add(more.value);
        }
    }
}
