//! What the doors let in: how large a body may be and how long it may take, how
//! many requests and bytes may be under way at once, how much one key may send.
//! These bound memory; what a record may hold is in `protocols/limits.rs`.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use siyu_types::Clock;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::protocols::BODY_BYTES_MAX;

/// What is kept of a body that was too large, to recognise its sender by.
const HEAD_BYTES: usize = 16 * 1024;
/// A body that is too large is read on and dropped up to this many times the limit,
/// because a client that is cut off mid-sentence does not hear the answer.
const DRAINED_BODIES: usize = 2;
/// What is made ready for a body before any of it has come.
const ANNOUNCED_BYTES: usize = 16 * 1024;
/// Bytes that one permit stands for.
const UNIT_BYTES: usize = 1024;
/// Seconds' worth of a key's requests that may come at once.
const BURST_SECONDS: u32 = 10;
/// Beyond this many keys, those who have been quiet are forgotten.
const KEYS_MAX: usize = 10_000;

/// What becomes of records whose write key nobody knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnknownKey {
    /// The client is told that all is well, and a bounded share is kept aside.
    Keep,
    /// Refused with 403: phones keep the data and send it again after the repair.
    Refuse,
}

/// The settings of the doors.
#[derive(Clone, Debug)]
pub struct CollectOptions {
    pub body_bytes_max: usize,
    /// Of all bodies that are being received or waiting for the disk.
    pub bodies_bytes_max: usize,
    pub body_seconds_max: u64,
    pub requests_at_once_max: usize,
    pub key_requests_per_second: u32,
    pub unknown_key: UnknownKey,
    /// Whether browsers reach us over https, for addresses we hand out.
    pub https: bool,
}

impl Default for CollectOptions {
    fn default() -> CollectOptions {
        CollectOptions {
            body_bytes_max: BODY_BYTES_MAX,
            bodies_bytes_max: 256 << 20,
            body_seconds_max: 60,
            requests_at_once_max: 2_000,
            key_requests_per_second: 5_000,
            unknown_key: UnknownKey::Keep,
            https: false,
        }
    }
}

type Limiter = RateLimiter<i64, HashMapStateStore<i64>, LimitClock, NoOpMiddleware<Nanos>>;

/// Our clock in the words of the limiter.
#[derive(Clone)]
struct LimitClock(Arc<dyn Clock>);

impl governor::clock::Clock for LimitClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.now().max(0).unsigned_abs() * 1_000_000)
    }
}

pub(super) struct Admission {
    options: CollectOptions,
    requests: Arc<Semaphore>,
    units: Arc<Semaphore>,
    keys: Limiter,
}

/// A whole body. Its place is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    pub bytes: Bytes,
    _place: OwnedSemaphorePermit,
    _room: Option<OwnedSemaphorePermit>,
}

/// Why there is no whole body.
#[derive(Debug)]
pub(super) enum Untaken {
    /// Too many requests or bytes are under way; later there will be room.
    Busy,
    /// Its beginning is here.
    TooLarge(Bytes),
    /// It did not end in time.
    TooSlow,
    /// The client went away in its middle.
    Broken,
}

impl Admission {
    pub(super) fn new(options: CollectOptions, clock: Arc<dyn Clock>) -> Admission {
        let per_second = NonZeroU32::new(options.key_requests_per_second).unwrap_or(NonZeroU32::MIN);
        let burst = per_second.saturating_mul(NonZeroU32::new(BURST_SECONDS).unwrap_or(NonZeroU32::MIN));
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Admission {
            requests: Arc::new(Semaphore::new(options.requests_at_once_max)),
            units: Arc::new(Semaphore::new(options.bodies_bytes_max / UNIT_BYTES)),
            keys: RateLimiter::hashmap_with_clock(quota, LimitClock(clock)),
            options,
        }
    }

    pub(super) fn options(&self) -> &CollectOptions {
        &self.options
    }

    /// Whether this key may send one more request now.
    pub(super) fn key(&self, key: i64) -> bool {
        if self.keys.len() > KEYS_MAX {
            self.keys.retain_recent();
        }
        self.keys.check_key(&key).is_ok()
    }

    /// Reads a body to its end, within the limits.
    pub(super) async fn take(&self, headers: &HeaderMap, body: Body) -> Result<Taken, Untaken> {
        let place = Arc::clone(&self.requests).try_acquire_owned().map_err(|_| Untaken::Busy)?;
        let time = Duration::from_secs(self.options.body_seconds_max);
        match tokio::time::timeout(time, self.read(headers, body)).await {
            Ok(Ok((bytes, room))) => Ok(Taken { bytes, _place: place, _room: room }),
            Ok(Err(untaken)) => Err(untaken),
            Err(_) => Err(Untaken::TooSlow),
        }
    }

    async fn read(
        &self,
        headers: &HeaderMap,
        mut body: Body,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Untaken> {
        let max = self.options.body_bytes_max;
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let announced = announced.and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
        if announced > max.saturating_mul(DRAINED_BODIES) {
            return Err(Untaken::TooLarge(Bytes::new()));
        }
        let mut room: Option<OwnedSemaphorePermit> = None;
        // An announcement costs its client nothing, so it must not cost us memory.
        let mut bytes = BytesMut::with_capacity(announced.min(ANNOUNCED_BYTES));
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Untaken::Broken)?;
            let Some(data) = frame.data_ref() else { continue };
            length += data.len();
            if length > max {
                bytes.truncate(HEAD_BYTES);
                if length > max.saturating_mul(DRAINED_BODIES) {
                    break;
                }
                continue;
            }
            self.make_room(&mut room, length)?;
            bytes.extend_from_slice(data);
        }
        if length > max {
            bytes.truncate(HEAD_BYTES);
            return Err(Untaken::TooLarge(bytes.freeze()));
        }
        Ok((bytes.freeze(), room))
    }

    /// Grows the share of memory to so many bytes.
    fn make_room(&self, room: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Result<(), Untaken> {
        let held = room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = bytes.div_ceil(UNIT_BYTES).saturating_sub(held);
        if needed == 0 {
            return Ok(());
        }
        let count = u32::try_from(needed).map_err(|_| Untaken::Busy)?;
        let more = Arc::clone(&self.units).try_acquire_many_owned(count).map_err(|_| Untaken::Busy)?;
        match room {
            Some(room) => room.merge(more),
            None => *room = Some(more),
        }
        Ok(())
    }
}
