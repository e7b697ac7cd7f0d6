//! From everybody's outcome to the numbers that are shown, and back to people.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::analysis::{FunnelCell, FunnelGroup, FunnelQuery, FunnelStep, Group};

use super::outcome::{Outcomes, Part};
use crate::groups::{FIRST, MISSING, OTHER, fixed, largest, shown};

/// The names of the groups that are shown on their own; `None` without a breakdown.
pub(super) type Names = Option<Vec<String>>;

pub(super) fn shown_groups(query: &FunnelQuery, outcomes: &Outcomes) -> Names {
    query.breakdown.as_ref()?;
    let mut sizes: FxHashMap<&str, f64> = FxHashMap::default();
    for part in &outcomes.parts {
        let mut counts = vec![0u64; part.names.len() + FIRST as usize];
        part.groups.iter().for_each(|&slot| counts[slot as usize] += 1);
        for (name, &slot) in &part.names {
            *sizes.entry(name).or_default() += counts[slot as usize] as f64;
        }
    }
    Some(largest(sizes.into_iter().map(|(name, size)| (name.to_owned(), size))))
}

/// People and times of one group.
#[derive(Default, Clone)]
struct Tally {
    /// By level, counted from 1.
    levels: Vec<u64>,
    /// By step, counted from 0; that of step 0 stays empty.
    gaps: Vec<Vec<i64>>,
}

impl Tally {
    fn new(steps: usize) -> Tally {
        Tally { levels: vec![0; steps + 1], gaps: vec![Vec::new(); steps] }
    }

    fn add(&mut self, level: u8, gaps: &[i64]) {
        self.levels[level as usize] += 1;
        for (step, gap) in gaps.iter().enumerate() {
            self.gaps[step + 1].push(*gap);
        }
    }

    fn into_group(mut self, group: Group, query: &FunnelQuery) -> FunnelGroup {
        let steps = query.steps.iter().enumerate().map(|(step, matched)| FunnelStep {
            event: matched.event.clone(),
            people: self.levels[step + 1..].iter().sum(),
            median_millis: median(&mut self.gaps[step]),
            average_millis: average(&self.gaps[step]),
        });
        FunnelGroup { group, steps: steps.collect() }
    }
}

/// The whole first, then the groups that have anybody, largest first.
pub(super) fn groups(query: &FunnelQuery, outcomes: &Outcomes, names: &Names) -> Vec<FunnelGroup> {
    let steps = query.steps.len();
    let mut whole = Tally::new(steps);
    for_each(outcomes, |_, _, level, gaps| whole.add(level, gaps));
    let mut answer = vec![whole.into_group(Group::Whole, query)];
    let Some(names) = names else { return answer };

    let mut tallies = vec![Tally::new(steps); names.len() + FIRST as usize];
    for_each_grouped(outcomes, names, |_, level, gaps, slots| {
        slots.iter().for_each(|&slot| tallies[slot as usize].add(level, gaps));
    });
    for (slot, group) in shown(names) {
        let tally = std::mem::take(&mut tallies[slot as usize]);
        if tally.levels.iter().any(|&people| people > 0) {
            answer.push(tally.into_group(group, query));
        }
    }
    answer
}

/// The people of a cell.
pub(super) fn people(outcomes: &Outcomes, cell: &FunnelCell, names: &Names) -> RoaringBitmap {
    let reached = |level: u8| {
        let step = level as usize - 1;
        if cell.dropped { step == cell.step } else { step >= cell.step }
    };
    let mut found = Vec::new();
    match (&cell.group, names) {
        (Group::Whole, _) => for_each(outcomes, |_, person, level, _| {
            if reached(level) {
                found.push(person);
            }
        }),
        (group, Some(names)) => {
            let (names, wanted) = match group {
                Group::Missing => (names.clone(), MISSING),
                Group::Other => (names.clone(), OTHER),
                // Any value may be asked for, also one that is not shown on its own.
                Group::Value { value } => (vec![value.clone()], FIRST),
                Group::Whole => (Vec::new(), FIRST),
            };
            for_each_grouped(outcomes, &names, |person, level, _, slots| {
                if reached(level) && slots.contains(&wanted) {
                    found.push(person);
                }
            });
        }
        // Without a breakdown there are no such groups.
        _ => {}
    }
    found.into_iter().collect()
}

fn for_each(outcomes: &Outcomes, mut see: impl FnMut((&Part, usize), u32, u8, &[i64])) {
    for part in &outcomes.parts {
        let mut gap = 0;
        for (index, (&person, &level)) in part.people.iter().zip(&part.levels).enumerate() {
            let next = gap + level as usize - 1;
            see((part, index), person, level, &part.gaps[gap..next]);
            gap = next;
        }
    }
}

/// As [`for_each`], with the different shown slots of each person.
fn for_each_grouped(outcomes: &Outcomes, names: &[String], mut see: impl FnMut(u32, u8, &[i64], &[u32])) {
    let slots = fixed(names);
    let mut current: *const Part = std::ptr::null();
    let mut shown_by_own = Vec::new();
    let mut found = Vec::new();
    for_each(outcomes, |(part, index), person, level, gaps| {
        if !std::ptr::eq(current, part) {
            current = part;
            shown_by_own = vec![OTHER; part.names.len() + FIRST as usize];
            shown_by_own[MISSING as usize] = MISSING;
            for (name, &own) in &part.names {
                shown_by_own[own as usize] = slots.get(name).copied().unwrap_or(OTHER);
            }
        }
        let start = if index == 0 { 0 } else { part.group_ends[index - 1] as usize };
        let own = &part.groups[start..part.group_ends[index] as usize];
        found.clear();
        found.extend(own.iter().map(|&slot| shown_by_own[slot as usize]));
        found.sort_unstable();
        found.dedup();
        see(person, level, gaps, &found);
    });
}

/// The middle, or the mean of the two in the middle.
fn median(values: &mut [i64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable(middle);
    let lower = if even { below.iter().copied().max().unwrap_or(upper) } else { upper };
    Some((lower as f64 + upper as f64) / 2.0)
}

fn average(values: &[i64]) -> Option<f64> {
    let sum: i128 = values.iter().map(|&value| i128::from(value)).sum();
    (!values.is_empty()).then(|| sum as f64 / values.len() as f64)
}
