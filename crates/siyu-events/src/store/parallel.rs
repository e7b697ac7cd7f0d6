//! Runs independent work on all cores.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use siyu_types::{Error, Result};

/// Found out once: for that files are read.
static THREADS: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, |count| count.get()));
/// Work that lasts longer than to begin a thread, several times over.
const LONG: Duration = Duration::from_micros(200);

/// Answers in the order of the items, or the first error. Of work that is mostly at hand: other threads are
/// begun only for what is left when it turns out to be long.
pub(crate) fn parallel_if_long<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let begin = Instant::now();
    let mut answers = Vec::with_capacity(items.len());
    while let Some(item) = items.get(answers.len()).filter(|_| begin.elapsed() < LONG) {
        answers.push(work(item)?);
    }
    answers.extend(parallel(&items[answers.len()..], work)?);
    Ok(answers)
}

/// Answers in the order of the items, or the first error.
pub(crate) fn parallel<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let threads = THREADS.min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let answers: Vec<Mutex<Option<Result<R>>>> = items.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    *answers[index].lock() = Some(work(item));
                }
            });
        }
    });
    answers
        .into_iter()
        .map(|answer| answer.into_inner().unwrap_or_else(|| Err(Error::internal("work was not done"))))
        .collect()
}
