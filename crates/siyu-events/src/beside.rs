//! What questions keep beside a block: made from its rows alone, so it holds for as long as the block
//! does, and goes with it.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::block::Block;

/// Bytes that every block may have beside it, however few its rows.
const ROOM_MIN: usize = 1 << 16;
/// And for each of its rows: about as much as two columns.
const ROOM_PER_ROW: usize = 8;

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

/// Shared by all clones of a block, since these have the same rows.
#[derive(Clone, Default)]
pub struct Beside {
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    kept: FxHashMap<Key, Entry>,
    bytes: usize,
    tick: u64,
}

struct Entry {
    /// `None` of what cannot be made of this block.
    value: Option<Value>,
    bytes: usize,
    used: u64,
    recipe: Recipe,
}

fn make<T: Kept>(block: &Block, made: &Made, room: usize) -> Option<(Value, usize)> {
    let (value, bytes) = T::make(block, made, room)?;
    Some((Arc::new(value), bytes))
}

impl Block {
    /// What was made before, or is made now; `None` as of [`Kept::make`].
    pub fn kept<T: Kept>(&self, made: Made) -> Option<Arc<T>> {
        let recipe = Recipe { key: (TypeId::of::<T>(), made), make: make::<T> };
        self.follow(&recipe)?.downcast().ok()
    }

    /// Makes what is not there yet, for whoever asks next.
    pub(crate) fn follow(&self, recipe: &Recipe) -> Option<Value> {
        if let Some(known) = self.beside.held.lock().known(&recipe.key) {
            return known;
        }
        // Outside the lock: two questions may make the same, which wastes time but is right.
        let room = ROOM_MIN.max(self.rows() * ROOM_PER_ROW);
        let made = (recipe.make)(self, &recipe.key.1, room).filter(|(_, bytes)| *bytes <= room);
        let (value, bytes) = made.map_or((None, 0), |(value, bytes)| (Some(value), bytes));
        self.beside.held.lock().keep(recipe, value.clone(), bytes, room);
        value
    }
}

impl Beside {
    /// Of everything that is kept.
    pub fn bytes(&self) -> usize {
        self.held.lock().bytes
    }

    /// How what is kept was made.
    pub(crate) fn recipes(&self) -> Vec<Recipe> {
        self.held.lock().kept.values().map(|entry| entry.recipe.clone()).collect()
    }
}

impl Held {
    fn known(&mut self, key: &Key) -> Option<Option<Value>> {
        self.tick += 1;
        let entry = self.kept.get_mut(key)?;
        entry.used = self.tick;
        Some(entry.value.clone())
    }

    /// What was used longest ago makes room.
    fn keep(&mut self, recipe: &Recipe, value: Option<Value>, bytes: usize, room: usize) {
        if self.kept.contains_key(&recipe.key) {
            return;
        }
        while self.bytes + bytes > room {
            let Some((oldest, _)) = self.kept.iter().min_by_key(|(_, entry)| entry.used) else { break };
            let oldest = oldest.clone();
            self.bytes -= self.kept.remove(&oldest).map_or(0, |entry| entry.bytes);
        }
        self.bytes += bytes;
        let entry = Entry { value, bytes, used: self.tick, recipe: recipe.clone() };
        self.kept.insert(recipe.key.clone(), entry);
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
        let other = Block::default();
        block.beside.recipes().iter().for_each(|recipe| drop(other.follow(recipe)));
        assert_eq!(other.beside.recipes().len(), block.beside.recipes().len());
    }
}
