//! The plants, counted again from the records by plain loops.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use siyu_types::analysis::DateRange;
use siyu_types::calendar::resolve;
use siyu_types::record::{Body, names};
use siyu_types::{Record, Value};

use super::writer::DAY;
use super::*;

/// 2026-11-22 20:15 in Shanghai.
const AS_OF: Millis = 1_795_349_700_000;

fn small() -> Shop {
    shop(&ShopOptions::small(AS_OF, TimeZone::get("Asia/Shanghai").expect("a zone")))
}

/// Name, properties and the login behind each event; strangers have none.
fn events<'a>(shop: &'a Shop) -> Vec<(&'a Record, &'a str, &'a siyu_types::Props, Option<String>)> {
    let login = |record: &Record| {
        record.ids.iter().find_map(|id| match &*id.namespace {
            "login" => Some(id.value.clone()),
            "device" => shop.truths.devices.get(&id.value).cloned(),
            _ => None,
        })
    };
    let parts = |record: &'a Record| match &record.body {
        Body::Event { name, props } => Some((record, &**name, props, login(record))),
        _ => None,
    };
    shop.records.iter().filter_map(parts).collect()
}

#[test]
fn the_same_seed_gives_the_same_shop() {
    let (one, two) = (small(), small());
    assert_eq!(one.records, two.records);
    assert!(one.records.is_sorted_by_key(|record| record.time));
    let keys: BTreeSet<u128> = one.records.iter().map(|record| record.key).collect();
    assert_eq!(keys.len(), one.records.len(), "keys are unique");
    assert!(one.records.iter().all(|record| record.time <= AS_OF));
    assert!(one.truths.events > 5_000, "{} events", one.truths.events);
}

#[test]
fn lapsed_bakers_are_exactly_the_planted_ones() {
    let shop = small();
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let range = |days| resolve(&DateRange::LastDays { days }, AS_OF, &zone).expect("a range");
    let (sixty, thirty) = (range(60), range(30));
    let mut bought: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for (record, name, props, login) in events(&shop) {
        let is_bread = props.get("category") == Some(&Value::Text(PLANTED_CATEGORY.into()));
        if name != names::ORDER_LINE || !is_bread {
            continue;
        }
        let counts = bought.entry(login.expect("buyers are members")).or_default();
        counts.0 += u32::from((sixty.from..sixty.to).contains(&record.time));
        counts.1 += u32::from((thirty.from..thirty.to).contains(&record.time));
    }
    let lapsed: BTreeSet<String> = bought
        .into_iter()
        .filter(|(_, (of60, of30))| *of60 >= 2 && *of30 == 0)
        .map(|(login, _)| login)
        .collect();
    assert_eq!(lapsed, shop.truths.bakers_lapsed);
    assert_eq!(lapsed.len(), 30);
}

#[test]
fn the_activity_funnel_reaches_its_counts() {
    let shop = small();
    let mut per_person: BTreeMap<String, Vec<(Millis, usize)>> = BTreeMap::new();
    let steps = ["activity_view", "activity_join", "activity_win"];
    for (record, name, _, login) in events(&shop) {
        if let (Some(step), Some(login)) = (steps.iter().position(|s| *s == name), login) {
            per_person.entry(login).or_default().push((record.time, step));
        }
    }
    let mut reached = [0; 3];
    for events in per_person.values() {
        let starts = events.iter().filter(|(_, step)| *step == 0).map(|(at, _)| *at);
        let best = starts.map(|start| deepest(events, start)).max().unwrap_or(0);
        reached[..best].iter_mut().for_each(|people| *people += 1);
    }
    assert_eq!(reached, shop.truths.activity_steps);
    assert!(reached[2] > 0 && reached[0] > reached[1] && reached[1] > reached[2], "{reached:?}");
}

/// Steps reached from a view at `start`, within 24 hours.
fn deepest(events: &[(Millis, usize)], start: Millis) -> usize {
    let mut next = 1;
    for (at, step) in events.iter().filter(|(at, _)| (start..=start + DAY).contains(at)) {
        next += usize::from(*step == next && *at >= start);
    }
    next
}

#[test]
fn the_wave_converts_as_planted() {
    let shop = small();
    let wave = &shop.truths.wave;
    let window = wave.sent_at..wave.sent_at + 7 * DAY;
    let buyers: BTreeSet<String> = events(&shop)
        .into_iter()
        .filter(|(record, name, ..)| *name == names::ORDER_PAID && window.contains(&record.time))
        .filter_map(|(.., login)| login)
        .collect();
    assert_eq!(buyers.intersection(&wave.treated).count() as u64, wave.treated_converted);
    assert_eq!(buyers.intersection(&wave.control).count() as u64, wave.control_converted);
    assert!(wave.treated.is_disjoint(&wave.control) && wave.treated_converted > wave.control_converted);
}

#[test]
fn purchases_agree_with_the_records() {
    let shop = small();
    let mut counted: BTreeMap<String, Purchases> = BTreeMap::new();
    let mut lines_minor = 0.0;
    for (record, name, props, login) in events(&shop) {
        let amount = props.get("amount_minor").and_then(Value::as_number).unwrap_or(0.0);
        if name == names::ORDER_LINE {
            lines_minor += amount;
        }
        if name == names::ORDER_PAID {
            let total = counted.entry(login.expect("buyers are members")).or_default();
            total.orders += 1;
            total.amount_minor += amount as i64;
            total.last_at = total.last_at.max(record.time);
        }
    }
    assert_eq!(counted, shop.truths.purchases);
    assert_eq!(counted.values().map(|p| p.amount_minor).sum::<i64>(), lines_minor as i64);
}
