//! Cells that are made of the days kept beside the blocks, so that no event is looked at again.

use std::ops::Range;

use siyu_events::{Block, ScanBlock};

use super::collect::{Collected, Plan};
use crate::buckets::Buckets;
use crate::days::words::{Counts, Doers, Words};
use crate::days::{self, Day, Days, Mask, Meant, ones};
use crate::groups::{FIRST, MISSING, Slots};
use crate::pass::People;

/// Events, people, and how many of them were in no bucket before.
type Counted = [u64; 3];
/// Most counts of one block: the answers of all blocks are held until they are added up.
const COUNTS_MAX: usize = 1 << 17;
/// Rows of a block that are sooner looked at than not at all.
const SMALL: usize = 1 << 17;
/// The days of a bucket.
type Run = (usize, Range<usize>);

/// The cells of a series, as of [`super::collect::cells`]; `None` where days do not tell.
pub(super) fn cells<'m>(
    plan: &Plan<'_>,
    chosen: &People,
    buckets: Option<&Buckets>,
    slots: &(dyn Fn() -> Slots<'m> + Sync),
) -> Option<Vec<Collected<'m>>> {
    let meant = days::meant(&plan.test, &plan.wanted, plan.zone)?;
    if plan.summed.is_some() {
        return None;
    }
    let of = Of { plan, meant, buckets };
    // Events are added up wherever they stand; of people it must be known whether they were met.
    let loose = plan.scan.loose.as_ref().filter(|_| !plan.of_people);
    let loose = loose.and_then(|loose| of.cells_of(&loose.blocks, &chosen.by_number(&loose.owners), slots));
    loose.or_else(|| of.cells_of(&plan.scan.blocks, chosen, slots))
}

struct Of<'a, 'q> {
    plan: &'a Plan<'q>,
    meant: Meant<'a>,
    /// Without them everything is one bucket.
    buckets: Option<&'a Buckets>,
}

