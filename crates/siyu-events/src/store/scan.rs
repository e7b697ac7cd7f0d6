//! One consistent view of all events.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHashSet};
use siyu_types::{Result, Value};

use super::EventStore;
use super::catalog::Catalog;
use super::erase::{seen, seen_events};
use super::model::ScanRequest;
use super::overlay::Origin;
use super::plan::Plan;
use super::settled::Settled;
use super::source::{Source, SourceId, Wanted};
use super::tiers::Blocks;
use super::values::list_items;
use crate::block::{BOOL_MISSING, Block, Column, Loose, Scan, ScanBlock};
use crate::parallel::{Begin, all_done};
use crate::remap::Remap;

/// Sources of each partition, the largest first.
pub(super) type Sources = FxHashMap<u32, Vec<Source>>;

/// Everything a scan is made of, as of one instant.
pub(super) struct Snapshot {
    /// By partition.
    settled: BTreeMap<u32, Vec<Arc<Settled>>>,
    /// What arrived since the last checkpoint.
    pub recent: Sources,
    pub wanted: Vec<Wanted>,
    /// The codes of the events that will be looked at, ascending, if not of all.
    events: Option<Arc<[u16]>>,
    event_names: Arc<[Box<str>]>,
    hidden: Arc<RoaringBitmap>,
    /// See [`super::tiers::Overlays::epoch`].
    epoch: u64,
}

impl Snapshot {
    /// What all people of a partition stand in, if they stand in one place.
    fn alone(&self, partition: u32) -> Option<&Arc<Settled>> {
        match &self.settled.get(&partition)?[..] {
            [alone] if !self.recent.contains_key(&partition) => Some(alone),
            _ => None,
        }
    }

    /// What of a partition is settled.
    pub fn settled_of(&self, partition: u32) -> impl Iterator<Item = &Arc<Settled>> {
        self.settled.get(&partition).into_iter().flatten()
    }

    /// The partitions in which people stand, ascending.
    pub fn partitions(&self, plan: &Plan) -> Vec<u32> {
        let settled = self.settled.keys().copied();
        let mut partitions: Vec<u32> =
            settled.chain(self.recent.keys().copied()).chain(plan.merged.keys().copied()).collect();
        partitions.sort_unstable();
        partitions.dedup();
        partitions
    }
}

impl EventStore {
    /// A consistent view of all events that the hints leave.
    pub fn scan(&self, request: &ScanRequest<'_>) -> Result<Scan> {
        if request.events.is_some_and(<[&str]>::is_empty) {
            let event_names = Arc::clone(self.inner.read().catalog.names());
            return Ok(Scan { event_names, ..Scan::default() });
        }
        self.ready.note(request.columns);
        let (plan, snapshot) = (self.plan(request.remap), self.snapshot(request)?);
        // What came late is at hand, and nobody waits in line for it.
        let settled = snapshot.partitions(&plan);
        let settled = settled.into_iter().filter(|partition| !snapshot.recent.contains_key(partition));
        if self.is_held(settled, &plan, &snapshot) {
            return self.scan_of(&plan, snapshot, Begin::WhenLong);
        }
        drop(snapshot);
        let _turn = self.reading.lock();
        self.scan_of(&plan, self.snapshot(request)?, Begin::AtOnce)
    }

    /// Reads what the next scan of such a request needs and is not held yet. Who must keep others waiting
    /// for a scan, because it is of who is who now, asks for this before, and lets go of the answer after:
    /// then nothing is read from disk while others wait. `None` if all of it is held.
    pub fn warm(&self, columns: &[&str], events: &[&str]) -> Result<Option<Scan>> {
        let remap = Remap::default();
        let request = ScanRequest { columns, events: Some(events), from: None, to: None, remap: &remap };
        let snapshot = self.snapshot(&request)?;
        // Who was merged at the last scan: it is hardly ever anybody else.
        let plan = Arc::clone(&self.plan.lock());
        if self.is_held(snapshot.partitions(&plan).into_iter(), &plan, &snapshot) {
            return Ok(None);
        }
        let _turn = self.reading.lock();
        self.scan_of(&plan, snapshot, Begin::AtOnce).map(Some)
    }

