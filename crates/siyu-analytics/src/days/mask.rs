//! Which people of a block are looked at, as bits in the block's order.

use siyu_events::{Block, ScanBlock};

use crate::pass::People;

pub(crate) struct Mask {
    /// None if `all`.
    bits: Vec<u64>,
    people: usize,
    /// Nobody of the block is left out.
    pub(crate) all: bool,
    /// More are looked at than left out: then what is known of all of them, less what the others did,
    /// is found sooner than what each did.
    pub(crate) most: bool,
}

/// A row that is looked at for somebody who is left out costs as much as the days of so many people.
const LEFT_OUT: usize = 4;

impl Mask {
    pub(crate) fn new(scanned: &ScanBlock, chosen: &People) -> Mask {
        let persons = &scanned.block.persons;
        let skip = scanned.skip.as_deref();
        // Most questions are of everybody.
        if skip.is_none() && chosen.are_all_of(&scanned.block) {
            return Mask { bits: Vec::new(), people: persons.len(), all: true, most: true };
        }
        let looked_at = |person| chosen.contains(person) && !skip.is_some_and(|skip| skip.contains(person));
        let bits: Vec<u64> = match scanned.block.places() {
            Some(places) => {
                let skipped = |word: u32| skip.map_or(0, |skip| skip.word(word));
                places.bits(|word| chosen.word(word as usize) & !skipped(word))
            }
            None => {
                let one_by_one = |own: &[u32]| {
                    (0..).zip(own).fold(0, |bits, (at, person)| bits | u64::from(looked_at(*person)) << at)
                };
                persons.chunks(64).map(one_by_one).collect()
            }
        };
        let (looked_at, people) = (ones(&bits) as usize, persons.len());
        Mask { bits, people, all: looked_at == people, most: looked_at * 2 > people }
    }

    /// Those who are left out, if most are not; otherwise those who are looked at.
    pub(crate) fn fewer(&self) -> impl Iterator<Item = usize> {
        let of_word = |(at, word): (usize, &u64)| {
            let mut rest = if self.most { !word } else { *word };
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        };
        // The last word may have more bits than there are people.
        self.bits.iter().enumerate().flat_map(of_word).take_while(|person| *person < self.people)
    }

    /// Whether those who are left out did so little that it is sooner read than everybody's days.
    pub(crate) fn nearly_all(&self, block: &Block) -> bool {
        let rows = |person: usize| (block.starts[person + 1] - block.starts[person]) as usize;
        self.all || self.most && self.fewer().map(rows).sum::<usize>() * LEFT_OUT <= self.people
    }

    /// How many of these are looked at.
    pub(crate) fn among(&self, bits: &[u64]) -> u32 {
        if self.all {
            return ones(bits);
        }
        self.bits.iter().zip(bits).map(|(mask, own)| (mask & own).count_ones()).sum()
    }

    /// Leaves only those who are looked at.
    pub(crate) fn keep(&self, bits: &mut [u64]) {
        if !self.all {
            bits.iter_mut().zip(&self.bits).for_each(|(own, mask)| *own &= mask);
        }
    }

    pub(crate) fn contains(&self, person: usize) -> bool {
        self.all || self.bits[person / 64] >> (person % 64) & 1 == 1
    }
}

/// How many bits are set.
pub(crate) fn ones(bits: &[u64]) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use siyu_events::{Skeleton, Skip};

    use super::*;

    #[test]
    fn who_is_chosen_and_not_skipped() {
        let everybody: Vec<u32> = (5..200).collect();
        let some: Vec<u32> = (0..400).filter(|person| person % 7 != 3).collect();
        for persons in [everybody, some, vec![], vec![70_000]] {
            for (chosen, skipped) in [(1, 0), (1, 5), (3, 0), (3, 2), (400, 0)] {
                let allowed = |person: u32| {
                    person.is_multiple_of(chosen) && (skipped == 0 || !person.is_multiple_of(skipped))
                };
                let skip = (skipped > 0).then(|| (0..80_000).filter(|p| p % skipped == 0).collect());
                let block = Skeleton { persons: persons.clone(), ..Skeleton::default() };
                let scanned = ScanBlock {
                    block: Arc::new(block.into()),
                    skip: skip.and_then(|skip| Skip::of(&skip)).map(Arc::new),
                };
                let people = People::of(&(0..80_000).filter(|person| person % chosen == 0).collect());
                let mask = Mask::new(&scanned, &people);
                let mut all = true;
                for (at, &person) in persons.iter().enumerate() {
                    assert_eq!(mask.contains(at), allowed(person), "{person} of every {chosen}th");
                    all &= allowed(person);
                }
                assert_eq!(mask.all, all);
            }
        }
    }
}
