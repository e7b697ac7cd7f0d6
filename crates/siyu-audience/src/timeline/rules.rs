//! Sessions, and the one order of all entries.

use siyu_types::clock::Millis;

use super::model::{Kind, Place};

/// A longer pause ends a visit.
pub const SESSION_GAP: Millis = 30 * 60_000;

/// When the visit of each event began; `events` newest first with their kind.
/// Messages are not what the person does, and belong to none.
pub fn sessions(events: &[(Millis, Kind)]) -> Vec<Option<Millis>> {
    let mut begun = vec![None; events.len()];
    let mut current: Option<(Millis, Millis)> = None;
    for (at, (time, kind)) in events.iter().enumerate().rev() {
        if *kind == Kind::Message {
            continue;
        }
        let start = match current {
            Some((start, last)) if time - last <= SESSION_GAP => start,
            _ => *time,
        };
        current = Some((start, *time));
        begun[at] = Some(start);
    }
    begun
}

/// Merges two lists, each newest first, into the entries after a place.
pub fn merged<A, B>(
    left: impl Iterator<Item = (Place, A)>,
    right: impl Iterator<Item = (Place, B)>,
) -> impl Iterator<Item = Either<A, B>> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some((a, _)), Some((b, _))) if a < b => right.next().map(|(place, b)| Either::Right(place, b)),
        (Some(_), _) => left.next().map(|(place, a)| Either::Left(place, a)),
        (None, _) => right.next().map(|(place, b)| Either::Right(place, b)),
    })
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Either<A, B> {
    Left(Place, A),
    Right(Place, B),
}

impl<A, B> Either<A, B> {
    pub fn place(&self) -> Place {
        let (Either::Left(place, _) | Either::Right(place, _)) = self;
        *place
    }
}