    /// Whether nothing has to be read from disk, and nothing of these partitions put together.
    fn is_held(&self, mut partitions: impl Iterator<Item = u32>, plan: &Plan, snapshot: &Snapshot) -> bool {
        let mut settled = snapshot.settled.values().flatten();
        let events = snapshot.events.as_ref();
        settled.all(|settled| self.cache.holds(settled, &snapshot.wanted, events))
            && partitions.all(|partition| self.stands(partition, plan, snapshot))
    }

    /// Whether nothing of a partition's own sources has to be put together any more.
    fn stands(&self, partition: u32, plan: &Plan, snapshot: &Snapshot) -> bool {
        let merged = plan.merged.get(&partition);
        let settled = snapshot.settled_of(partition);
        let recent = snapshot.recent.get(&partition).into_iter().flatten();
        let own: Vec<SourceId> = settled
            .map(|settled| SourceId::Settled(settled.id))
            .chain(recent.map(|source| source.id))
            .collect();
        (own.len() < 2 && merged.is_none()) || self.overlays.cover(partition, merged, &own, &snapshot.wanted)
    }

    pub(super) fn scan_of(&self, plan: &Plan, snapshot: Snapshot, begin: Begin) -> Result<Scan> {
        // What arrived lately will be joined by more, and all rows are asked for again and again.
        let held = |partition: u32| snapshot.recent.contains_key(&partition);
        let sources = self.sources(plan, &snapshot, begin, held)?;
        let partitions = snapshot.partitions(plan);
        let blocks = all_done(begin, &partitions, |&partition| {
            let own = sources.get(&partition).map_or(&[][..], |own| own);
            let base = self.base(partition, own, &snapshot)?;
            self.partition_blocks(partition, (base, own), &sources, plan, &snapshot)
        })?;
        self.count_together();
        let seen = |blocks: Vec<ScanBlock>| {
            blocks.into_iter().map(|block| seen(block, &snapshot.hidden)).collect::<Vec<_>>()
        };
        let one_by_one = |block: &Arc<Block>| ScanBlock { block: Arc::clone(block), skip: None };
        let loose = Loose {
            blocks: seen(blocks.iter().flat_map(|blocks| &blocks.loose).map(one_by_one).collect()),
            owners: plan.merged.values().map(|merged| Arc::clone(&merged.owners)).collect(),
        };
        let blocks = seen(blocks.into_iter().flat_map(|blocks| blocks.together).collect());
        Ok(Scan { blocks, loose: Some(loose), event_names: snapshot.event_names })
    }

    /// Of what is looked at where the largest source of a partition stands, and its sources.
    pub(super) fn partition_blocks(
        &self,
        partition: u32,
        (base, own): (Option<Arc<Block>>, &[Source]),
        sources: &Sources,
        plan: &Plan,
        snapshot: &Snapshot,
    ) -> Result<Blocks> {
        let merged = plan.merged.get(&partition);
        let mut own = own.to_vec();
        let mut loose: Vec<Arc<Block>> = base.iter().cloned().collect();
        // All but the largest have few rows, and all of these are looked at.
        for source in own.iter_mut().skip(1) {
            *source = source.hold(&self.cache, &snapshot.wanted)?;
            loose.push(source.block(&self.cache)?);
        }
        if own.len() < 2 && merged.is_none() {
            let base = base.into_iter().map(|block| ScanBlock { block, skip: None });
            return Ok(Blocks { together: base.collect(), loose });
        }
        let origin = Origin::new(&self.cache, (partition, base, &own), sources, merged);
        let most = self.options.cache_bytes / 2;
        let together = self.overlays.blocks(&origin, &snapshot.wanted, snapshot.epoch, most)?;
        self.share_memory();
        Ok(Blocks { together, loose })
    }

    /// What is put together takes up to half of the memory from what is decoded.
    fn share_memory(&self) {
        let memory = self.options.cache_bytes;
        self.cache.limit(memory - self.overlays.bytes().min(memory / 2));
    }

