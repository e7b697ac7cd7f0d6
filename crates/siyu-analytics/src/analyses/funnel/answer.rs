//! From everybody's outcome to the numbers that are shown, and back to people.

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHashSet};
use siyu_types::analysis::{FunnelAttribution, FunnelCell, FunnelGroup, FunnelQuery, GROUPS_MAX, Group};

use super::outcome::{LEFT_OUT, List, Lists, NOT_REACHED, Outcomes, Part};
use super::plan::optional_steps;
use super::tally::Tally;
use crate::analyses::interval::bins::up_to;
use crate::groups::{FIRST, MISSING, OTHER, fixed, largest, shown};

/// The names of the groups that are shown on their own; `None` without a breakdown.
pub(super) type Names = Option<Vec<String>>;

/// Whether groups that were counted are more than are shown on their own.
pub(super) fn too_many_groups(outcomes: &Outcomes) -> bool {
    let names: FxHashSet<&str> =
        outcomes.parts.iter().flat_map(|part| part.names.keys().map(String::as_str)).collect();
    names.len() > GROUPS_MAX
}

pub(super) fn shown_groups(query: &FunnelQuery, outcomes: &Outcomes) -> Names {
    query.breakdown.as_ref()?;
    let mut sizes: FxHashMap<&str, f64> = FxHashMap::default();
    for part in &outcomes.parts {
        let mut counts = vec![0u64; part.names.len() + FIRST as usize];
        let slots = grouped(&part.entire).groups.iter().filter(|slot| **slot != NOT_REACHED);
        slots.for_each(|&slot| counts[slot as usize] += 1);
        let counted = part.tally.iter().flat_map(|tally| &tally.by_slot);
        counts.iter_mut().zip(counted).for_each(|(count, tally)| *count += tally.people[0]);
        for (name, &slot) in &part.names {
            *sizes.entry(name).or_default() += counts[slot as usize] as f64;
        }
    }
    // A value that only attempts of one bucket have is as small as can be.
    let known = sizes.into_iter().filter(|(_, size)| *size > 0.0);
    Some(largest(known.map(|(name, size)| (name.to_owned(), size)), GROUPS_MAX))
}

/// One outcome, as it is counted.
#[derive(Clone, Copy)]
struct Outcome<'o> {
    person: u32,
    level: u8,
    gaps: &'o [i64],
    /// Of the trend.
    bucket: u32,
}

impl Outcome<'_> {
    fn took(&self, step: usize) -> bool {
        step < self.level as usize && (step == 0 || self.gaps[step - 1] != LEFT_OUT)
    }

    /// Milliseconds from the first step, of a step that was taken.
    fn since_first(&self, step: usize) -> Option<i64> {
        let gaps = self.gaps[..step].iter().filter(|gap| **gap != LEFT_OUT);
        self.took(step).then(|| gaps.sum())
    }

    /// Whether it took as long as a cell says.
    fn lasted(&self, cell: &FunnelCell) -> bool {
        if (cell.at_least, cell.less_than) == (None, None) {
            return true;
        }
        self.since_first(cell.step).is_some_and(|length| {
            cell.at_least.is_none_or(|least| least <= length)
                && cell.less_than.is_none_or(|most| length < most)
        })
    }

    /// Whether it is in a cell of a step: of one that may be left out, those that took it.
    fn reached(&self, query: &FunnelQuery, step: usize) -> bool {
        if query.steps[step].optional { self.took(step) } else { step < self.level as usize }
    }
}

