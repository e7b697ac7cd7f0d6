//! People to pass over, as one bit for each number between the first and the last of them: every
//! question asks of every person, most of them of 64 at a time.

use roaring::RoaringBitmap;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Skip {
    /// The number of the first bit, a multiple of 64.
    start: u32,
    words: Box<[u64]>,
}

impl Skip {
    /// `None` of nobody.
    pub fn of(people: &RoaringBitmap) -> Option<Skip> {
        let (first, last) = (people.min()?, people.max()?);
        let start = first / 64 * 64;
        let mut words = vec![0u64; ((last - start) / 64) as usize + 1];
        let (mut people, mut some) = (people.iter(), [0; 256]);
        loop {
            match people.next_many(&mut some) {
                [] => return Some(Skip { start, words: words.into() }),
                some => {
                    some.iter()
                        .for_each(|person| words[(person - start) as usize / 64] |= 1 << (person % 64));
                }
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.words)
    }

    #[inline]
    pub fn contains(&self, person: u32) -> bool {
        self.word(person / 64) >> (person % 64) & 1 == 1
    }

    /// Everybody in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let bits = |word: u64| (0..64).filter(move |bit| word >> bit & 1 == 1);
        let place = |at: usize, bit: u32| self.start + at as u32 * 64 + bit;
        self.words.iter().enumerate().flat_map(move |(at, word)| bits(*word).map(move |bit| place(at, bit)))
    }

    /// Who is, of the 64 numbers from 64 times `word` on.
    #[inline]
    pub fn word(&self, word: u32) -> u64 {
        let place = word.checked_sub(self.start / 64);
        place.and_then(|place| self.words.get(place as usize)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_people_as_the_set_they_are_of() {
        assert_eq!(Skip::of(&RoaringBitmap::new()), None);
        let sets: [&[u32]; 4] = [&[0], &[63, 64, 200], &[65_535, 65_536, 70_000], &[u32::MAX - 70, u32::MAX]];
        for people in sets {
            let skip = Skip::of(&people.iter().copied().collect()).expect("somebody");
            assert_eq!(skip.iter().collect::<Vec<_>>(), people);
            let near =
                people.iter().flat_map(|person| person.saturating_sub(130)..=person.saturating_add(130));
            for person in near {
                assert_eq!(skip.contains(person), people.contains(&person), "{person} of {people:?}");
            }
        }
    }
}
