//! What questions keep beside a block: made from its rows alone, so it holds for as long as the block
//! does, and goes with it.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::block::Block;
use crate::places::Places;

/// Bytes that every block may have beside it, however few its rows.
const ROOM_MIN: usize = 1 << 16;
/// And for each of its rows: about as much as two columns.
const ROOM_PER_ROW: usize = 8;

/// Counts the questions, so that of any blocks it can be told what was asked for last.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// What something is made of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Made {
    /// Codes of the events, ascending.
    pub events: Box<[u16]>,
    /// Whose days are looked at.
    pub zone: String,
    pub column: Option<String>,
}

/// What can be kept beside a block.
pub trait Kept: Any + Send + Sync + Sized {
    /// Makes it, and says how many bytes it has; `None` if it cannot be made, or would have more
    /// than there is room for. Columns that no row has are not among those of the block.
    fn make(block: &Block, made: &Made, room: usize) -> Option<(Self, usize)>;
}

type Value = Arc<dyn Any + Send + Sync>;
type Key = (TypeId, Made);

/// How to make the same of another block.
#[derive(Clone)]
pub struct Recipe {
    /// When it was asked for last, by [`ASKED`].
    pub(crate) used: u64,
    key: Key,
    make: fn(&Block, &Made, usize) -> Option<(Value, usize)>,
}

impl Recipe {
    pub(crate) fn column(&self) -> Option<&str> {
        self.key.1.column.as_deref()
    }

    pub(crate) fn is(&self, other: &Recipe) -> bool {
        self.key == other.key
    }
}

#[derive(Default)]
pub struct Beside {
    held: Mutex<Held>,
    places: OnceLock<Option<Places>>,
}

#[derive(Default)]
struct Held {
    kept: FxHashMap<Key, Entry>,
    bytes: usize,
    /// What did not fit beside what was asked for later.
    left_out: FxHashSet<Key>,
}

/// `None` of what cannot be made of this block; its bytes; and how it was made.
type Entry = (Option<Value>, usize, Recipe);

fn make<T: Kept>(block: &Block, made: &Made, room: usize) -> Option<(Value, usize)> {
    let (value, bytes) = T::make(block, made, room)?;
    Some((Arc::new(value), bytes))
}

impl Block {
    /// What was made before, or is made now; `None` as of [`Kept::make`].
    pub fn kept<T: Kept>(&self, made: Made) -> Option<Arc<T>> {
        let used = ASKED.fetch_add(1, Ordering::Relaxed) + 1;
        let recipe = Recipe { used, key: (TypeId::of::<T>(), made), make: make::<T> };
        if let Some(known) = self.beside.held.lock().known(&recipe) {
            return known?.downcast().ok();
        }
        let (value, bytes) = self.follow(&recipe);
        self.beside.held.lock().keep(recipe, value.clone(), bytes, self.room());
        value?.downcast().ok()
    }

    /// Where its people stand; `None` if they are too far apart.
    pub fn places(&self) -> Option<&Places> {
        self.beside.places.get_or_init(|| Places::of(&self.persons)).as_ref()
    }

    /// Makes what is not there yet, for whoever asks next: what was asked for last first, as long as
    /// there is room. Nothing makes way for it.
    pub(crate) fn prepare<'r>(&self, recipes: impl Iterator<Item = &'r Recipe>) {
        self.places();
        for recipe in recipes {
            if self.beside.held.lock().has_met(recipe) {
                continue;
            }
            let (value, bytes) = self.follow(recipe);
            let mut held = self.beside.held.lock();
            if held.bytes + bytes > self.room() {
                held.left_out.insert(recipe.key.clone());
            } else {
                held.keep(recipe.clone(), value, bytes, self.room());
            }
        }
    }

    /// Bytes that it may have beside it.
    fn room(&self) -> usize {
        ROOM_MIN.max(self.rows() * ROOM_PER_ROW)
    }

    /// Outside the lock: two questions may make the same, which wastes time but is right.
    fn follow(&self, recipe: &Recipe) -> (Option<Value>, usize) {
        let made = (recipe.make)(self, &recipe.key.1, self.room()).filter(|(_, bytes)| *bytes <= self.room());
        made.map_or((None, 0), |(value, bytes)| (Some(value), bytes))
    }
}

