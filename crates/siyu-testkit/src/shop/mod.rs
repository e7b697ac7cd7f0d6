//! A seeded shop: members, visits, orders and messages of a Chinese brand, with
//! truths planted in it. The same seed and instant give the same records
//! everywhere, so tests may state exact numbers.

mod members;
mod plants;
mod purchases;
#[cfg(test)]
mod tests;
mod visits;
mod words;
mod writer;

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use siyu_types::Record;
use siyu_types::clock::Millis;

use crate::random::SplitMix64;
pub use members::Member;
use writer::Writer;

/// How large a shop and when.
#[derive(Clone)]
pub struct ShopOptions {
    pub seed: u64,
    pub members: u32,
    /// History before `as_of`; at least 100, which the plants need.
    pub days: u32,
    /// "Now": nothing happens later.
    pub as_of: Millis,
    pub zone: TimeZone,
}

impl ShopOptions {
    /// Large enough for every plant, small enough for every test.
    pub fn small(as_of: Millis, zone: TimeZone) -> ShopOptions {
        ShopOptions { seed: 20_261_122, members: 600, days: 120, as_of, zone }
    }
}

/// What happened, and what is known to be true of it.
pub struct Shop {
    /// In the order of time.
    pub records: Vec<Record>,
    pub members: Vec<Member>,
    pub truths: Truths,
}

/// What a login bought over the entire history, refunds not subtracted.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Purchases {
    pub orders: u64,
    pub amount_minor: i64,
    pub last_at: Millis,
}

/// Exact answers, by construction.
#[derive(Clone, Default, Debug)]
pub struct Truths {
    /// People with a login, and devices that nobody ever logged in on.
    pub members: u64,
    pub strangers: u64,
    /// Bought 烘焙 at least twice within the last 60 local days and not within
    /// the last 30, today included in both.
    pub bakers_lapsed: BTreeSet<String>,
    /// People who reached each step of `activity_view` → `activity_join` →
    /// `activity_win` within 24 hours, over the last 30 days.
    pub activity_steps: [u64; 3],
    pub wave: Wave,
    /// Login of each device that somebody logged in on.
    pub devices: BTreeMap<String, String>,
    pub purchases: BTreeMap<String, Purchases>,
    /// Records whose body is an event.
    pub events: u64,
}

/// A past message with a control group: `order_paid` within seven days counts.
#[derive(Clone, Default, Debug)]
pub struct Wave {
    pub sent_at: Millis,
    pub treated: BTreeSet<String>,
    pub control: BTreeSet<String>,
    pub treated_converted: u64,
    pub control_converted: u64,
}

/// The `campaign_id` of the planted wave's events.
pub const WAVE_CAMPAIGN: &str = "spring_wave";
/// The category that only planted orders hold.
pub const PLANTED_CATEGORY: &str = "烘焙";

/// Makes the shop.
pub fn shop(options: &ShopOptions) -> Shop {
    let members = members::members(options);
    let mut writer = Writer::new(options);
    let mut random = SplitMix64::new(options.seed);
    let mut truths = Truths { members: members.len() as u64, ..Truths::default() };

    members::register(&members, &mut writer, &mut truths);
    let wave = plants::wave(&members, &mut writer, &mut random, &mut truths);
    purchases::ordinary(&members, &wave, options, &mut writer, &mut random);
    plants::bakers(&members, &mut writer, &mut random, &mut truths);
    plants::activity(&members, &mut writer, &mut random, &mut truths);
    visits::strangers(options, &mut writer, &mut random, &mut truths);

    truths.purchases = writer.purchases.clone();
    let records = writer.finish();
    truths.events =
        records.iter().filter(|r| matches!(r.body, siyu_types::record::Body::Event { .. })).count() as u64;
    Shop { records, members, truths }
}
