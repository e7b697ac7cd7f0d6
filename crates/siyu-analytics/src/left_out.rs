//! Who is not looked at, by partition: mostly nobody, or a few. Then of a block with everybody's numbers it is
//! soon said that all of its people are, and there are many blocks where events came late.

use siyu_events::Block;
use siyu_events::remap::PARTITION_BITS;

/// Words of 64 numbers in a partition.
const WORDS: usize = 1 << PARTITION_BITS >> 6;
/// More are not looked for one by one.
const FEW: usize = 16;

/// Of the numbers up to one after which nobody is looked at.
pub(crate) struct LeftOut {
    partitions: Vec<Left>,
    last: Option<u32>,
}

enum Left {
    /// Ascending.
    Few(Vec<u32>),
    Many,
}

impl LeftOut {
    /// `meant` has one bit for each number.
    pub(crate) fn of(meant: &[u64]) -> LeftOut {
        let end = meant.len() as u32 * 64;
        let last = meant.last().and_then(|word| (end - word.leading_zeros()).checked_sub(1));
        let left = |(partition, words): (usize, &[u64])| {
            let start = (partition * WORDS) as u32 * 64;
            let mut few = Vec::new();
            for (at, word) in (0..).zip(words).filter(|(_, word)| **word != u64::MAX) {
                let numbers = (0..64).filter(|bit| word >> bit & 1 == 0).map(|bit| start + at * 64 + bit);
                few.extend(numbers.take_while(|number| Some(*number) <= last));
                if few.len() > FEW {
                    return Left::Many;
                }
            }
            Left::Few(few)
        };
        LeftOut { partitions: meant.chunks(WORDS).enumerate().map(left).collect(), last }
    }

    /// Whether nobody of a block is among them; `None` where they are too many to say.
    pub(crate) fn is_nobody_of(&self, block: &Block) -> Option<bool> {
        let (first, last) = (*block.persons.first()?, *block.persons.last()?);
        if Some(last) > self.last {
            return Some(false);
        }
        let places = block.places()?;
        let own = self.partitions.get((first >> PARTITION_BITS) as usize..=(last >> PARTITION_BITS) as usize);
        let mut is_nobody = true;
        for left in own? {
            match left {
                Left::Few(numbers) => is_nobody &= !numbers.iter().any(|number| places.has(*number)),
                Left::Many => return None,
            }
        }
        Some(is_nobody)
    }
}

#[cfg(test)]
mod tests {
    use siyu_events::Skeleton;

    use crate::pass::People;

    #[test]
    fn of_which_blocks_everybody_is_looked_at() {
        let sets: [Vec<u32>; 6] = [
            vec![],
            (0..1_000).collect(),
            (0..200_000).collect(),
            (0..200_000).filter(|number| ![0, 63, 64, 65_536, 131_071].contains(number)).collect(),
            (0..140_000).filter(|number| number % 3 != 1).collect(),
            (65_600..140_037).filter(|number| *number != 140_035).collect(),
        ];
        let blocks: [Vec<u32>; 10] = [
            vec![0],
            (1..60).collect(),
            vec![63, 65],
            (100..1_000).collect(),
            (100..1_001).collect(),
            vec![65_535, 65_537],
            (65_700..65_900).collect(),
            (131_072..140_037).step_by(2).collect(),
            (131_073..140_037).step_by(2).collect(),
            vec![199_999],
        ];
        for set in &sets {
            let people = People::of(&set.iter().copied().collect());
            for persons in &blocks {
                let expected = persons.iter().all(|person| set.binary_search(person).is_ok());
                let block = Skeleton { persons: persons.clone(), ..Skeleton::default() }.into();
                assert_eq!(people.are_all_of(&block), expected, "{persons:?} of {} numbers", set.len());
            }
        }
    }
}