impl Of<'_, '_> {
    /// As of [`cells`], from these blocks.
    fn cells_of<'m>(
        &self,
        blocks: &[ScanBlock],
        chosen: &People,
        slots: &(dyn Fn() -> Slots<'m> + Sync),
    ) -> Option<Vec<Collected<'m>>> {
        let plan = self.plan;
        if plan.groups.is_whole() {
            let counts = days::over_blocks(blocks, chosen, |block, mask| self.whole(block, mask))?;
            let all = counts.into_iter().reduce(|mut all, own| {
                all.iter_mut().zip(own).for_each(|(all, own)| (0..3).for_each(|kind| all[kind] += own[kind]));
                all
            });
            let all = all.map(|counts| self.collected(slots(), [(FIRST, &counts[..])].into_iter()));
            return Some(all.into_iter().collect());
        }
        let name = plan.groups.property()?;
        // Of people by word only people are kept, not how often each did it.
        if plan.of_people && plan.of_events {
            return None;
        }
        let fixed = slots();
        let counted =
            days::over_blocks(blocks, chosen, |block, mask| self.by_word(block, mask, name, &fixed))?;
        if let Slots::Fixed(_) = fixed {
            let all =
                counted.iter().map(|rows| self.collected(slots(), (0..).zip(rows.chunks_exact(self.len()))));
            return Some(all.collect());
        }
        let mut all = self.collected(fixed, std::iter::empty());
        for (scanned, rows) in blocks.iter().filter(|block| block.block.rows() > 0).zip(&counted) {
            let words = Words::of(&scanned.block, name)?;
            for (word, counts) in rows.chunks_exact(self.len()).enumerate() {
                if counts.iter().any(|[events, ..]| *events > 0) {
                    let slot = words.dictionary.get(word).map_or(MISSING, |word| all.slots.of(word));
                    self.add(&mut all, slot, counts);
                }
            }
        }
        self.add_up(&mut all);
        Some(vec![all])
    }

    fn len(&self) -> usize {
        self.buckets.map_or(1, Buckets::len)
    }

    fn stride(&self) -> usize {
        self.buckets.map_or(0, Buckets::len) + 1
    }

    fn bucket(&self, time: i64) -> usize {
        self.buckets.map_or(0, |buckets| buckets.edges.index(time))
    }

    fn runs(&self, days: &[Day]) -> Option<Vec<Run>> {
        days::runs(days, self.plan.range, |time| self.bucket(time))
    }

    fn add(&self, to: &mut Collected<'_>, slot: u32, counts: &[Counted]) {
        for (bucket, counts) in counts.iter().enumerate() {
            to.cell(slot, self.stride(), bucket).see(*counts);
        }
    }

    fn add_up(&self, all: &mut Collected<'_>) {
        if self.buckets.is_some() {
            all.add_up(self.stride());
        }
    }

    fn collected<'m, 'c>(
        &self,
        slots: Slots<'m>,
        rows: impl Iterator<Item = (u32, &'c [Counted])>,
    ) -> Collected<'m> {
        let mut all = Collected { cells: Vec::new(), slots };
        rows.for_each(|(slot, counts)| self.add(&mut all, slot, counts));
        self.add_up(&mut all);
        all
    }

    /// By bucket, without a breakdown.
    fn whole(&self, scanned: &ScanBlock, mask: &Mask) -> Option<Vec<Counted>> {
        let mut counts = vec![[0; 3]; self.len()];
        if !self.plan.of_people
            && mask.nearly_all(&scanned.block)
            && let Some(known) = Counts::new(&scanned.block, None, self.meant)
        {
            for (bucket, run) in self.runs(&known.of)? {
                counts[bucket][0] = known.word(0)[run].iter().map(|count| u64::from(*count)).sum();
            }
            self.correct(&scanned.block, mask, |bucket, _| step(&mut counts[bucket], mask));
            return Some(counts);
        }
        let Some(days) = Days::new(&scanned.block, self.meant) else {
            self.by_rows(&scanned.block, mask, |_| 0, &mut counts)?;
            return Some(counts);
        };
        let runs = self.runs(&days.of)?;
        if self.plan.of_people {
            let (mut here, mut seen) = (Vec::new(), vec![0; scanned.block.persons.len().div_ceil(64)]);
            for (bucket, run) in &runs {
                days.any(run.clone(), mask, &mut here);
                let people = u64::from(ones(&here));
                here.iter_mut().zip(&mut seen).for_each(|(here, seen)| {
                    *here &= !*seen;
                    *seen |= *here;
                });
                counts[*bucket] = [people, people, u64::from(ones(&here))];
            }
        }
        if self.plan.of_events {
            for (bucket, run) in runs {
                counts[bucket][0] = run.map(|day| days.events(day, mask)).sum();
            }
        }
        Some(counts)
    }

    /// Event by event, of a block that is too small to keep anything of this kind; `None` of others.
    fn by_rows(
        &self,
        block: &Block,
        mask: &Mask,
        place: impl Fn(usize) -> usize,
        rows: &mut [Counted],
    ) -> Option<()> {
        if block.rows() > SMALL {
            return None;
        }
        // Who was seen last, by place and bucket, and by place.
        let (mut here, mut last) = (vec![usize::MAX; rows.len()], vec![usize::MAX; rows.len()]);
        let people = (0..block.persons.len()).filter(|person| mask.contains(*person));
        for person in people {
            for row in block.starts[person] as usize..block.starts[person + 1] as usize {
                let time = block.times[row];
                if self.meant.wanted.of(block.events[row]) == 0 || !self.plan.in_range(time) {
                    continue;
                }
                let place = place(row) * self.len();
                let [events, people, first] = &mut rows[place + self.bucket(time)];
                *events += 1;
                *people += u64::from(here[place + self.bucket(time)] != person);
                *first += u64::from(last[place] != person);
                (here[place + self.bucket(time)], last[place]) = (person, person);
            }
        }
        Some(())
    }

    /// Takes away the events of those who are left out from what is known of all, or adds up those of
    /// the few who are looked at: shows the bucket and the row of each.
    fn correct(&self, block: &Block, mask: &Mask, mut see: impl FnMut(usize, usize)) {
        for person in mask.fewer() {
            for row in block.starts[person] as usize..block.starts[person + 1] as usize {
                let time = block.times[row];
                if self.meant.wanted.of(block.events[row]) != 0 && self.plan.in_range(time) {
                    see(self.bucket(time), row);
                }
            }
        }
    }

    /// By slot where slots are known, otherwise by word, rows without one last; then by bucket.
    fn by_word(
        &self,
        scanned: &ScanBlock,
        mask: &Mask,
        name: &str,
        slots: &Slots<'_>,
    ) -> Option<Vec<Counted>> {
        let block = &*scanned.block;
        let words = Words::of(block, name)?;
        let places: Vec<u32> = match slots {
            Slots::Fixed(names) => {
                let mut own = Slots::Fixed(names);
                words.dictionary.iter().map(|word| own.of(word)).chain([MISSING]).collect()
            }
            _ => (0..=words.dictionary.len() as u32).collect(),
        };
        let length = places.iter().max().map_or(0, |last| *last as usize + 1);
        if length * self.len() > COUNTS_MAX {
            return None;
        }
        let mut rows = vec![[0; 3]; length * self.len()];
        let place = |row: usize| places[words.at(row)] as usize;
        if self.plan.of_people {
            let Some(doers) = Doers::new(block, name, self.meant) else {
                self.by_rows(block, mask, place, &mut rows)?;
                return Some(rows);
            };
            let runs = self.runs(&doers.of)?;
            let mut own: Vec<Vec<usize>> = vec![Vec::new(); length];
            places.iter().enumerate().for_each(|(word, place)| own[*place as usize].push(word));
            let mut told = Told::new(block.persons.len());
            for (words, counts) in own.iter().zip(rows.chunks_exact_mut(self.len())) {
                told.people(&doers, words, &runs, mask, counts);
            }
            return Some(rows);
        }
        let Some(counts) = Counts::new(block, Some(name), self.meant) else {
            self.by_rows(block, mask, place, &mut rows)?;
            return Some(rows);
        };
        let runs = self.runs(&counts.of)?;
        let known = places.iter().enumerate().filter(|_| mask.most);
        for (word, place) in known {
            let of = counts.word(word);
            let row = &mut rows[*place as usize * self.len()..];
            for (bucket, run) in &runs {
                row[*bucket][0] += of[run.clone()].iter().map(|count| u64::from(*count)).sum::<u64>();
            }
        }
        self.correct(block, mask, |bucket, row| {
            step(&mut rows[place(row) * self.len() + bucket], mask);
        });
        Some(rows)
    }
}

