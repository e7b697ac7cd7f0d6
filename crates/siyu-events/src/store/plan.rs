//! Which people consist of several numbers, arranged by the partition they live in.

use std::hash::Hasher;

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHasher};
use xxhash_rust::xxh3::Xxh3;

use crate::block::Remap;

/// A partition holds this many consecutive numbers.
pub(crate) const PARTITION_BITS: u32 = 16;

pub(crate) fn partition_of(person: u32) -> u32 {
    person >> PARTITION_BITS
}

#[derive(Default)]
pub(crate) struct Plan {
    pub fingerprint: u64,
    pub merged: FxHashMap<u32, Merged>,
}

/// The merged people and the absorbed numbers of one partition.
#[derive(Default)]
pub(crate) struct Merged {
    /// Ascending.
    pub people: Vec<u32>,
    /// Numbers of `people[i]`, itself included: `numbers[starts[i]..starts[i + 1]]`.
    starts: Vec<u32>,
    numbers: Vec<u32>,
    /// The person of every number but the person's own, wherever that number lives.
    person_of: FxHashMap<u32, u32>,
    /// Numbers that live in other partitions, by partition.
    pub foreign: FxHashMap<u32, RoaringBitmap>,
    /// Numbers of this partition that are not a person of their own.
    pub absorbed: RoaringBitmap,
    pub fingerprint: u64,
}

impl Plan {
    pub fn fingerprint(remap: &Remap) -> u64 {
        let mut hasher = Xxh3::new();
        let mut buffer = Vec::with_capacity(4096);
        for block in remap.to.chunks(1024) {
            buffer.clear();
            buffer.extend(block.iter().flat_map(|number| number.to_le_bytes()));
            hasher.update(&buffer);
        }
        hasher.digest()
    }

    pub fn new(remap: &Remap, fingerprint: u64) -> Plan {
        let absorbed = (0..).zip(&remap.to).filter(|(number, person)| number != *person);
        let mut pairs: Vec<(u32, u32)> = absorbed.map(|(number, &person)| (person, number)).collect();
        let mut plan = Plan { fingerprint, merged: FxHashMap::default() };
        for &(_, number) in &pairs {
            plan.merged.entry(partition_of(number)).or_default().absorbed.insert(number);
        }
        pairs.sort_unstable();
        for members in pairs.chunk_by(|a, b| a.0 == b.0) {
            let person = members[0].0;
            let home = partition_of(person);
            let merged = plan.merged.entry(home).or_default();
            merged.people.push(person);
            merged.starts.push(merged.numbers.len() as u32);
            merged.numbers.push(person);
            for &(_, number) in members {
                merged.numbers.push(number);
                merged.person_of.insert(number, person);
                if partition_of(number) != home {
                    merged.foreign.entry(partition_of(number)).or_default().insert(number);
                }
            }
        }
        for merged in plan.merged.values_mut() {
            merged.starts.push(merged.numbers.len() as u32);
            let mut hasher = FxHasher::default();
            let lists = [&merged.people, &merged.starts, &merged.numbers];
            for number in lists.into_iter().flatten().copied().chain(&merged.absorbed) {
                hasher.write_u32(number);
            }
            merged.fingerprint = hasher.finish();
        }
        plan
    }
}

impl Merged {
    /// The person of this partition that a further number belongs to.
    pub fn person_of(&self, number: u32) -> Option<u32> {
        self.person_of.get(&number).copied()
    }

    /// All numbers of a person, if it has several.
    pub fn numbers(&self, person: u32) -> Option<&[u32]> {
        let index = self.people.binary_search(&person).ok()?;
        Some(&self.numbers[self.starts[index] as usize..self.starts[index + 1] as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_by_home() {
        let mut to: Vec<u32> = (0..70_000).collect();
        to[5] = 2;
        to[66_000] = 2;
        to[66_001] = 65_999;
        let remap = Remap { to, ..Remap::default() };
        let plan = Plan::new(&remap, Plan::fingerprint(&remap));
        assert_eq!(plan.merged[&0].absorbed.iter().collect::<Vec<_>>(), [5]);
        assert_eq!(plan.merged[&1].absorbed.iter().collect::<Vec<_>>(), [66_000, 66_001]);
        assert_eq!(plan.merged[&0].numbers(2), Some(&[2, 5, 66_000][..]));
        assert_eq!(plan.merged[&0].numbers(3), None);
        assert_eq!(plan.merged[&0].foreign[&1].iter().collect::<Vec<_>>(), [66_000]);
        assert_eq!(plan.merged[&1].numbers(65_999), Some(&[65_999, 66_001][..]));
    }
}
