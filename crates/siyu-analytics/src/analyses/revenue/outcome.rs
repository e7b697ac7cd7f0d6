//! The pass over the events: who began when, and what they brought in which interval after.

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{Entry, REVENUE_CELLS_MAX, RevenueQuery};
use siyu_types::clock::Millis;

use crate::Context;
use crate::buckets::too_many;
use crate::cohorts::Cohorts;
use crate::gains::Gains;
use crate::masks::EventTest;
use crate::outcomes::Outcomes;
use crate::pass::{People, Piece};
use crate::roles::Roles;
use crate::wanted::Wanted;

/// Somebody in a cohort.
pub(super) struct Began<'o> {
    pub(super) cohort: usize,
    /// One per column.
    pub(super) values: &'o [i64],
    /// Brought something in column k as bit k.
    pub(super) paid: u128,
}

/// The query, prepared for one scan.
pub(super) struct Revenue<'q> {
    roles: Roles<'q>,
    gains: Gains<'q>,
    wanted: Wanted,
    chosen: People,
    pub(super) cohorts: Cohorts,
    pub(super) columns: usize,
    entry: Entry,
    as_of: Millis,
}

impl<'q> Revenue<'q> {
    pub(super) fn new(
        query: &'q RevenueQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Revenue<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let periods = query.periods as usize;
        let scope = (&query.range, query.interval, query.clock);
        let cohorts = Cohorts::new(&query.start, scope, periods, context, &chosen)?;
        if cohorts.len() * (periods + 1) > REVENUE_CELLS_MAX {
            return Err(too_many(REVENUE_CELLS_MAX));
        }
        let roles = Roles::new(vec![EventTest::new(&query.start.event, &query.start.filters, context)]);
        let gains = Gains::new(&query.gain, context);
        Ok(Revenue {
            wanted: Wanted::either(&roles.wanted, gains.wanted()),
            roles,
            gains,
            chosen,
            cohorts,
            columns: periods + 1,
            entry: query.entry,
            as_of: context.as_of,
        })
    }
}

impl Outcomes for Revenue<'_> {
    type Outcome<'o> = Began<'o>;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], Began<'_>)) {
        let times = &piece.block.times;
        let on = self.roles.on(piece.block);
        let mut gains = self.gains.on(piece.block);
        let (mut gained, mut values) = (Vec::new(), vec![0i64; self.columns]);
        piece.each_person(&self.wanted, &self.chosen, |person, rows| {
            let mut started = None;
            for &row in rows {
                let time = times[row as usize];
                if time > self.as_of {
                    break;
                }
                if on.of(row) != 0 {
                    let (founds, next) = self.cohorts.founds(time, self.entry);
                    if founds {
                        started = Some((row, time));
                    }
                    if founds || !next {
                        break;
                    }
                }
            }
            let Some((row, start)) = started else { return };
            values.fill(0);
            let mut paid = 0u128;
            gains.read(rows, &mut gained);
            for gained in gained.iter().filter(|gained| gained.time >= start) {
                let column = self.cohorts.interval(start, gained.time);
                if let Some(value) = values.get_mut(column) {
                    *value = value.saturating_add(gained.amount);
                    paid |= u128::from(gained.counts) << column;
                }
            }
            see(person, &[row], Began { cohort: self.cohorts.of(start), values: &values, paid });
        });
    }
}
