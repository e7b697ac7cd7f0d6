//! Everybody's states, from the days kept beside the blocks: 64 people at once.

use siyu_types::analysis::LifecycleState;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use super::Lifecycle;
use crate::Context;
use crate::days::{self, Days, Mask};
use crate::groups::Source;

/// By bucket and state; `None` where days do not tell.
pub(super) fn states(
    kind: &Lifecycle<'_>,
    context: &Context<'_>,
    source: &Source<'_>,
) -> Option<Vec<[u64; 4]>> {
    let (Source::Whole, [test]) = (source, kind.roles.tests()) else { return None };
    let meant = days::meant(test, &kind.roles.wanted, context.zone)?;
    let found = days::over_blocks(&context.scan.blocks, &kind.chosen, |scanned, mask| {
        of_block(kind, &*Days::new(&scanned.block, meant)?, mask)
    })?;
    let mut all = vec![[0; 4]; kind.buckets()];
    for counts in found {
        for (all, own) in all.iter_mut().zip(counts) {
            all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
        }
    }
    Some(all)
}

fn of_block(kind: &Lifecycle<'_>, days: &Days, mask: &Mask) -> Option<Vec<[u64; 4]>> {
    let range = kind.range;
    let earlier = InstantRange { from: Millis::MIN, to: range.from };
    let (mut before, mut now, mut ever) = (Vec::new(), Vec::new(), Vec::new());
    let earlier = days::runs(&days.of, earlier, |_| 0)?.into_iter().next();
    days.any(earlier.map_or(0..0, |(_, run)| run), mask, &mut ever);
    days.any(0..0, mask, &mut before);
    let mut runs = days::runs(&days.of, range, |time| kind.edges.index(time))?.into_iter().peekable();
    let mut counts = vec![[0; 4]; kind.buckets()];
    for edge in 0..kind.edges.len() {
        let run = runs.next_if(|(at, _)| *at == edge);
        days.any(run.map_or(0..0, |(_, run)| run), mask, &mut now);
        let mut states = [0u64; 4];
        for ((before, now), ever) in before.iter_mut().zip(&now).zip(&mut ever) {
            let mut add =
                |state: LifecycleState, who: u64| states[state as usize] += u64::from(who.count_ones());
            add(LifecycleState::New, now & !*ever);
            add(LifecycleState::Returning, now & *before);
            add(LifecycleState::Resurrecting, now & *ever & !*before);
            add(LifecycleState::Dormant, *before & !now);
            *ever |= now;
            *before = *now;
        }
        // Whoever went away did so in the bucket that began then, if it has begun.
        if edge > kind.current {
            states[LifecycleState::Dormant as usize] = 0;
        }
        if let Some(bucket) = edge.checked_sub(1) {
            counts[bucket] = states;
        }
    }
    Some(counts)
}
