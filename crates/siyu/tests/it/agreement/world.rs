//! Three weeks of a shop that have everything numbers disagree over: visitors who are recognised
//! later, events that share an instant, come late, come twice, lie in the future or cross midnight,
//! refunds, somebody erased, and two people of whom nobody knows yet that they are one.

use serde_json::{Value, json};
use siyu_testkit::random::SplitMix64;

use crate::shop::Shop;

const PEOPLE: u64 = 360;
const CHANNELS: [Option<&str>; 5] = [Some("wx"), Some("wx"), Some("ad"), Some(""), None];
const CITIES: [Option<&str>; 4] = [Some("上海"), Some("北京"), Some("杭州"), None];
const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// Breaks as long as those that end a session in the questions.
const GAP: u64 = 30 * MINUTE;

/// Everything in the order it is sent: what comes late stands in the second part.
#[derive(Default)]
struct Records {
    first: Vec<Value>,
    late: Vec<Value>,
    sent: u64,
}

/// Who a record is of.
#[derive(Clone)]
enum Who {
    Login(String),
    Device(String),
}

impl Records {
    /// An event so many milliseconds after the beginning of November in Shanghai.
    fn event(&mut self, who: &Who, event: &str, millis: u64, properties: Value, late: bool) {
        let (namespace, id) = match who {
            Who::Login(id) => ("login", id),
            Who::Device(id) => ("device", id),
        };
        self.sent += 1;
        let record = json!({ "type": "track", "id": format!("e{}", self.sent), "event": event,
            namespace: id, "time": at(millis), "properties": properties });
        if late { self.late.push(record) } else { self.first.push(record) }
    }

    fn visit(&mut self, who: &Who, millis: u64, channel: Option<&str>, late: bool) {
        let properties = channel.map_or(json!({}), |channel| json!({ "channel": channel }));
        self.event(who, "visit", millis, properties, late);
    }

    fn order(&mut self, who: &Who, millis: u64, minor: u64, late: bool) -> String {
        let id = format!("o{}", self.sent);
        self.event(who, "order_paid", millis, json!({ "order_id": id, "amount_minor": minor }), late);
        id
    }

    fn refund(&mut self, who: &Who, millis: u64, order: &str, minor: u64) {
        let properties = json!({ "order_id": order, "amount_minor": minor, "refund_id": "r" });
        self.event(who, "order_refunded", millis, properties, false);
    }
}

fn at(millis: u64) -> String {
    let (day, rest) = (millis / DAY, millis % DAY);
    let (hour, rest) = (rest / (60 * MINUTE), rest % (60 * MINUTE));
    let (minute, rest) = (rest / MINUTE, rest % MINUTE);
    let (second, milli) = (rest / 1_000, rest % 1_000);
    format!("2026-11-{:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}+08:00", day + 1)
}

/// One session of somebody: visits, and perhaps more, up to an order.
fn session(records: &mut Records, random: &mut SplitMix64, who: &Who, day: u64) {
    // A fifth begins shortly before midnight and goes on after it.
    let crossing = random.chance(0.2);
    let minute = if crossing { random.between(1_430, 1_439) } else { random.between(480, 1_380) };
    let mut now = day * DAY + minute.unsigned_abs() * MINUTE + random.below(MINUTE);
    let late = random.chance(0.1);
    for _ in 0..1 + random.below(3) {
        records.visit(who, now, random.pick(&CHANNELS), late);
        now += if random.chance(0.1) { GAP } else { MINUTE + random.below(10 * MINUTE) };
    }
    if random.chance(0.4) {
        records.event(who, "share", now, json!({}), late);
        now += 1 + random.below(MINUTE);
    }
    if !random.chance(0.5) {
        return;
    }
    // Looked at and put into the cart at one instant; the order may come at the same one, told first.
    let tied = random.chance(0.3);
    let bought = random.chance(0.6);
    let minor = 1_000 + random.below(120) * 100;
    let mut order = None;
    if bought && tied {
        order = Some(records.order(who, now, minor, late));
    }
    records.event(who, "cart", now, json!({}), late);
    records.event(who, "view", now, json!({ "price_minor": minor }), late);
    if bought && !tied {
        now += MINUTE + random.below(50 * MINUTE);
        order = Some(records.order(who, now, minor, random.chance(0.1)));
    }
    if let Some(order) = order
        && random.chance(0.25)
    {
        let back = if random.chance(0.5) { minor } else { minor / 4 };
        records.refund(who, now + 2 * MINUTE, &order, back);
    }
}

