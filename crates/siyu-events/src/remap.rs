//! Which person each number belongs to.

use std::sync::atomic::{AtomicU64, Ordering};

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

/// The numbers of a partition differ in these low bits alone.
pub const PARTITION_BITS: u32 = 16;

pub(crate) fn partition_of(number: u32) -> u32 {
    number >> PARTITION_BITS
}

/// Counts the mappings, so that two that are not the same are never of one edition.
static EDITIONS: AtomicU64 = AtomicU64::new(1);

/// Which person each dense number belongs to now.
#[derive(Clone, Debug, Default)]
pub struct Remap {
    /// The person by number; numbers beyond the end are their own person.
    to: Vec<u32>,
    /// For people made of several numbers: all of them, ascending, the person first.
    members: FxHashMap<u32, Vec<u32>>,
    /// Who has several.
    several: RoaringBitmap,
    edition: u64,
    /// By partition, when something changed last that concerns its numbers or its people.
    editions: Vec<u64>,
}

/// Whether everybody consists of the same numbers, whatever came in between.
impl PartialEq for Remap {
    fn eq(&self, other: &Remap) -> bool {
        self.to == other.to && self.members == other.members
    }
}

impl Remap {
    /// So many numbers, each a person of its own.
    pub fn alone(count: u32) -> Remap {
        Remap { to: (0..count).collect(), ..Remap::default() }
    }

    /// Of the person of each number, which is the least of its numbers.
    pub fn of(to: &[u32]) -> Remap {
        let mut remap = Remap::alone(to.len() as u32);
        let mut members: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (number, person) in (0..).zip(to).filter(|(number, person)| number != *person) {
            members.entry(*person).or_insert_with(|| vec![*person]).push(number);
        }
        members.values().for_each(|numbers| remap.join(numbers));
        remap
    }

    /// Equal only where everybody consists of the same numbers: whoever is made of one need not be looked for
    /// again. 0 where nobody was ever joined.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    pub fn person(&self, number: u32) -> u32 {
        self.to.get(number as usize).copied().unwrap_or(number)
    }

    /// The person of each number.
    pub fn people(&self) -> &[u32] {
        &self.to
    }

    /// All numbers of a person.
    pub fn numbers(&self, person: u32) -> Vec<u32> {
        self.several(person).map_or_else(|| vec![person], <[u32]>::to_vec)
    }

    /// All numbers of a person who has several, ascending.
    pub fn several(&self, person: u32) -> Option<&[u32]> {
        self.members.get(&person).map(Vec::as_slice)
    }

    /// As [`Remap::edition`], of what concerns the numbers and people of a partition.
    pub(crate) fn edition_of(&self, partition: u32) -> u64 {
        self.editions.get(partition as usize).copied().unwrap_or(0)
    }

    pub(crate) fn partitions(&self) -> u32 {
        self.editions.len() as u32
    }

    /// The people of a partition who have several numbers, ascending, with these.
    pub(crate) fn several_of(&self, partition: u32) -> impl Iterator<Item = (u32, &[u32])> {
        let (first, last) =
            (partition << PARTITION_BITS, partition << PARTITION_BITS | ((1 << PARTITION_BITS) - 1));
        self.several.range(first..=last).filter_map(|person| Some((person, self.several(person)?)))
    }

    /// The numbers of a partition that are not a person of their own, ascending, and whose they are.
    pub(crate) fn absorbed_of(&self, partition: u32) -> impl Iterator<Item = (u32, u32)> {
        let first = partition << PARTITION_BITS;
        let own = self.to.get(first as usize..).unwrap_or_default();
        let own = (first..).zip(own.iter().take(1 << PARTITION_BITS));
        own.filter(|(number, person)| number != *person).map(|(number, person)| (number, *person))
    }

    /// One more number, a person of its own. Answers it.
    pub fn push(&mut self) -> u32 {
        let number = self.to.len() as u32;
        self.to.push(number);
        number
    }

    /// Says that these numbers, ascending, are all of one person.
    pub fn join(&mut self, numbers: &[u32]) {
        let Some(&person) = numbers.first() else { return };
        for number in numbers {
            self.assign(*number, person);
        }
        if numbers.len() > 1 {
            self.members.insert(person, numbers.to_vec());
            self.several.insert(person);
        }
    }

    /// Takes a person's numbers, who are to be joined anew, with others or not.
    pub fn take(&mut self, person: u32) -> Vec<u32> {
        self.several.remove(person);
        self.members.remove(&person).unwrap_or_else(|| vec![person])
    }

    /// Makes each of a person's numbers a person of its own.
    pub fn part(&mut self, person: u32) {
        for number in self.take(person) {
            self.assign(number, number);
        }
    }

    fn assign(&mut self, number: u32, person: u32) {
        let known = &mut self.to[number as usize];
        let before = std::mem::replace(known, person);
        if before == person {
            return;
        }
        self.edition = EDITIONS.fetch_add(1, Ordering::Relaxed);
        for partition in [number, before, person].map(|number| partition_of(number) as usize) {
            if self.editions.len() <= partition {
                self.editions.resize(partition + 1, 0);
            }
            self.editions[partition] = self.edition;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_of_one_mapping() {
        let mut remap = Remap::alone(3);
        let mut met = vec![remap.edition()];
        assert_eq!(met, [0], "nobody was joined");
        remap.push();
        remap.join(&[2]);
        assert_eq!(remap.edition(), 0, "and nobody is");
        let mut see = |remap: &Remap| {
            assert!(!met.contains(&remap.edition()), "{met:?}");
            met.push(remap.edition());
        };
        remap.join(&[1, 3]);
        see(&remap);
        let mut other = remap.clone();
        assert_eq!(other.edition(), remap.edition());
        remap.part(1);
        other.part(1);
        see(&remap);
        see(&other);
        see(&Remap::of(&[0, 1, 1]));
    }

    #[test]
    fn numbers_are_joined_and_parted() {
        let mut remap = Remap::of(&[0, 1, 1, 3, 1, 3]);
        assert_eq!((remap.numbers(1), remap.several(3)), (vec![1, 2, 4], Some(&[3, 5][..])));
        let mut all = [remap.take(1), remap.take(3)].concat();
        all.sort_unstable();
        remap.join(&all);
        assert_eq!(remap.people(), [0, 1, 1, 1, 1, 1]);
        assert_eq!((remap.several(3), remap.person(5), remap.person(9)), (None, 1, 9));
        remap.part(1);
        assert_eq!(remap.people(), [0, 1, 2, 3, 4, 5]);
        assert_eq!(remap.several(1), None);
    }
}