    /// With what has been kept beside what is put together since.
    pub(super) fn count_together(&self) {
        if self.overlays.count(self.options.cache_bytes / 2) {
            self.share_memory();
        }
    }

    /// What is looked at where the largest source of a partition stands.
    pub(super) fn base(
        &self,
        partition: u32,
        own: &[Source],
        snapshot: &Snapshot,
    ) -> Result<Option<Arc<Block>>> {
        let largest = own.first();
        let Some(settled) = snapshot.alone(partition).map(|alone| &**alone).or_else(|| largest?.settled())
        else {
            return largest.map(|largest| largest.block(&self.cache)).transpose();
        };
        if let Some(part) = self.part(settled, snapshot)? {
            return Ok(Some(part));
        }
        match largest.and_then(Source::stands) {
            Some(held) => Ok(Some(Arc::clone(held))),
            None => self.cache.whole(settled, &snapshot.wanted).map(Some),
        }
    }

    /// Only the events that will be looked at, where that is worth it.
    fn part(&self, settled: &Settled, snapshot: &Snapshot) -> Result<Option<Arc<Block>>> {
        match &snapshot.events {
            Some(events) => self.cache.part(settled, &snapshot.wanted, events),
            None => Ok(None),
        }
    }

    /// What the hints leave, of one instant.
    pub(super) fn snapshot(&self, request: &ScanRequest<'_>) -> Result<Snapshot> {
        let mut settled: BTreeMap<u32, Vec<Arc<Settled>>> = BTreeMap::new();
        let inner = self.inner.read();
        let (hidden, epoch) = (Arc::clone(&inner.hidden), self.overlays.epoch());
        let wanted = wanted(&inner.catalog, request.columns);
        let event_names = Arc::clone(inner.catalog.names());
        let events: Option<Arc<[u16]>> = request.events.map(|events| {
            let mut codes: Vec<u16> =
                events.iter().filter_map(|event| inner.catalog.event_code(event)).collect();
            codes.sort_unstable();
            codes.dedup();
            codes.into()
        });
        let in_time = |min: i64, max: i64| {
            request.from.is_none_or(|from| max >= from) && request.to.is_none_or(|to| min < to)
        };
        for (&partition, all) in &inner.settled {
            let named = all.iter().filter(|one| events.as_ref().is_none_or(|events| one.has_event(events)));
            let read: Vec<Arc<Settled>> = named.flat_map(|one| one.in_time(in_time)).collect();
            if !read.is_empty() {
                settled.insert(partition, read);
            }
        }
        let recent = inner.recent.iter().filter(|(_, recent)| in_time(recent.time_min, recent.time_max));
        let recent: Vec<_> = recent.collect();
        let sorted = all_done(Begin::WhenLong, &recent, |(partition, recent)| {
            Ok(recent.sources(**partition, &wanted))
        })?;
        let recent = recent.iter().map(|(partition, _)| **partition).zip(sorted);
        let recent = recent.filter(|(_, sorted)| !sorted.is_empty()).collect();
        Ok(Snapshot { settled, recent, wanted, events, event_names, hidden, epoch })
    }

    /// What is recent, and what is settled that may have to be put together with anything else; that of some
    /// partitions decoded. Of all others only what is looked at needs to be decoded.
    pub(super) fn sources(
        &self,
        plan: &Plan,
        snapshot: &Snapshot,
        begin: Begin,
        held: impl Fn(u32) -> bool + Sync,
    ) -> Result<Sources> {
        let foreign: FxHashSet<u32> =
            plan.merged.values().flat_map(|merged| merged.foreign.keys().copied()).collect();
        let is_concerned = |partition: &u32| {
            plan.merged.contains_key(partition)
                || foreign.contains(partition)
                || snapshot.alone(*partition).is_none()
        };
        let concerned = snapshot.settled.iter().filter(|(partition, _)| is_concerned(partition));
        let concerned: Vec<(u32, &Arc<Settled>)> =
            concerned.flat_map(|(&partition, all)| all.iter().map(move |one| (partition, one))).collect();
        let found = all_done(begin, &concerned, |&(partition, settled)| {
            // Decoded before anything is asked of it, it is not decoded for that as well.
            let held = held(partition).then(|| self.cache.whole(settled, &snapshot.wanted)).transpose()?;
            let people = Arc::clone(&self.cache.facts(settled)?.people);
            Ok(match held {
                Some(block) => Source::held(settled, people, block),
                None => Source::lent(settled, people, foreign.contains(&partition)),
            })
        })?;
        let mut sources = snapshot.recent.clone();
        for (&(partition, _), source) in concerned.iter().zip(found) {
            sources.entry(partition).or_default().push(source);
        }
        for own in sources.values_mut() {
            own.sort_by_key(|source| std::cmp::Reverse(source.rows));
        }
        Ok(sources)
    }

