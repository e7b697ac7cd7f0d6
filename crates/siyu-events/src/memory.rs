//! When freed memory goes back to the system.

/// Of two sizes, because the allocator keeps them apart and looks through a part of its memory each time.
const SIZES: [usize; 2] = [1 << 20, 8 << 20];

/// Gives back what has been free for long enough. The allocator leaves that to whoever next needs a large piece:
/// after a round that put a million rows in their places it would be a question, and take it a tenth of a second.
/// So whoever nobody waits for needs one, ten times a second, and lets go of it untouched.
pub fn give_back() {
    for size in SIZES {
        drop(std::hint::black_box(Vec::<u8>::with_capacity(size)));
    }
}
