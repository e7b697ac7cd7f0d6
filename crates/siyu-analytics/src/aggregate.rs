//! Numbers per person over matching events: several of them in one pass.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::tz::TimeZone;
use siyu_events::Block;
use siyu_types::analysis::Interval;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::condition::{PersonMeasure, PropertyFilter};

use crate::boundaries::Boundaries;
use crate::days::{Day, Days, Meant};
use crate::groups::{MISSING, Reader, Slots};
use crate::masks::{BlockTest, EventTest, Numbers};
use crate::pass::{People, Piece, over_parts, time_bounds};
use crate::wanted::Wanted;
use crate::{Context, values};

/// One number to compute.
#[derive(Clone, Copy)]
pub(crate) struct Want<'q> {
    pub(crate) event: &'q str,
    pub(crate) filters: &'q [PropertyFilter],
    pub(crate) range: InstantRange,
    pub(crate) measure: &'q PersonMeasure,
}

/// What the matching events of one person came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) count: u64,
    /// The first matching row of the block.
    pub(crate) row: u32,
    pub(crate) first: Millis,
    pub(crate) last: Millis,
    pub(crate) sum: f64,
    numbers: u64,
    min: f64,
    max: f64,
    days: u64,
    day: usize,
    values: Vec<u32>,
}

impl Sums {
    #[inline]
    fn clear(&mut self) {
        // Of most people most wants find nothing.
        if self.count == 0 {
            return;
        }
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        *self = Sums { values, ..Sums::default() };
    }

    /// One more event, later than those before.
    #[inline]
    fn see(&mut self, row: usize, time: Millis) {
        if self.count == 0 {
            self.first = time;
            self.row = row as u32;
        }
        self.count += 1;
        self.last = time;
    }

    /// Nothing but these events, at least one.
    #[inline]
    fn see_all(&mut self, rows: Range<u32>, times: &[Millis]) {
        self.count = rows.len() as u64;
        self.row = rows.start;
        (self.first, self.last) = (times[rows.start as usize], times[rows.end as usize - 1]);
    }

    fn add_number(&mut self, number: f64) {
        if number.is_nan() {
            return;
        }
        self.min = if self.numbers == 0 { number } else { self.min.min(number) };
        self.max = if self.numbers == 0 { number } else { self.max.max(number) };
        self.numbers += 1;
        self.sum += number;
    }

    /// The measure's value; `None` for an average or extreme of no numbers.
    pub(crate) fn value(&mut self, measure: &PersonMeasure) -> Option<f64> {
        let some = self.numbers > 0;
        match measure {
            PersonMeasure::Count => Some(self.count as f64),
            PersonMeasure::Sum { .. } => Some(self.sum),
            PersonMeasure::Avg { .. } => some.then(|| self.sum / self.numbers as f64),
            PersonMeasure::Min { .. } => some.then_some(self.min),
            PersonMeasure::Max { .. } => some.then_some(self.max),
            PersonMeasure::Days => Some(self.days as f64),
            PersonMeasure::Distinct { .. } => {
                self.values.sort_unstable();
                self.values.dedup();
                Some(self.values.len() as f64)
            }
        }
    }
}

/// The property a measure reads, if any.
pub(crate) fn property(measure: &PersonMeasure) -> Option<&str> {
    match measure {
        PersonMeasure::Count | PersonMeasure::Days => None,
        PersonMeasure::Sum { property }
        | PersonMeasure::Avg { property }
        | PersonMeasure::Min { property }
        | PersonMeasure::Max { property }
        | PersonMeasure::Distinct { property } => Some(property),
    }
}

/// A want, prepared for one scan.
struct Plan<'q> {
    test: EventTest<'q>,
    range: InstantRange,
    measure: &'q PersonMeasure,
    days: Option<Boundaries>,
}

/// What a plan reads of one block.
struct OnBlock<'a> {
    test: BlockTest<'a>,
    range: InstantRange,
    read: Read<'a>,
}

