//! Where the people of a block stand in it, found for 64 numbers at a time: whom a question looks at is
//! known by number, and what is kept beside a block goes by place.

/// Numbers between the first and the last person. The people of a partition are far closer together.
const SPAN_MAX: u32 = 1 << 20;

/// The people of one block, by number.
#[derive(Debug)]
pub struct Places {
    /// The number of the first bit, in 64.
    first: u32,
    /// Of each 64 numbers, those that are people of the block.
    here: Box<[u64]>,
    /// How many stand before them.
    before: Box<[u32]>,
    people: usize,
}

impl Places {
    /// Of ascending people; `None` if they are too far apart.
    pub(crate) fn of(persons: &[u32]) -> Option<Places> {
        let (first, last) = (persons.first()? / 64, persons.last()? / 64);
        if last - first > SPAN_MAX / 64 {
            return None;
        }
        let words = (last - first) as usize + 1;
        let (mut here, mut before) = (vec![0; words], vec![0; words]);
        for (place, person) in (0..).zip(persons) {
            let word = (person / 64 - first) as usize;
            if here[word] == 0 {
                before[word] = place;
            }
            here[word] |= 1 << (person % 64);
        }
        Some(Places { first, here: here.into(), before: before.into(), people: persons.len() })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.here.len() * size_of::<u64>() + self.before.len() * size_of::<u32>()
    }

    /// Whether somebody is a person of the block.
    pub fn has(&self, person: u32) -> bool {
        let word = (person / 64).checked_sub(self.first).and_then(|word| self.here.get(word as usize));
        word.is_some_and(|word| word >> (person % 64) & 1 == 1)
    }

    /// Whether everybody of the block is meant: `meant` has one bit for each number.
    pub fn are_all(&self, meant: &[u64]) -> bool {
        let meant = meant.get(self.first as usize..).unwrap_or_default();
        let (known, beyond) = self.here.split_at(meant.len().min(self.here.len()));
        // All of them are looked at: to ask after each whether to stop takes longer.
        let left_out = known.iter().zip(meant).fold(0, |left_out, (here, meant)| left_out | (here & !meant));
        beyond.iter().fold(left_out, |left_out, here| left_out | here) == 0
    }

    /// One bit by place for each of those who are meant; `meant` says who they are, of the 64 numbers from
    /// 64 times what it is given on.
    pub fn bits(&self, meant: impl Fn(u32) -> u64) -> Vec<u64> {
        let mut all = vec![0; self.people.div_ceil(64)];
        for ((word, &here), &before) in (self.first..).zip(&*self.here).zip(&*self.before) {
            let bits = gathered(meant(word) & here, here);
            let (at, by) = (before as usize / 64, before % 64);
            if bits != 0 {
                all[at] |= bits << by;
                if bits.leading_zeros() < by {
                    all[at + 1] |= bits >> (64 - by);
                }
            }
        }
        all
    }
}

/// The bits of `some` at those places that `all` has, put together at the low end.
fn gathered(some: u64, all: u64) -> u64 {
    let place = |bit: u64| (all & (bit - 1)).count_ones();
    let few = |mut rest: u64| {
        let mut bits = 0;
        while rest != 0 {
            bits |= 1 << place(rest & rest.wrapping_neg());
            rest &= rest - 1;
        }
        bits
    };
    let (yes, no) = (some.count_ones(), (all & !some).count_ones());
    if yes <= no { few(some) } else { few(all & !some) ^ (u64::MAX >> (64 - yes - no)) }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn everybody_who_is_meant_has_a_bit() {
        let sets: [Vec<u32>; 5] = [
            vec![7],
            (0..64).collect(),
            (5..400).collect(),
            (100..900).filter(|person| person % 7 != 3).collect(),
            (0..70_000).filter(|person| person / 5 % 7 * person % 11 < 3).collect(),
        ];
        for persons in sets {
            let places = Places::of(&persons).expect("near each other");
            for (of, rest) in [(1, 0), (2, 1), (3, 0), (50, 1), (1 << 30, 7)] {
                let meant = |person: u32| person % of == rest;
                let word =
                    |word: u32| (0..64).fold(0, |bits, bit| bits | u64::from(meant(word * 64 + bit)) << bit);
                let bits = places.bits(word);
                assert_eq!(bits.len(), persons.len().div_ceil(64));
                for end in [0, 3, 1 << 11] {
                    let words: Vec<u64> = (0..end).map(word).collect();
                    let is_meant = |person: &u32| meant(*person) && person / 64 < end;
                    assert_eq!(
                        places.are_all(&words),
                        persons.iter().all(is_meant),
                        "{rest} of {of} to {end}"
                    );
                }
                for at in 0..bits.len() * 64 {
                    let expected = persons.get(at).is_some_and(|person| meant(*person));
                    assert_eq!(bits[at / 64] >> (at % 64) & 1 == 1, expected, "{at}, {rest} of {of}");
                }
            }
        }
        assert!(Places::of(&[]).is_none());
        assert!(Places::of(&[0, u32::MAX]).is_none());
    }
}