    pub(super) fn plan(&self, remap: &Remap) -> Arc<Plan> {
        let mut held = self.plan.lock();
        if held.edition != remap.edition() {
            *held = Arc::new(Plan::new(remap, &held));
        }
        Arc::clone(&held)
    }

    /// The most frequent values of a property on an event, as text. The items of
    /// lists count one by one.
    pub fn values(
        &self,
        event: &str,
        property: &str,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<(String, u64)>> {
        let Some(code) = self.event_code(event) else { return Ok(Vec::new()) };
        let remap = Remap::default();
        let request =
            ScanRequest { columns: &[property], events: Some(&[event]), from: None, to: None, remap: &remap };
        let snapshot = self.snapshot(&request)?;
        let mut counts: FxHashMap<String, u64> = FxHashMap::default();
        let settled: Vec<_> = snapshot.settled.values().flatten().collect();
        let mut blocks =
            all_done(Begin::AtOnce, &settled, |settled| self.cache.whole(settled, &snapshot.wanted))?;
        for source in snapshot.recent.values().flatten() {
            blocks.push(source.block(&self.cache)?);
        }
        for block in blocks {
            if let Some(column) = block.columns.get(property) {
                count_values(column, &seen_events(&block, &snapshot.hidden), code, &mut counts);
            }
        }
        let mut values: Vec<_> = counts.into_iter().filter(|(value, _)| value.starts_with(prefix)).collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(limit);
        Ok(values)
    }
}

fn count_values(column: &Column, events: &[u16], event: u16, counts: &mut FxHashMap<String, u64>) {
    let rows = || events.iter().enumerate().filter(|(_, known)| **known == event).map(|(row, _)| row);
    match column {
        Column::Text { codes, dictionary, list } => {
            let mut by_code = vec![0u64; dictionary.len()];
            for row in rows() {
                if let Some(count) = by_code.get_mut(codes[row] as usize) {
                    *count += 1;
                }
            }
            for (word, count) in dictionary.iter().zip(by_code).filter(|(_, count)| *count > 0) {
                if *list {
                    for item in list_items(word) {
                        *counts.entry(item).or_default() += count;
                    }
                } else {
                    *counts.entry(word.to_string()).or_default() += count;
                }
            }
        }
        Column::Number(numbers) => {
            let mut by_bits: FxHashMap<u64, u64> = FxHashMap::default();
            for row in rows().filter(|&row| !numbers[row].is_nan()) {
                *by_bits.entry(numbers[row].to_bits()).or_default() += 1;
            }
            for (bits, count) in by_bits {
                *counts.entry(Value::Number(f64::from_bits(bits)).display()).or_default() += count;
            }
        }
        Column::Bool(flags) => {
            for row in rows().filter(|&row| flags[row] != BOOL_MISSING) {
                *counts.entry((flags[row] == 1).to_string()).or_default() += 1;
            }
        }
    }
}

/// The columns that exist of those asked for, each once.
pub(super) fn wanted(catalog: &Catalog, names: &[&str]) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for &name in names {
        if let Some(code) = catalog.column_code(name)
            && let Some(column) = catalog.column(code)
            && wanted.iter().all(|known| known.code != code)
        {
            wanted.push(Wanted { code, name: name.to_owned(), kind: column.kind });
        }
    }
    wanted
}