enum Read<'a> {
    Nothing,
    Numbers(Numbers<'a>),
    Days(&'a Boundaries),
    Values(Reader<'a>),
}

/// All wants of one query over one scan.
pub(crate) struct Plans<'q> {
    plans: Vec<Plan<'q>>,
    wanted: Wanted,
    /// Plans by mark, starting with mark 1.
    by_mark: Vec<Vec<usize>>,
    /// When the first of their ranges begins.
    from: Millis,
    /// All are numbers of events that the names alone decide.
    counts: bool,
    zone: &'q TimeZone,
}

/// Somebody's rows are looked through one by one, if they are not more.
const FEW_ROWS: usize = 32;

impl<'q> Plans<'q> {
    pub(crate) fn new(wants: &[Want<'q>], context: &Context<'q>) -> Plans<'q> {
        // Only days need to know when the events are, and finding out reads a time of everybody.
        let by_day = wants.iter().any(|want| matches!(want.measure, PersonMeasure::Days));
        let bounds = by_day.then(|| time_bounds(context.scan)).flatten().unwrap_or((0, 0));
        let plans: Vec<_> = wants.iter().map(|want| plan(want, context, bounds)).collect();
        let mut by_code: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (index, plan) in plans.iter().enumerate() {
            for code in &plan.test.codes {
                by_code.entry(*code).or_default().push(index);
            }
        }
        let mut wanted = Wanted::none();
        let mut by_mark: Vec<Vec<usize>> = Vec::new();
        for (code, meant) in by_code {
            let known = by_mark.iter().position(|known| *known == meant);
            let mark = known.unwrap_or_else(|| {
                by_mark.push(meant);
                by_mark.len() - 1
            });
            // Plans of one event each, at most 100, make at most as many different lists.
            wanted.mark(code, mark as u8 + 1);
        }
        wanted.among(plans.iter().map(|plan| plan.test.known).max().unwrap_or_default());
        let from = plans.iter().map(|plan| plan.range.from).min().unwrap_or(Millis::MIN);
        let counted = |plan: &Plan<'_>| *plan.measure == PersonMeasure::Count && !plan.test.has_tests();
        let counts = plans.iter().all(counted);
        Plans { plans, wanted, by_mark, from, counts, zone: context.zone }
    }

    /// Whether there is one want for which every row of a block counts: so it is in a part of a segment
    /// that was made for its event.
    fn counts_all(&self, block: &Block) -> bool {
        let [plan] = &self.plans[..] else { return false };
        let wanted = |event: &u16| self.wanted.of(*event) != 0;
        if !self.counts || !block.events.iter().take(FEW_ROWS).all(wanted) {
            return false;
        }
        let days = Days::new(block, Meant { wanted: &self.wanted, zone: self.zone });
        days.is_some_and(|days| {
            let inside = |day: &Day| plan.range.from <= day.first && day.last < plan.range.to;
            let rows: u64 = days.of.iter().map(|day| day.events).sum();
            rows == block.rows() as u64 && days.of.iter().all(inside)
        })
    }

    fn on<'a>(&'a self, block: &'a Block) -> Vec<OnBlock<'a>> {
        let on = |plan: &'a Plan<'q>| OnBlock {
            test: plan.test.on(block),
            range: plan.range,
            read: match (plan.measure, &plan.days, property(plan.measure)) {
                (PersonMeasure::Days, Some(days), _) => Read::Days(days),
                (PersonMeasure::Distinct { .. }, _, Some(name)) => {
                    Read::Values(Reader::of_events(block.columns.get(name)))
                }
                (_, _, Some(name)) => Read::Numbers(Numbers::new(block.columns.get(name))),
                _ => Read::Nothing,
            },
        };
        self.plans.iter().map(on).collect()
    }
}

fn plan<'q>(want: &Want<'q>, context: &Context<'q>, bounds: (Millis, Millis)) -> Plan<'q> {
    let known = context.known(want.range);
    let seen = InstantRange { from: known.from.max(bounds.0), to: known.to.min(bounds.1.saturating_add(1)) };
    let days = matches!(want.measure, PersonMeasure::Days)
        .then(|| Boundaries::covering(seen, Interval::Day, context.zone, usize::MAX));
    Plan {
        test: EventTest::new(want.event, want.filters, context),
        range: known,
        measure: want.measure,
        days,
    }
}

/// Computes all wants in one pass and calls `each` for every chosen person with
/// events of a wanted name (whether or not they match; then the count is 0).
/// Returns what `each` gathered, part by part, people ascending within a block.
pub(crate) fn collect<R: Default + Send>(
    wants: &[Want<'_>],
    context: &Context<'_>,
    chosen: &People,
    each: impl Fn(&mut R, u32, &mut [Sums]) + Sync,
) -> Vec<R> {
    let plans = Plans::new(wants, context);
    over_parts(context.scan, |pieces| {
        let mut gathered = R::default();
        for piece in pieces {
            plans.each(piece, chosen, |person, sums| each(&mut gathered, person, sums));
        }
        gathered
    })
}

impl Plans<'_> {
    /// As [`collect`], of one piece.
    pub(crate) fn each(&self, piece: &Piece<'_>, chosen: &People, mut see: impl FnMut(u32, &mut [Sums])) {
        let block = piece.block;
        let mut on = self.on(block);
        let mut sums = vec![Sums::default(); self.plans.len()];
        let mut slots = Slots::growing();
        let mut scratch = Vec::new();
        let times = &block.times;
        if self.counts_all(block) {
            return piece.each_run(chosen, |person, rows| {
                sums.iter_mut().for_each(|sums| sums.see_all(rows.clone(), times));
                see(person, &mut sums);
            });
        }
        piece.each_person(&self.wanted, chosen, |person, rows| {
            sums.iter_mut().for_each(Sums::clear);
            // Times ascend: what somebody did before the first range began is passed over at once.
            let before = |row: &u32| times[*row as usize] < self.from;
            let passed = match rows.len() {
                0..=FEW_ROWS => rows.iter().take_while(|row| before(row)).count(),
                _ => rows.partition_point(before),
            };
            let rows = &rows[passed..];
            if let ([plan], [sums], [first, .., last], true) =
                (&self.plans[..], &mut sums[..], rows, self.counts)
                && times[*last as usize] < plan.range.to
            {
                // All that is left of somebody's rows counts.
                sums.see(*first as usize, times[*first as usize]);
                (sums.count, sums.last) = (rows.len() as u64, times[*last as usize]);
                return see(person, std::slice::from_mut(sums));
            }
            for row in rows.iter().map(|row| *row as usize) {
                let (mark, time) = (self.wanted.of(block.events[row]), times[row]);
                for &index in &self.by_mark[mark as usize - 1] {
                    let sums = &mut sums[index];
                    if !self.counts {
                        add(&mut on[index], sums, row, time, &mut slots, &mut scratch);
                    } else if (self.plans[index].range.from..self.plans[index].range.to).contains(&time) {
                        sums.see(row, time);
                    }
                }
            }
            see(person, &mut sums);
        });
    }
}

#[inline]
fn add(
    on: &mut OnBlock<'_>,
    sums: &mut Sums,
    row: usize,
    time: Millis,
    slots: &mut Slots<'_>,
    scratch: &mut Vec<u32>,
) {
    if time < on.range.from || time >= on.range.to || !on.test.holds(row) {
        return;
    }
    sums.see(row, time);
    match &mut on.read {
        Read::Nothing => {}
        Read::Numbers(numbers) => sums.add_number(numbers.at(row)),
        Read::Days(days) => {
            // Times ascend, so a new day is a different day from the last.
            let day = days.index(time);
            if sums.days == 0 || day != sums.day {
                sums.days += 1;
                sums.day = day;
            }
        }
        Read::Values(reader) => {
            reader.read(row, slots, scratch);
            sums.values.extend(scratch.iter().filter(|&&slot| slot != MISSING));
        }
    }
}

/// The measure of one person's matching events, given one by one.
#[derive(Default)]
pub(crate) struct RowSums {
    sums: Sums,
    names: std::collections::BTreeSet<String>,
    last_day: Option<jiff::civil::Date>,
}

impl RowSums {
    pub(crate) fn add(
        &mut self,
        measure: &PersonMeasure,
        time: Millis,
        zone: &jiff::tz::TimeZone,
        value: Option<&siyu_types::Value>,
    ) {
        self.sums.count += 1;
        match measure {
            PersonMeasure::Count => {}
            PersonMeasure::Days => {
                let day = siyu_types::calendar::local_date(time, zone);
                if self.last_day.replace(day) != Some(day) {
                    self.sums.days += 1;
                }
            }
            PersonMeasure::Distinct { .. } => {
                self.names.extend(value.map(values::keys).unwrap_or_default());
            }
            _ => {
                let number = value.and_then(siyu_types::Value::as_number);
                self.sums.add_number(number.unwrap_or(f64::NAN));
            }
        }
    }

    pub(crate) fn value(mut self, measure: &PersonMeasure) -> Option<f64> {
        match measure {
            PersonMeasure::Distinct { .. } => Some(self.names.len() as f64),
            _ => self.sums.value(measure),
        }
    }
}