/// The whole first, then the groups that have anybody, largest first; and the histogram's bins.
pub(super) fn groups(
    query: &FunnelQuery,
    outcomes: &mut Outcomes,
    names: &Names,
) -> (Vec<FunnelGroup>, Vec<i64>) {
    let (steps, optional) = (query.steps.len(), optional_steps(query));
    let mut whole = Tally::new(steps);
    for part in &mut outcomes.parts {
        match &mut part.tally {
            Some(tally) => whole.merge(std::mem::take(&mut tally.whole)),
            None => {
                for_each(&part.entire.whole, |_, outcome| whole.add(outcome.gaps.iter().copied(), optional))
            }
        }
    }
    let bins = whole.longest().map_or_else(Vec::new, up_to);
    let mut answer = vec![whole.group(Group::Whole, query, &bins)];
    if let Some(names) = names {
        let all = shown_with_not_reached(query, names);
        let mut tallies = vec![Tally::new(steps); all.len()];
        for_each_grouped(
            outcomes,
            names,
            |part| &part.entire,
            |outcome, slots| {
                let gaps = || outcome.gaps.iter().copied();
                slots.iter().for_each(|&slot| tallies[slot as usize].add(gaps(), optional));
            },
        );
        add_counted(outcomes, names, &mut tallies);
        for (slot, group) in all {
            let tally = std::mem::take(&mut tallies[slot as usize]);
            if tally.people.iter().any(|people| *people > 0) {
                answer.push(tally.group(group, query, &bins));
            }
        }
    }
    (answer, bins)
}

/// What the parts counted of groups, all of which are shown.
fn add_counted(outcomes: &mut Outcomes, names: &[String], tallies: &mut [Tally]) {
    let slots = fixed(names);
    for Part { names: own_names, tally, .. } in &mut outcomes.parts {
        let Some(counted) = tally else { continue };
        let shown = own_names.iter().filter_map(|(name, own)| Some((*own, *slots.get(name)?)));
        for (own, slot) in shown.chain([(MISSING, MISSING)]) {
            if let Some(tally) = counted.by_slot.get_mut(own as usize) {
                tallies[slot as usize].merge(std::mem::take(tally));
            }
        }
        if let Some(tally) = tallies.get_mut(not_reached(names) as usize) {
            tally.merge(std::mem::take(&mut counted.not_reached));
        }
    }
}

/// As [`shown`], and the group of those who did not get to the step that says it.
fn shown_with_not_reached(query: &FunnelQuery, names: &[String]) -> Vec<(u32, Group)> {
    let mut all = shown(names);
    let reaches = matches!(query.attribution, FunnelAttribution::Step { .. });
    all.extend(reaches.then_some((not_reached(names), Group::NotReached)));
    all
}

fn not_reached(names: &[String]) -> u32 {
    FIRST + names.len() as u32
}

/// Fills in how many began in each bucket and how far they got.
pub(super) fn add_trend(query: &FunnelQuery, outcomes: &Outcomes, names: &Names, groups: &mut [FunnelGroup]) {
    let Some(buckets) = &outcomes.buckets else { return };
    let steps = query.steps.len();
    let empty = vec![vec![0u64; steps]; buckets.len()];
    let count = |counts: &mut Vec<Vec<u64>>, outcome: &Outcome<'_>| {
        for step in (0..steps).filter(|step| outcome.reached(query, *step)) {
            counts[outcome.bucket as usize][step] += 1;
        }
    };
    let mut whole = empty.clone();
    for part in &outcomes.parts {
        for_each(&part.by_bucket.whole, |_, outcome| count(&mut whole, &outcome));
        let counted = part.trend.chunks_exact(steps);
        whole.iter_mut().flatten().zip(counted.flatten()).for_each(|(own, more)| *own += more);
    }
    groups[0].trend = whole;
    let Some(names) = names else { return };
    let all = shown_with_not_reached(query, names);
    let mut counts = vec![empty; all.len()];
    for_each_grouped(
        outcomes,
        names,
        |part| &part.by_bucket,
        |outcome, slots| {
            slots.iter().for_each(|&slot| count(&mut counts[slot as usize], outcome));
        },
    );
    for (slot, group) in all {
        if let Some(own) = groups.iter_mut().find(|own| own.group == group) {
            own.trend = std::mem::take(&mut counts[slot as usize]);
        }
    }
}

