//! Collects the shop's records and keeps the ledger of what was bought.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use siyu_types::calendar::{day_start, local_date};
use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, Identifier, ProfileChange, key_of, names};
use siyu_types::{Props, Record, Value};

use super::members::Member;
use super::{Purchases, ShopOptions};

pub const MINUTE: Millis = 60_000;
pub const HOUR: Millis = 60 * MINUTE;
pub const DAY: Millis = 24 * HOUR;

pub struct Writer {
    seed: u64,
    pub as_of: Millis,
    zone: TimeZone,
    today: Date,
    records: Vec<Record>,
    orders: u64,
    pub purchases: BTreeMap<String, Purchases>,
}

/// One line of an order.
pub struct Line {
    pub category: &'static str,
    pub item: &'static str,
    pub quantity: i64,
    pub amount_minor: i64,
}

pub fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

pub fn number(value: i64) -> Value {
    Value::Number(value as f64)
}

pub fn props<const N: usize>(pairs: [(&str, Value); N]) -> Props {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Writer {
    pub fn new(options: &ShopOptions) -> Writer {
        Writer {
            seed: options.seed,
            as_of: options.as_of,
            zone: options.zone.clone(),
            today: local_date(options.as_of, &options.zone),
            records: Vec::new(),
            orders: 0,
            purchases: BTreeMap::new(),
        }
    }

    /// An instant on the local day so many days before today.
    pub fn at(&self, days_back: i64, since_midnight: Millis) -> Millis {
        day_start(self.today.saturating_sub(days_back.days()), &self.zone) + since_midnight
    }

    pub fn event(&mut self, ids: Vec<Identifier>, time: Millis, name: &str, props: Props) {
        self.push(ids, Evidence::Weak, time, Body::Event { name: name.to_owned(), props });
    }

    pub fn profile(&mut self, ids: Vec<Identifier>, time: Millis, props: Props) {
        self.push(ids, Evidence::Strong, time, Body::Profile { change: ProfileChange::Set(props) });
    }

    /// A log-in on a device.
    pub fn link(&mut self, ids: Vec<Identifier>, time: Millis) {
        self.push(ids, Evidence::Strong, time, Body::Link);
    }

    fn push(&mut self, ids: Vec<Identifier>, evidence: Evidence, time: Millis, body: Body) {
        assert!(time <= self.as_of, "the shop knows no future");
        let number = self.records.len() as u64;
        let key = key_of(&[b"shop", &self.seed.to_le_bytes(), &number.to_le_bytes()]);
        let received_at = time + 800;
        self.records.push(Record { key, time, received_at, ids, evidence, body, source: "shop".to_owned() });
    }

    /// Views, basket, lines and payment of one order, ending at `time`; answers its number.
    pub fn order(&mut self, member: &Member, time: Millis, lines: &[Line]) -> String {
        self.orders += 1;
        let order_id = format!("o_{:08}", self.orders);
        let ids = || vec![member.login_id(), member.device_id()];
        // Two orders of a member in one minute are still two visits.
        let visit = time - (self.orders % 60) as Millis * 1_000;
        self.event(ids(), visit - 12 * MINUTE, names::PAGE_VIEW, props([("path", text("/"))]));
        for (index, line) in lines.iter().enumerate() {
            let shift = index as Millis * MINUTE;
            let goods = props([("category", text(line.category)), ("item_id", text(line.item))]);
            self.event(ids(), visit - 11 * MINUTE + shift, "product_view", goods.clone());
            self.event(ids(), visit - 6 * MINUTE + shift, "cart_add", goods.clone());
            let mut sold = goods;
            sold.extend(props([
                ("order_id", text(&*order_id)),
                ("line", number(index as i64 + 1)),
                ("quantity", number(line.quantity)),
                ("amount_minor", number(line.amount_minor)),
            ]));
            self.event(ids(), time, names::ORDER_LINE, sold);
        }
        let amount_minor: i64 = lines.iter().map(|line| line.amount_minor).sum();
        let paid = props([("order_id", text(&*order_id)), ("amount_minor", number(amount_minor))]);
        self.event(ids(), time, names::ORDER_PAID, paid);
        let total = self.purchases.entry(member.login.clone()).or_default();
        total.orders += 1;
        total.amount_minor += amount_minor;
        total.last_at = total.last_at.max(time);
        order_id
    }

    /// The records in the order of time; equal times keep the order of writing.
    pub fn finish(mut self) -> Vec<Record> {
        self.records.sort_by_key(|record| record.time);
        self.records
    }
}
