//! Sets of numbers as one bit each.

use roaring::RoaringBitmap;

/// Words of 64 numbers that a container of the set stands for.
const CONTAINER: usize = 1 << 10;
/// A container of more numbers than this is stored as bits.
const LIST_MAX: usize = 4_096;
const NO_RUNS: u32 = 12_346;
const RUNS: u16 = 12_347;
/// Fewer containers than this are written without offsets where some are runs.
const OFFSETS_MIN: usize = 4;

/// One bit for each number, up to the last.
pub(crate) fn bits(set: &RoaringBitmap) -> Vec<u64> {
    copied(set).unwrap_or_else(|| {
        let mut words = vec![0; set.max().map_or(0, |last| last as usize / 64 + 1)];
        set.iter().for_each(|number| words[number as usize / 64] |= 1 << (number % 64));
        words
    })
}

/// Taken from what the set is written as: it holds dense containers as bits, and to ask for their numbers one by
/// one takes ten times as long. The layout is that of <https://github.com/RoaringBitmap/RoaringFormatSpec>. `None`
/// if it is not as expected.
fn copied(set: &RoaringBitmap) -> Option<Vec<u64>> {
    let mut words = vec![0; set.max().map_or(0, |last| last as usize / 64 + 1)];
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes).ok()?;
    let mut rest = Rest(&bytes);
    let cookie = rest.u32()?;
    let (count, runs) = match cookie {
        NO_RUNS => (rest.u32()? as usize, &[][..]),
        _ if cookie as u16 == RUNS => {
            let count = (cookie >> 16) as usize + 1;
            (count, rest.take(count.div_ceil(8))?)
        }
        _ => return None,
    };
    let heads = rest.take(count * 4)?;
    if runs.is_empty() || count >= OFFSETS_MIN {
        rest.take(count * 4)?;
    }
    for (place, head) in heads.chunks_exact(4).enumerate() {
        let (mut head, first) = (Rest(head), |key: u16| usize::from(key) * CONTAINER);
        let start = first(head.u16()?);
        let numbers = usize::from(head.u16()?) + 1;
        let end = words.len().min(start + CONTAINER);
        let own = words.get_mut(start..end)?;
        if runs.get(place / 8).is_some_and(|flags| flags >> (place % 8) & 1 == 1) {
            for _ in 0..rest.u16()? {
                let (from, more) = (rest.u16()?, rest.u16()?);
                fill(own, usize::from(from), usize::from(from) + usize::from(more))?;
            }
        } else if numbers <= LIST_MAX {
            for number in rest.take(numbers * 2)?.chunks_exact(2) {
                let number = u16::from_le_bytes([number[0], number[1]]);
                *own.get_mut(usize::from(number) / 64)? |= 1 << (number % 64);
            }
        } else {
            let stored = rest.take(CONTAINER * 8)?.as_chunks::<8>().0;
            own.iter_mut().zip(stored).for_each(|(word, stored)| *word = u64::from_le_bytes(*stored));
        }
    }
    Some(words)
}

/// Sets the bits of consecutive numbers, the last one too.
fn fill(words: &mut [u64], first: usize, last: usize) -> Option<()> {
    let own = words.get_mut(first / 64..=last / 64)?;
    let (low, high) = (u64::MAX << (first % 64), u64::MAX >> (63 - last % 64));
    match own {
        [one] => *one |= low & high,
        [begin, between @ .., end] => {
            *begin |= low;
            between.fill(u64::MAX);
            *end |= high;
        }
        [] => {}
    }
    Some(())
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (own, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(own)
    }

    fn u16(&mut self) -> Option<u16> {
        let bytes = self.take(2)?;
        Some(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_container() {
        let few = || (0..100u32).map(|number| number * 37);
        let many = || (0..60_000u32).filter(|number| number % 7 != 3);
        let last = || 65_000..65_536u32;
        let sets: [RoaringBitmap; 9] = [
            RoaringBitmap::new(),
            [0].into_iter().collect(),
            few().collect(),
            many().collect(),
            last().collect(),
            few().chain(many().map(|number| number + 65_536)).collect(),
            (0..1_000_000).collect(),
            (0..8u32)
                .flat_map(|at| [few(), few()].into_iter().flatten().map(move |n| n + at * 131_072))
                .collect(),
            last().chain(many().map(|number| number + 65_536)).chain([400_000, 400_063, 400_064]).collect(),
        ];
        for mut set in sets {
            for runs in [false, true] {
                if runs {
                    set.optimize();
                }
                let found = copied(&set).expect("as the format is");
                assert_eq!(found.len(), set.max().map_or(0, |last| last as usize / 64 + 1));
                let numbers = (0..found.len() as u32 * 64)
                    .filter(|number| found[*number as usize / 64] >> (number % 64) & 1 == 1);
                assert!(numbers.eq(&set), "{} numbers, {runs}", set.len());
                assert_eq!(bits(&set), found);
            }
        }
    }
}
