//! Runs independent work on several threads.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use siyu_types::Result;

/// Found out once: for that files are read.
static CORES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, |count| count.get()));
/// Work that has lasted so long may be long.
const LONG: Duration = Duration::from_micros(200);
/// It is if what is left will last so long: several times what it takes to begin a thread, and where nothing ran
/// for a second that is a good part of a millisecond.
const LEFT: Duration = Duration::from_millis(1);

/// When further threads begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begin {
    AtOnce,
    /// Of work that is mostly at hand: only when it turns out to be long, on what is left. The last is done
    /// first; of a scan's blocks these are the smallest.
    WhenLong,
}

/// Answers in the order of the items, on up to so many threads.
pub fn parallel<T: Sync, R: Send>(
    begin: Begin,
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let (mut rest, mut done) = (items, Vec::new());
    if begin == Begin::WhenLong {
        let start = Instant::now();
        done.reserve_exact(items.len());
        let mut before = Duration::ZERO;
        while let Some((last, others)) = rest.split_last() {
            done.push(work(last));
            rest = others;
            let now = start.elapsed();
            if now >= LONG && (now - before) * rest.len() as u32 >= LEFT {
                break;
            }
            before = now;
        }
    }
    let mut all = at_once(threads, rest, work);
    all.extend(done.into_iter().rev());
    all
}

/// On all cores, of work that may fail: the first error in the order of the items.
pub(crate) fn all_done<T: Sync, R: Send>(
    begin: Begin,
    items: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    parallel(begin, *CORES, items, work).into_iter().collect()
}

fn at_once<T: Sync, R: Send>(threads: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            done.push((index, work(item)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..50).collect();
        // Some last longer than it takes to begin a thread.
        let answer = |item: &u64| {
            (0..item % 7 * 10_000).fold(*item, |sum, more| std::hint::black_box(sum ^ more ^ more))
        };
        for begin in [Begin::AtOnce, Begin::WhenLong] {
            for threads in [1, 2, 70] {
                assert_eq!(parallel(begin, threads, &items, answer), items);
                assert!(parallel(begin, threads, &[], answer).is_empty());
            }
        }
    }
}
