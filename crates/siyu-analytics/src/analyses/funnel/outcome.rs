//! The pass over the events: how far everybody got.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::Block;
use siyu_types::Result;
use siyu_types::analysis::{FunnelQuery, FunnelWindow, Interval};
use siyu_types::calendar::{InstantRange, resolve};
use siyu_types::clock::Millis;

use super::attempt::Progress;
use super::ties::Tied;
use crate::Context;
use crate::boundaries::Boundaries;
use crate::groups::{MISSING, Reader, Slots, Source};
use crate::masks::EventTest;
use crate::pass::{People, Piece, over_parts, time_bounds};
use crate::roles::{Roles, RolesOn};

/// Everybody who entered, part by part.
pub(super) struct Outcomes {
    pub(super) parts: Vec<Part>,
    /// Nobody can get further by events that are still to come (F6).
    pub(super) complete: bool,
}

#[derive(Default)]
pub(super) struct Part {
    pub(super) people: Vec<u32>,
    /// Steps reached, at least 1.
    pub(super) levels: Vec<u8>,
    /// Milliseconds from step to step: `level - 1` for each person.
    pub(super) gaps: Vec<i64>,
    /// The groups of person `i` are `groups[group_ends[i - 1]..group_ends[i]]`;
    /// empty without a breakdown.
    pub(super) groups: Vec<u32>,
    pub(super) group_ends: Vec<u32>,
    /// Group names by slot.
    pub(super) names: FxHashMap<String, u32>,
    open: bool,
}

/// The query, prepared for one scan.
struct Plan<'q> {
    steps: usize,
    /// Step k is event k.
    roles: Roles<'q>,
    must_increase: bool,
    range: InstantRange,
    as_of: Millis,
    window: Window,
    source: Source<'q>,
}

enum Window {
    Millis(i64),
    Days { days: usize, calendar: Boundaries },
}

impl Window {
    #[inline]
    fn deadline(&self, start: Millis) -> Millis {
        match self {
            Window::Millis(millis) => start.saturating_add(*millis),
            Window::Days { days, calendar } => {
                calendar.start(calendar.index(start).saturating_add(*days)).saturating_sub(1)
            }
        }
    }
}

pub(super) fn collect<'q>(
    query: &'q FunnelQuery,
    context: &Context<'q>,
    within: Option<&RoaringBitmap>,
) -> Result<Outcomes> {
    let chosen = People::of(&context.chosen(query.segment, within)?);
    let plan = plan(query, context)?;
    let parts = over_parts(context.scan, |pieces| collect_part(&plan, pieces, &chosen));
    let complete = context.as_of >= plan.range.to && !parts.iter().any(|part| part.open);
    Ok(Outcomes { parts, complete })
}

fn plan<'q>(query: &'q FunnelQuery, context: &Context<'q>) -> Result<Plan<'q>> {
    let tests = query.steps.iter().map(|step| EventTest::new(&step.event, &step.filters, context));
    let range = resolve(&query.range, context.as_of, context.zone)?;
    Ok(Plan {
        steps: query.steps.len(),
        roles: Roles::new(tests.collect()),
        must_increase: query.must_increase,
        range,
        as_of: context.as_of,
        window: window(query, range, context),
        source: Source::new(query.breakdown.as_ref(), context.people)?,
    })
}

fn window(query: &FunnelQuery, range: InstantRange, context: &Context<'_>) -> Window {
    match query.window {
        FunnelWindow::Elapsed { seconds } => Window::Millis(i64::from(seconds) * 1_000),
        FunnelWindow::Days { days } => {
            // Days on which an attempt may start, and after them enough to know
            // the end of every window that ends by now; later ends are "never yet".
            let (first, last) = time_bounds(context.scan).unwrap_or((context.as_of, context.as_of));
            let from = range.from.max(first);
            let to = range.to.min(last.min(context.as_of).saturating_add(1));
            let beyond = i64::from(days).saturating_add(2).saturating_mul(86_400_000);
            let end = to.saturating_add(beyond).min(context.as_of.saturating_add(172_800_000));
            let covered = InstantRange { from, to: end.max(from.saturating_add(1)) };
            let calendar = Boundaries::covering(covered, Interval::Day, context.zone, usize::MAX);
            Window::Days { days: days as usize, calendar }
        }
    }
}

fn collect_part(plan: &Plan<'_>, pieces: &[Piece<'_>], chosen: &People) -> Part {
    let mut part = Part::default();
    let mut slots = Slots::growing();
    let mut progress = Progress::new(plan.steps, plan.must_increase);
    let mut group = Vec::new();
    let mut scratch = Vec::new();
    for piece in pieces {
        let block = piece.block;
        let roles = plan.roles.on(block);
        let mut reader = plan.source.reader(block);
        piece.each_person(&plan.roles.wanted, chosen, |person, rows| {
            advance(plan, &roles, block, rows, &mut progress, &mut group);
            if progress.level == 0 {
                return;
            }
            part.add(plan, person, &progress, block);
            if !matches!(plan.source, Source::Whole) {
                let by_person = plan.source.by_person();
                read_groups(by_person, &mut reader, person, &progress, &mut slots, &mut scratch);
                part.groups.extend_from_slice(&scratch);
                part.group_ends.push(part.groups.len() as u32);
            }
        });
    }
    if let Slots::Growing(names) = slots {
        part.names = names;
    }
    part
}

impl Part {
    fn add(&mut self, plan: &Plan<'_>, person: u32, progress: &Progress, block: &Block) {
        self.people.push(person);
        self.levels.push(progress.level as u8);
        for pair in progress.rows[..progress.level].windows(2) {
            self.gaps.push(block.times[pair[1] as usize] - block.times[pair[0] as usize]);
        }
        if !progress.is_complete() {
            self.open |= progress.last_deadline().is_some_and(|deadline| deadline > plan.as_of);
        }
    }
}

/// First touch (F11): the first value on the attempt's events, in step order.
fn read_groups(
    by_person: bool,
    reader: &mut Reader<'_>,
    person: u32,
    progress: &Progress,
    slots: &mut Slots<'_>,
    out: &mut Vec<u32>,
) {
    if by_person {
        reader.read(person as usize, slots, out);
        return;
    }
    for &row in &progress.rows[..progress.level] {
        reader.read(row as usize, slots, out);
        if out[0] != MISSING {
            return;
        }
    }
}

/// Runs one person's step events through the attempts.
#[inline]
fn advance(
    plan: &Plan<'_>,
    roles: &RolesOn<'_>,
    block: &Block,
    rows: &[u32],
    progress: &mut Progress,
    group: &mut Vec<Tied>,
) {
    progress.clear();
    let mut index = 0;
    while index < rows.len() {
        let row = rows[index];
        let time = block.times[row as usize];
        if time > plan.as_of {
            return;
        }
        // At most 16 steps.
        let mask = roles.of(row) as u16;
        index += 1;
        let entry = || {
            let starts = plan.range.from <= time && time < plan.range.to;
            starts.then(|| plan.window.deadline(time))
        };
        if index == rows.len() || block.times[rows[index] as usize] != time {
            progress.single(row, time, mask, entry);
        } else {
            group.clear();
            group.push((row, mask));
            while index < rows.len() && block.times[rows[index] as usize] == time {
                group.push((rows[index], roles.of(rows[index]) as u16));
                index += 1;
            }
            progress.tied(group, time, entry);
        }
        if progress.is_complete() {
            return;
        }
    }
}