fn person(records: &mut Records, random: &mut SplitMix64, number: u64) {
    let (login, device) = (format!("u{number}"), format!("device-{number:05}"));
    let known = Who::Login(login.clone());
    // A third is anonymous until the second week.
    let anonymous = number.is_multiple_of(3);
    let mut properties = json!({ "name": format!("客户{number}") });
    if let Some(city) = random.pick(&CITIES) {
        properties["city"] = json!(city);
    }
    let since = if anonymous { 8 } else { 0 };
    records.first.push(json!({ "type": "identify", "id": format!("i{number}"), "login": login,
        "device": device, "time": at(since * DAY), "properties": properties }));
    for _ in 0..2 + random.below(7) {
        let day = random.below(19);
        let who = if anonymous && day < since { Who::Device(device.clone()) } else { known.clone() };
        session(records, random, &who, day);
    }
    if number.is_multiple_of(40) {
        // Tonight has not come yet.
        records.visit(&known, 20 * DAY + 22 * 60 * MINUTE, Some("wx"), false);
    }
}

/// The customer and the guest who will be found to be one, such that every answer changes.
fn two_who_are_one(records: &mut Records) {
    let (customer, guest) = (Who::Login("customer".to_owned()), Who::Device("guest-device-1".to_owned()));
    records.first.push(json!({ "type": "identify", "id": "c1", "login": "customer", "time": at(0),
        "properties": { "city": "上海" } }));
    records.first.push(json!({ "type": "identify", "id": "c2", "device": "guest-device-1", "time": at(1),
        "properties": { "city": "上海" } }));
    let clock = |day: u64, hour: u64, minute: u64| (day - 1) * DAY + (60 * hour + minute) * MINUTE;
    let wx = Some("wx");
    for (who, day, hour, minute) in [
        (&customer, 5, 9, 0),
        (&customer, 5, 9, 5),
        (&guest, 5, 9, 10),
        (&guest, 5, 9, 15),
        (&customer, 9, 10, 0),
        (&guest, 9, 10, 20),
        (&customer, 10, 10, 15),
        (&guest, 10, 10, 25),
    ] {
        records.visit(who, clock(day, hour, minute), wx, false);
    }
    records.event(&customer, "share", clock(5, 9, 20), json!({}), false);
    records.event(&guest, "share", clock(5, 9, 30), json!({}), false);
    for (who, minute) in [(&customer, 30), (&guest, 31)] {
        records.event(who, "cart", clock(10, 10, minute), json!({}), false);
        records.order(who, clock(6, 11, minute), 6_000, false);
        records.order(who, clock(10, 10, minute + 9), 3_000, false);
        records.order(who, clock(13, 11, minute), 1_000, false);
    }
}

/// The shop with all of it, sent as clients send it.
pub(super) async fn shop() -> Shop {
    let shop = Shop::start().await;
    let mut records = Records::default();
    let mut random = SplitMix64::new(20_261_121);
    for number in 0..PEOPLE {
        person(&mut records, &mut random, number);
    }
    two_who_are_one(&mut records);
    let Records { mut first, mut late, .. } = records;
    let all = first.len() + late.len();
    // Arrival is not the order of time, and a third is sent again by clients that saw no answer.
    random.shuffle(&mut first);
    random.shuffle(&mut late);
    late.extend(first.iter().step_by(3).cloned());
    let accepted = first.len() + late.len();
    let answers = [shop.collect(json!(first)).await, shop.collect(json!(late)).await];
    let told: u64 = answers.iter().filter_map(|answer| answer["accepted"].as_u64()).sum();
    assert_eq!(told, accepted as u64, "nothing is refused");
    assert!(all > 3_000, "a world worth asking about");
    let gone = shop.find("u7").await;
    let erase = json!({ "reason": "本人要求" });
    shop.owner.post(&shop.app, &format!("/api/v1/people/{gone}/erasure"), erase).await.ok();
    shop.app.run_jobs().await;
    shop.app.drain().await;
    shop
}

/// Says by hand that the guest is the customer.
pub(super) async fn merge(shop: &Shop) {
    let (customer, guest) = (shop.find("customer").await, shop.find("guest-device-1").await);
    let body = json!({ "with": guest, "reason": "同一位顾客" });
    shop.owner.post(&shop.app, &format!("/api/v1/people/{customer}/merge"), body).await.ok();
    shop.app.drain().await;
}
