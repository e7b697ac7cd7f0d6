//! The pass over the events: which end belongs to which start.

use std::cell::RefCell;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::Result;
use siyu_types::analysis::{EventMatch, IntervalQuery, Pairing};
use siyu_types::clock::Millis;

use crate::Context;
use crate::buckets::Buckets;
use crate::keys::Keys;
use crate::masks::EventTest;
use crate::outcomes::Outcomes;
use crate::pass::{People, Piece};
use crate::roles::Roles;

const START: u64 = 1;
const END: u64 = 2;

/// An interval.
pub(super) struct Pair {
    /// Of its start.
    pub(super) bucket: usize,
    pub(super) millis: i64,
    pub(super) too_long: bool,
}

/// The query, prepared for one scan.
pub(super) struct Pairs<'q> {
    roles: Roles<'q>,
    chosen: People,
    pub(super) buckets: Buckets,
    limit: i64,
    pairing: Pairing,
    link: Option<&'q str>,
    as_of: Millis,
}

impl<'q> Pairs<'q> {
    pub(super) fn new(
        query: &'q IntervalQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Pairs<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let buckets = Buckets::new(&query.range, query.interval, &[&query.from], context, &chosen)?;
        let test = |event: &'q EventMatch| EventTest::new(&event.event, &event.filters, context);
        Ok(Pairs {
            roles: Roles::new(vec![test(&query.from), test(&query.to)]),
            chosen,
            buckets,
            limit: i64::from(query.limit_seconds) * 1_000,
            pairing: query.pairing,
            link: query.link.as_deref(),
            as_of: context.as_of,
        })
    }
}

/// The starts that wait for an end, by link.
#[derive(Default)]
struct Open {
    /// Where nothing links, there is one.
    only: Option<(Millis, u32)>,
    linked: FxHashMap<u64, (Millis, u32)>,
}

impl Open {
    fn clear(&mut self) {
        self.only = None;
        self.linked.clear();
    }

    #[inline]
    fn take(&mut self, link: u64, linked: bool) -> Option<(Millis, u32)> {
        if linked { self.linked.remove(&link) } else { self.only.take() }
    }

    #[inline]
    fn put(&mut self, link: u64, linked: bool, start: (Millis, u32), pairing: Pairing) {
        let keeps = pairing == Pairing::Earliest;
        match (linked, keeps) {
            (false, true) => _ = self.only.get_or_insert(start),
            (false, false) => self.only = Some(start),
            (true, true) => _ = self.linked.entry(link).or_insert(start),
            (true, false) => _ = self.linked.insert(link, start),
        }
    }
}

impl Outcomes for Pairs<'_> {
    type Outcome<'o> = Pair;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], Pair)) {
        let times = &piece.block.times;
        let on = self.roles.on(piece.block);
        let links = self.link.map(|link| Keys::new(link, piece.block));
        let linked = self.link.is_some();
        let open = RefCell::new(Open::default());
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            let open = &mut *open.borrow_mut();
            open.clear();
            for &row in rows {
                let time = times[row as usize];
                if time > self.as_of {
                    break;
                }
                let events = on.of(row);
                // Where nothing links, everything does.
                let link = links.as_ref().map_or(Some(0), |links| links.of(row));
                let Some(link) = link.filter(|_| events != 0) else { continue };
                if events & END != 0
                    && let Some((start, started)) = open.take(link, linked)
                    && let Some(bucket) = self.buckets.of(start)
                {
                    let millis = time - start;
                    see(person, &[started], Pair { bucket, millis, too_long: millis > self.limit });
                }
                if events & START != 0 {
                    open.put(link, linked, (time, row), self.pairing);
                }
            }
        });
    }
}
