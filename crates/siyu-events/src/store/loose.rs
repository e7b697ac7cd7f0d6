//! The same events where nobody asks that all of a person's stand together: every source as it is,
//! with only the merged people put together anew. What can be added up reads these: after late events
//! that is hardly more than before them, while most of the people stand in an overlay as well.

use std::sync::Arc;

use roaring::RoaringBitmap;
use siyu_types::Result;

use super::overlay::{Origin, Overlay};
use super::source::{SourceId, Wanted};
use crate::block::ScanBlock;
use crate::skip::Skip;

/// Of the sources of one partition.
#[derive(Clone)]
pub(super) struct Loose {
    sources: Arc<[SourceId]>,
    /// The people who consist of several numbers.
    merged: Option<Overlay>,
    /// By own source, whom to pass over because they are merged.
    skips: Arc<[Option<Arc<Skip>>]>,
}

impl Loose {
    pub fn new(origin: &Origin<'_>) -> Result<Loose> {
        let people = origin.merged.map(|merged| merged.people.iter().copied().collect::<RoaringBitmap>());
        let apart = origin.merged.zip(people.as_ref()).map(|(merged, people)| people | &merged.absorbed);
        let skip = |source: &super::source::Source| {
            let skip = apart.as_ref().and_then(|apart| Skip::of(&(apart & &*source.people)));
            skip.map(Arc::new)
        };
        Ok(Loose {
            sources: origin.sources().map(|source| source.id).collect(),
            merged: people.map(|people| origin.gather(people)).transpose()?,
            skips: origin.own.iter().map(skip).collect(),
        })
    }

    pub fn is_of(&self, sources: &[SourceId]) -> bool {
        *self.sources == *sources
    }

    pub fn blocks(&mut self, origin: &Origin<'_>, wanted: &[Wanted]) -> Result<Vec<ScanBlock>> {
        let mut blocks = Vec::with_capacity(origin.own.len() + 1);
        for (at, (source, skip)) in origin.own.iter().zip(&*self.skips).enumerate() {
            let block = match &origin.base {
                Some(base) if at == 0 => Arc::clone(base),
                _ => source.block(origin.cache)?,
            };
            blocks.push(ScanBlock { block, skip: skip.clone() });
        }
        if let Some(merged) = &mut self.merged {
            merged.widen(origin, wanted)?;
            blocks.push(ScanBlock { block: Arc::clone(&merged.block), skip: None });
        }
        blocks.retain(|block| block.block.rows() > 0);
        Ok(blocks)
    }

    pub fn merged(&self) -> Option<&Overlay> {
        self.merged.as_ref()
    }
}