impl Beside {
    /// Of everything that is kept.
    pub fn bytes(&self) -> usize {
        self.held.lock().bytes + self.places.get().and_then(Option::as_ref).map_or(0, Places::bytes)
    }

    /// How what is kept was made.
    pub(crate) fn recipes(&self) -> Vec<Recipe> {
        self.held.lock().kept.values().map(|(_, _, recipe)| recipe.clone()).collect()
    }
}

impl Held {
    fn known(&mut self, recipe: &Recipe) -> Option<Option<Value>> {
        let (value, _, known) = self.kept.get_mut(&recipe.key)?;
        known.used = recipe.used;
        Some(value.clone())
    }

    /// It is there, or there was no room for it.
    fn has_met(&self, recipe: &Recipe) -> bool {
        self.kept.contains_key(&recipe.key) || self.left_out.contains(&recipe.key)
    }

    /// What was used longest ago makes room.
    fn keep(&mut self, recipe: Recipe, value: Option<Value>, bytes: usize, room: usize) {
        if self.kept.contains_key(&recipe.key) {
            return;
        }
        while self.bytes + bytes > room {
            let oldest = self.kept.iter().min_by_key(|(_, (_, _, recipe))| recipe.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            self.bytes -= self.kept.remove(&oldest).map_or(0, |(_, bytes, _)| bytes);
        }
        self.bytes += bytes;
        self.kept.insert(recipe.key.clone(), (value, bytes, recipe));
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static MADE: AtomicUsize = AtomicUsize::new(0);

    /// As large as its event's code says, in thirds of the room.
    struct Thirds(u16);
    struct Other;

    impl Kept for Thirds {
        fn make(_: &Block, made: &Made, room: usize) -> Option<(Thirds, usize)> {
            MADE.fetch_add(1, Ordering::Relaxed);
            let event = made.events[0];
            Some((Thirds(event), room / 3 * usize::from(event / 10).max(1)))
        }
    }

    impl Kept for Other {
        fn make(_: &Block, _: &Made, room: usize) -> Option<(Other, usize)> {
            Some((Other, room / 3))
        }
    }

    fn made(event: u16) -> Made {
        Made { events: [event].into(), zone: "UTC".to_owned(), column: None }
    }

    #[test]
    fn what_is_kept_is_made_once_and_the_oldest_makes_room() {
        let block = Block::default();
        let get = |event: u16| {
            let before = MADE.load(Ordering::Relaxed);
            let got = block.kept::<Thirds>(made(event)).map(|got| got.0);
            (got, MADE.load(Ordering::Relaxed) - before)
        };
        assert_eq!(get(1), (Some(1), 1));
        assert_eq!(get(2), (Some(2), 1));
        assert_eq!(get(1), (Some(1), 0));
        // Of another kind, though made of the same.
        assert!(block.kept::<Other>(made(1)).is_some());
        assert_eq!(block.clone().beside.bytes(), ROOM_MIN / 3 * 3);
        // The second was used longest ago.
        assert_eq!(get(3), (Some(3), 1));
        assert_eq!(get(1), (Some(1), 0));
        assert_eq!(get(2), (Some(2), 1));
        // What is too large is not tried again.
        assert_eq!((get(40), get(40)), ((None, 1), (None, 0)));
        // The same beside another block, as far as it fits, what was asked for last first.
        let other = Block::default();
        let mut recipes = block.beside.recipes();
        recipes.sort_by_key(|recipe| std::cmp::Reverse(recipe.used));
        other.prepare(recipes.iter());
        assert_eq!(other.beside.recipes().len(), recipes.len());
        let large = Block::default();
        large.kept::<Thirds>(made(20));
        large.prepare(recipes.iter().rev());
        let before = MADE.load(Ordering::Relaxed);
        large.prepare(recipes.iter().rev());
        assert_eq!(MADE.load(Ordering::Relaxed), before, "what did not fit is not made again");
        assert_eq!(large.beside.bytes(), ROOM_MIN / 3 * 3);
        assert!(large.kept::<Thirds>(made(20)).is_some());
        assert_eq!(MADE.load(Ordering::Relaxed), before, "nothing made way for what was only prepared");
    }
}