/// The people of a cell; `bucket` is one of the trend's.
pub(super) fn people(
    query: &FunnelQuery,
    outcomes: &Outcomes,
    cell: &FunnelCell,
    bucket: Option<usize>,
    names: &Names,
) -> RoaringBitmap {
    let next = query.next_required(cell.step);
    let belongs = |outcome: &Outcome<'_>| {
        let reached = outcome.reached(query, cell.step);
        let on = cell.dropped && next.is_some_and(|next| outcome.reached(query, next));
        // Nobody leaves after the last step; they are those who completed it.
        reached && !on && outcome.lasted(cell) && bucket.is_none_or(|bucket| bucket as u32 == outcome.bucket)
    };
    let mut found = Vec::new();
    match (&cell.group, names) {
        (Group::Whole, _) => {
            for part in &outcomes.parts {
                for_each(&lists(part, bucket).whole, |_, outcome| {
                    found.extend(belongs(&outcome).then_some(outcome.person))
                });
            }
        }
        (group, Some(names)) => {
            let (names, wanted) = match group {
                Group::Missing => (names.clone(), MISSING),
                Group::Other => (names.clone(), OTHER),
                Group::NotReached => (names.clone(), not_reached(names)),
                // Any value may be asked for, also one that is not shown on its own.
                Group::Value { value } => (vec![value.clone()], FIRST),
                // A funnel has one breakdown.
                Group::Whole | Group::Several { .. } => return RoaringBitmap::new(),
            };
            for_each_grouped(
                outcomes,
                &names,
                |part| lists(part, bucket),
                |outcome, slots| {
                    if belongs(outcome) && slots.contains(&wanted) {
                        found.push(outcome.person);
                    }
                },
            );
        }
        // Without a breakdown there are no such groups.
        _ => {}
    }
    found.into_iter().collect()
}

fn lists(part: &Part, bucket: Option<usize>) -> &Lists {
    if bucket.is_some() { &part.by_bucket } else { &part.entire }
}

fn grouped(lists: &Lists) -> &List {
    lists.by_value.as_ref().unwrap_or(&lists.whole)
}

fn for_each(list: &List, mut see: impl FnMut(usize, Outcome<'_>)) {
    let mut gap = 0;
    for (index, (&person, &level)) in list.people.iter().zip(&list.levels).enumerate() {
        let next = gap + level as usize - 1;
        let bucket = list.buckets.get(index).copied().unwrap_or_default();
        see(index, Outcome { person, level, gaps: &list.gaps[gap..next], bucket });
        gap = next;
    }
}

/// As [`for_each`], with the different shown slots of each outcome. Of the attempts that values
/// have of their own only the best of a unit counts among the other values.
fn for_each_grouped<'o>(
    outcomes: &'o Outcomes,
    names: &[String],
    lists: impl Fn(&'o Part) -> &'o Lists,
    mut see: impl FnMut(&Outcome<'_>, &[u32]),
) {
    let slots = fixed(names);
    let mut found = Vec::new();
    for part in &outcomes.parts {
        let mut shown_by_own = vec![OTHER; part.names.len() + FIRST as usize];
        shown_by_own[MISSING as usize] = MISSING;
        for (name, &own) in &part.names {
            shown_by_own[own as usize] = slots.get(name).copied().unwrap_or(OTHER);
        }
        let list = grouped(lists(part));
        let mut counted = None;
        for_each(list, |index, outcome| {
            let start = if index == 0 { 0 } else { list.group_ends[index - 1] as usize };
            let own = &list.groups[start..list.group_ends[index] as usize];
            found.clear();
            found.extend(own.iter().map(|&slot| match slot {
                NOT_REACHED => not_reached(names),
                slot => shown_by_own[slot as usize],
            }));
            found.sort_unstable();
            found.dedup();
            if let Some(unit) = list.units.get(index)
                && found[..] == [OTHER]
                && counted.replace((outcome.person, *unit, outcome.bucket))
                    == Some((outcome.person, *unit, outcome.bucket))
            {
                return;
            }
            see(&outcome, &found);
        });
    }
}
