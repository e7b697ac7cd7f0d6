//! Everybody's active intervals, added up from the days kept beside the blocks.

use super::Stickiness;
use crate::Context;
use crate::days::{self, Days, Mask};
use crate::groups::Source;

/// People by number of active intervals, one first; `None` where days do not tell.
pub(super) fn counts(kind: &Stickiness<'_>, context: &Context<'_>, source: &Source<'_>) -> Option<Vec<u64>> {
    let (Source::Whole, [test]) = (source, kind.roles.tests()) else { return None };
    let meant = days::meant(test, &kind.roles.wanted, context.zone)?;
    let found = days::over_blocks(&context.scan.blocks, &kind.chosen, |scanned, mask| {
        of_block(kind, &*Days::new(&scanned.block, meant)?, mask)
    })?;
    let mut all = vec![0; kind.buckets.len()];
    for counts in found {
        all.iter_mut().zip(counts).for_each(|(all, own)| *all += own);
    }
    Some(all)
}

fn of_block(kind: &Stickiness<'_>, days: &Days, mask: &Mask) -> Option<Vec<u64>> {
    let runs = days::runs(&days.of, kind.buckets.range, |time| kind.buckets.edges.index(time))?;
    // Digits of everybody's count, the lowest first: 64 people are added to at once.
    let mut digits: Vec<Vec<u64>> = Vec::new();
    let mut here = Vec::new();
    for (_, run) in runs {
        days.any(run, mask, &mut here);
        for digit in &mut digits {
            let mut carries = 0;
            for (own, more) in digit.iter_mut().zip(&mut here) {
                let carry = *own & *more;
                *own ^= *more;
                *more = carry;
                carries |= carry;
            }
            if carries == 0 {
                break;
            }
        }
        if here.iter().any(|carry| *carry != 0) {
            digits.push(here.clone());
        }
    }
    let mut counts = vec![0; kind.buckets.len()];
    let width = digits.first().map_or(0, Vec::len);
    for word in 0..width {
        let own: Vec<u64> = digits.iter().map(|digit| digit[word]).collect();
        let mut rest = own.iter().fold(0, |all, digit| all | digit);
        while rest != 0 {
            let bit = rest.trailing_zeros();
            rest &= rest - 1;
            let count = (0..).zip(&own).fold(0, |sum, (at, digit)| sum | ((digit >> bit & 1) as usize) << at);
            counts[count - 1] += 1;
        }
    }
    Some(counts)
}
