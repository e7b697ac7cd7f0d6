//! The people of a partition whose events lie in several places, put together in
//! (time, arrival) order: late events, further segments, merged people.

use std::cell::OnceCell;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashSet;
use siyu_types::Result;

use super::cache::Cache;
use super::gather::Gather;
use super::pieces::{Piece, column, skeleton};
use super::plan::Merged;
use super::scan::Sources;
use super::source::{Source, SourceId, Wanted, column_bytes, skeleton_bytes};
use crate::block::Block;

/// One in so many people is most of them.
const MOST: u64 = 4;

/// Where everything a partition's people did is found.
pub(crate) struct Origin<'a> {
    pub cache: &'a Cache,
    pub partition: u32,
    /// What the scan looks at where everything of the largest source stands: its rows, or part of them.
    pub base: Option<Arc<Block>>,
    /// The partition's own sources, the base (largest) first.
    pub own: &'a [Source],
    pub merged: Option<&'a Arc<Merged>>,
    /// The sources of the partitions where further numbers of this one's people live, in their order.
    away: Vec<(&'a RoaringBitmap, &'a [Source])>,
    /// Those of them that hold such numbers: to find them takes its time, and mostly nothing is to be put together.
    foreign: OnceCell<Vec<&'a Source>>,
}

/// Everything some people did, put together.
#[derive(Clone)]
pub(crate) struct Overlay {
    /// All sources there were, in the order in which the pieces name them.
    pub sources: Arc<[SourceId]>,
    /// Whom the block replaces elsewhere. Not all need have rows.
    pub people: Arc<RoaringBitmap>,
    pub block: Arc<Block>,
    /// The merges it was made under; what changed later is in later overlays.
    pub merged: Option<Arc<Merged>>,
    pieces: Arc<[Piece]>,
    /// Codes of the columns that were asked for, also of those that no row has.
    columns: FxHashSet<u16>,
    /// Without what is kept beside the block. Every question asks, and words are many to count.
    bytes: usize,
}

impl Overlay {
    /// Puts further columns together.
    pub fn widen(&mut self, origin: &Origin<'_>, wanted: &[Wanted]) -> Result<()> {
        for wanted in wanted {
            if self.columns.contains(&wanted.code) {
                continue;
            }
            let of = |id: &SourceId| match origin.sources().find(|source| source.id == *id) {
                Some(source) => source.column(origin.cache, wanted),
                None => Ok(None),
            };
            let sources = self.sources.iter().map(of).collect::<Result<Vec<_>>>()?;
            if let Some(column) = column(&sources, self.pieces.iter().copied(), wanted, self.block.rows()) {
                self.bytes += column_bytes(&column);
                Arc::make_mut(&mut self.block).columns.insert(wanted.name.clone(), column);
            }
            self.columns.insert(wanted.code);
        }
        Ok(())
    }

    /// Whether it was made under the same merges.
    pub fn is_under(&self, merged: Option<&Arc<Merged>>) -> bool {
        let fingerprint = |merged: &Arc<Merged>| merged.fingerprint;
        self.merged.as_ref().map(fingerprint) == merged.map(fingerprint)
    }

    /// Whether these columns were put together.
    pub fn has(&self, wanted: &[Wanted]) -> bool {
        wanted.iter().all(|wanted| self.columns.contains(&wanted.code))
    }

    pub fn bytes(&self) -> usize {
        self.bytes + self.block.beside.bytes()
    }
}

impl<'a> Origin<'a> {
    pub fn new(
        cache: &'a Cache,
        (partition, base, own): (u32, Option<Arc<Block>>, &'a [Source]),
        sources: &'a Sources,
        merged: Option<&'a Arc<Merged>>,
    ) -> Origin<'a> {
        let away = merged.into_iter().flat_map(|merged| &merged.foreign);
        let away = away
            .map(|(partition, numbers)| (numbers, sources.get(partition).map_or(&[][..], |sources| sources)));
        let (away, foreign) = (away.collect(), OnceCell::new());
        Origin { cache, partition, base, own, merged, away, foreign }
    }

    /// All that it may be put together from.
    pub fn near(&self) -> Vec<SourceId> {
        let away = self.away.iter().flat_map(|(_, sources)| *sources);
        self.own.iter().chain(away).map(|source| source.id).collect()
    }

    fn foreign(&self) -> &[&'a Source] {
        self.foreign.get_or_init(|| {
            let holding = |(numbers, sources): &(&RoaringBitmap, &'a [Source])| {
                let numbers = *numbers;
                sources.iter().filter(move |source| !source.people.is_disjoint(numbers)).collect::<Vec<_>>()
            };
            self.away.iter().flat_map(holding).collect()
        })
    }

    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.own.iter().chain(self.foreign().iter().copied())
    }

    /// The people who did something in a source that the last overlay does not know, or consist of other
    /// numbers since; without one also all merged people.
    pub fn affected(&self, last: Option<&Overlay>) -> RoaringBitmap {
        let known = last.map_or(&[][..], |last| &last.sources);
        let new = |source: &&Source| !known.contains(&source.id);
        let mut affected = RoaringBitmap::new();
        for source in self.own.iter().skip(1).filter(new) {
            affected |= &*source.people;
        }
        let nobody = Arc::default();
        let merged = self.merged.unwrap_or(&nobody);
        let mut further = &affected & &merged.absorbed;
        for source in self.foreign().iter().copied().filter(new) {
            further |= &*source.people;
        }
        affected.extend(further.iter().filter_map(|number| merged.person_of(number)));
        match last {
            Some(last) => affected |= merged.changed(last.merged.as_ref().unwrap_or(&nobody)),
            None => affected.extend(merged.people.iter().copied()),
        }
        affected
    }

    /// Everything that these people did; if they are most people, what everybody did, so that it is all there
    /// is to read.
    pub fn build(&self, mut affected: RoaringBitmap) -> Result<Overlay> {
        if let Some(merged) = self.merged {
            affected -= &merged.absorbed;
        }
        let most = self.own.first().is_some_and(|base| affected.len() * MOST > base.people.len());
        if !most {
            return self.gather(affected);
        }
        let mut everybody = affected;
        self.own.iter().for_each(|source| everybody |= &*source.people);
        if let Some(merged) = self.merged {
            everybody.extend(merged.people.iter().copied());
            everybody -= &merged.absorbed;
        }
        self.gather(everybody)
    }

    /// Everything that these people did, wherever it stands.
    fn gather(&self, people: RoaringBitmap) -> Result<Overlay> {
        let mut sources = Vec::new();
        for source in self.sources() {
            sources.push((source, source.block(self.cache)?));
        }
        let mut gather = Gather::new(&sources, self.own.len());
        for person in &people {
            match self.merged.and_then(|merged| merged.numbers(person)) {
                Some(numbers) => gather.person(person, numbers)?,
                None => gather.person(person, &[person])?,
            }
        }
        let Gather { pieces, runs, .. } = gather;
        let blocks: Vec<&Block> = sources.iter().map(|(_, block)| &**block).collect();
        let block = skeleton(runs, &pieces, &blocks);
        let further = sources.len() * size_of::<SourceId>() + people.serialized_size();
        Ok(Overlay {
            sources: sources.iter().map(|(source, _)| source.id).collect(),
            people: Arc::new(people),
            merged: self.merged.cloned(),
            bytes: skeleton_bytes(&block) + pieces.len() * size_of::<Piece>() + further,
            block: Arc::new(block),
            pieces: pieces.into(),
            columns: FxHashSet::default(),
        })
    }
}
