//! How often one may log in and ask.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use siyu_types::{Clock, Error, ErrorCode, Result};

/// Tries for one account from one network address: this many at once, then one
/// per [`LOG_IN_SECONDS`].
const LOG_IN_TRIES: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
const LOG_IN_SECONDS: u64 = 30;
/// Tries from one network address over all accounts.
const ADDRESS_TRIES: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
const ADDRESS_SECONDS: u64 = 5;
/// Uses of one personal link: this many at once, then one per [`LINK_SECONDS`].
const LINK_USES: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
const LINK_SECONDS: u64 = 2;
/// Seconds' worth of requests that may come at once.
const BURST_SECONDS: u32 = 10;
/// Beyond this many callers, those who have been quiet are forgotten.
const CALLERS_MAX: usize = 10_000;

type Limiter = RateLimiter<String, HashMapStateStore<String>, LimitClock, NoOpMiddleware<Nanos>>;

pub(crate) struct RateLimits {
    clock: LimitClock,
    log_in: Limiter,
    address: Limiter,
    requests: Limiter,
    links: Limiter,
}

/// Our clock in the words of the limiter.
#[derive(Clone)]
struct LimitClock(Arc<dyn Clock>);

impl governor::clock::Clock for LimitClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.now().max(0).unsigned_abs() * 1_000_000)
    }
}

impl RateLimits {
    pub(crate) fn new(clock: Arc<dyn Clock>, requests_per_second: u32) -> RateLimits {
        let clock = LimitClock(clock);
        let per_second = NonZeroU32::new(requests_per_second).unwrap_or(NonZeroU32::MIN);
        let limiter = |quota| RateLimiter::hashmap_with_clock(quota, clock.clone());
        RateLimits {
            log_in: limiter(every(LOG_IN_SECONDS).allow_burst(LOG_IN_TRIES)),
            address: limiter(every(ADDRESS_SECONDS).allow_burst(ADDRESS_TRIES)),
            requests: limiter(Quota::per_second(per_second).allow_burst(
                per_second.saturating_mul(NonZeroU32::new(BURST_SECONDS).unwrap_or(NonZeroU32::MIN)),
            )),
            links: limiter(every(LINK_SECONDS).allow_burst(LINK_USES)),
            clock,
        }
    }

    pub(crate) fn log_in(&self, address: &str, email: &str) -> Result<()> {
        self.check(&self.address, address.to_owned())?;
        self.check(&self.log_in, format!("{address} {email}"))
    }

    pub(crate) fn request(&self, caller: &str) -> Result<()> {
        self.check(&self.requests, caller.to_owned())
    }

    /// Somebody without an account who follows a link that was made for them.
    pub(crate) fn link(&self, visitor: &str) -> Result<()> {
        self.check(&self.links, visitor.to_owned())
    }

    fn check(&self, limiter: &Limiter, key: String) -> Result<()> {
        if limiter.len() > CALLERS_MAX {
            limiter.retain_recent();
        }
        limiter.check_key(&key).map_err(|until| {
            let seconds = until.wait_time_from(self.clock.now()).as_secs() + 1;
            Error::new(ErrorCode::RateLimited, "too many requests")
                .with("retry_after_seconds", seconds.to_string())
        })
    }
}

fn every(seconds: u64) -> Quota {
    // None only for a period of zero.
    Quota::with_period(Duration::from_secs(seconds)).unwrap_or(Quota::per_second(NonZeroU32::MIN))
}