/// Corrects a count of events by one.
fn step(count: &mut Counted, mask: &Mask) {
    count[0] = if mask.most { count[0] - 1 } else { count[0] + 1 };
}

/// Who was met already, as bits.
struct Told {
    seen: Vec<u64>,
    here: Vec<u64>,
}

impl Told {
    fn new(people: usize) -> Told {
        let none = vec![0; people.div_ceil(64)];
        Told { seen: none.clone(), here: none }
    }

    /// The people of some words together, by bucket.
    fn people(&mut self, doers: &Doers, words: &[usize], runs: &[Run], mask: &Mask, counts: &mut [Counted]) {
        self.seen.fill(0);
        for (bucket, run) in runs {
            let once = words.len() == 1 && run.len() == 1;
            if !once {
                self.here.fill(0);
            }
            let (mut people, mut first) = (0, 0);
            for word in words {
                for person in run.clone().flat_map(|day| doers.people(*word, day)) {
                    let person = usize::from(*person);
                    if !mask.contains(person) || !once && !meets(&mut self.here, person) {
                        continue;
                    }
                    people += 1;
                    first += u64::from(meets(&mut self.seen, person));
                }
            }
            counts[*bucket] = [people, people, first];
        }
    }
}

/// Whether somebody was not met before.
#[inline]
fn meets(bits: &mut [u64], person: usize) -> bool {
    let (word, bit) = (&mut bits[person / 64], 1 << (person % 64));
    let new = *word & bit == 0;
    *word |= bit;
    new
}
