//! Time is an argument. Everything that needs "now" takes a `Clock`.

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// Where "now" comes from: the system in production, the test kit in tests.
pub trait Clock: Send + Sync + 'static {
    /// The current instant in milliseconds UTC.
    fn now(&self) -> Millis;
}

/// The machine's own clock. Constructed once, in the `siyu` crate.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that may read the machine's clock")]
    fn now(&self) -> Millis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A clock set before 1970 reads as 1970; nothing better can be said.
        since.map_or(0, |duration| duration.as_millis() as i64)
    }
}
