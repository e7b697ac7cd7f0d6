//! Which people consist of several numbers, arranged by the partition they live in.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHasher};

use crate::remap::{Remap, partition_of};

#[derive(Default)]
pub(crate) struct Plan {
    /// See [`Remap::edition`].
    pub edition: u64,
    /// Of the partitions that have any.
    pub merged: FxHashMap<u32, Arc<Merged>>,
}

/// The merged people and the absorbed numbers of one partition.
#[derive(Default)]
pub(crate) struct Merged {
    edition: u64,
    /// Ascending.
    pub people: Vec<u32>,
    /// Numbers of `people[i]`, itself included: `numbers[starts[i]..starts[i + 1]]`.
    starts: Vec<u32>,
    numbers: Vec<u32>,
    /// Every number but the people's own, ascending, wherever it lives, and whose it is.
    further: Vec<(u32, u32)>,
    /// Numbers that live in other partitions, by partition.
    pub foreign: BTreeMap<u32, RoaringBitmap>,
    /// Numbers of this partition that are not a person of their own.
    pub absorbed: RoaringBitmap,
    /// The same, and whose they are.
    pub owners: Arc<[(u32, u32)]>,
    pub fingerprint: u64,
    /// Added up once, since every question asks.
    pub bytes: usize,
}

impl Plan {
    /// What has not changed is taken over from the plan before.
    pub fn new(remap: &Remap, before: &Plan) -> Plan {
        let of_one = |partition: u32| {
            let edition = remap.edition_of(partition);
            let known = before.merged.get(&partition).filter(|known| known.edition == edition);
            let merged = known.map_or_else(|| Arc::new(Merged::new(remap, partition)), Arc::clone);
            (!merged.is_empty()).then_some((partition, merged))
        };
        let changed = (0..remap.partitions()).filter(|partition| remap.edition_of(*partition) > 0);
        Plan { edition: remap.edition(), merged: changed.filter_map(of_one).collect() }
    }

    /// The partitions whose people are others than in the plan before.
    pub fn changed<'p>(&'p self, before: &'p Plan) -> impl Iterator<Item = u32> {
        let of = |plan: &Plan, partition| plan.merged.get(partition).map(|merged| merged.fingerprint);
        let all = self.merged.keys().chain(before.merged.keys().filter(|key| !self.merged.contains_key(key)));
        all.filter(move |partition| of(self, partition) != of(before, partition)).copied()
    }
}

impl Merged {
    fn new(remap: &Remap, partition: u32) -> Merged {
        let mut merged = Merged { edition: remap.edition_of(partition), ..Merged::default() };
        let mut hasher = FxHasher::default();
        for (person, numbers) in remap.several_of(partition) {
            merged.people.push(person);
            merged.starts.push(merged.numbers.len() as u32);
            merged.numbers.extend_from_slice(numbers);
            for number in &numbers[1..] {
                merged.further.push((*number, person));
                let home = partition_of(*number);
                if home != partition {
                    merged.foreign.entry(home).or_default().insert(*number);
                }
            }
        }
        merged.starts.push(merged.numbers.len() as u32);
        merged.further.sort_unstable();
        merged.owners = remap.absorbed_of(partition).collect();
        merged.absorbed = merged.owners.iter().map(|(number, _)| *number).collect();
        let lists = [&merged.people, &merged.starts, &merged.numbers].into_iter().flatten().copied();
        let owners = merged.owners.iter().flat_map(|(number, person)| [*number, *person]);
        lists.chain(owners).for_each(|number| hasher.write_u32(number));
        merged.fingerprint = hasher.finish();
        merged.bytes = merged.added_up();
        merged
    }

    fn is_empty(&self) -> bool {
        self.people.is_empty() && self.absorbed.is_empty()
    }

    fn added_up(&self) -> usize {
        let numbers = self.people.len() + self.starts.len() + self.numbers.len();
        let sets: usize =
            self.foreign.values().chain([&self.absorbed]).map(RoaringBitmap::serialized_size).sum();
        numbers * size_of::<u32>() + (self.further.len() + self.owners.len()) * size_of::<(u32, u32)>() + sets
    }

    /// The person of this partition that a further number belongs to.
    pub fn person_of(&self, number: u32) -> Option<u32> {
        let index = self.further.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(self.further[index].1)
    }

    /// All numbers of a person, if it has several.
    pub fn numbers(&self, person: u32) -> Option<&[u32]> {
        Some(self.numbers_at(self.people.binary_search(&person).ok()?))
    }

    fn numbers_at(&self, index: usize) -> &[u32] {
        &self.numbers[self.starts[index] as usize..self.starts[index + 1] as usize]
    }

    fn each(&self) -> impl Iterator<Item = (u32, &[u32])> {
        self.people.iter().enumerate().map(|(index, person)| (*person, self.numbers_at(index)))
    }

    /// The numbers of this partition whose events are those of another person than before, or of one who has
    /// others as well now.
    pub fn changed(&self, before: &Merged) -> RoaringBitmap {
        let differs = |of: &Merged, other: &Merged| {
            let people = of.each().filter(|(person, numbers)| other.numbers(*person) != Some(numbers));
            people.map(|(person, _)| person).collect::<RoaringBitmap>()
        };
        differs(self, before) | differs(before, self) | (&self.absorbed ^ &before.absorbed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_by_home() {
        let mut remap = Remap::alone(70_000);
        remap.join(&[2, 5, 66_000]);
        remap.join(&[65_999, 66_001]);
        let plan = Plan::new(&remap, &Plan::default());
        assert_eq!(plan.merged[&0].absorbed.iter().collect::<Vec<_>>(), [5]);
        assert_eq!(*plan.merged[&1].owners, [(66_000, 2), (66_001, 65_999)]);
        assert_eq!(plan.merged[&0].numbers(2), Some(&[2, 5, 66_000][..]));
        assert_eq!(plan.merged[&0].numbers(3), None);
        assert_eq!(plan.merged[&0].person_of(66_000), Some(2));
        assert_eq!(plan.merged[&0].foreign[&1].iter().collect::<Vec<_>>(), [66_000]);
        assert_eq!(plan.merged[&1].numbers(65_999), Some(&[65_999, 66_001][..]));
    }

    #[test]
    fn only_what_changed_is_made_anew() {
        let mut remap = Remap::alone(200_000);
        remap.join(&[2, 5]);
        remap.join(&[131_073, 131_079]);
        let before = Plan::new(&remap, &Plan::default());
        remap.join(&[66_000, 66_001]);
        remap.join(&[3, 4]);
        remap.part(2);
        let plan = Plan::new(&remap, &before);
        assert!(Arc::ptr_eq(&plan.merged[&2], &before.merged[&2]));
        let mut changed: Vec<u32> = plan.changed(&before).collect();
        changed.sort_unstable();
        assert_eq!(changed, [0, 1]);
        let changed = plan.merged[&0].changed(&before.merged[&0]);
        assert_eq!(changed.iter().collect::<Vec<_>>(), [2, 3, 4, 5]);
        remap.part(131_073);
        assert_eq!(Plan::new(&remap, &plan).merged.len(), 2, "nobody of the third is merged any more");
    }
}
