//! Attribution by going from touch to touch of every conversion, in fractions, for tests.

use std::collections::{BTreeMap, BTreeSet};

use siyu_types::Value;
use siyu_types::analysis::{AttributionKey, AttributionModel, AttributionQuery, GROUPS_MAX};
use siyu_types::calendar::{InstantRange, day_start};

use crate::testing::{Event, World, orders, plain};
use crate::values::keys;

/// A touch on the way, by name.
#[derive(Clone, Debug)]
pub(super) struct Touch {
    pub(super) key: AttributionKey,
    direct: bool,
    time: i64,
    link: Option<Vec<String>>,
    pub(super) counted: bool,
    in_range: bool,
    used: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Journey {
    pub(super) time: i64,
    pub(super) value: f64,
    pub(super) path: Vec<Touch>,
}

#[derive(Default, Debug)]
pub(super) struct Person {
    pub(super) touches: Vec<Touch>,
    pub(super) conversions: Vec<Journey>,
    pub(super) unconverted: Vec<Vec<Touch>>,
}

pub(super) fn instants(query: &AttributionQuery, world: &World) -> InstantRange {
    let people = plain::chosen(world, query.segment);
    let targets = crate::gains::events(&query.target);
    let days = targets.iter().map(|event| plain::days(world, &query.range, &people, event));
    let (from, to) = days.reduce(|a, b| (a.0.min(b.0), a.1)).expect("a target");
    let end = day_start(to.tomorrow().expect("in the calendar"), &world.zone);
    InstantRange { from: day_start(from, &world.zone), to: end }
}

/// A single value; a list is none.
fn single<'e>(event: &'e Event, property: &str) -> Option<&'e Value> {
    event.props.get(property).filter(|value| !matches!(value, Value::List(_)))
}

fn touch_of(query: &AttributionQuery, world: &World, event: &Event) -> Option<(AttributionKey, bool)> {
    let mut kinds = query.touches.iter().enumerate();
    let (touch, kind) = kinds.find(|(_, kind)| plain::matches(world, event, &kind.event))?;
    let key = match &kind.property {
        None => AttributionKey::Touch { touch },
        Some(property) => match single(event, property) {
            None => AttributionKey::Missing,
            Some(value) => AttributionKey::Value { value: keys(value).remove(0) },
        },
    };
    let direct = match &key {
        AttributionKey::Missing => query.direct.missing,
        AttributionKey::Value { value } => query.direct.values.contains(value),
        _ => false,
    };
    Some((key, direct || kind.direct))
}

/// All people's touches and journeys, the rest of the values as one.
pub(super) fn people(query: &AttributionQuery, world: &World) -> BTreeMap<u32, Person> {
    let range = instants(query, world);
    let window = i64::from(query.window_seconds) * 1_000;
    let mut sizes: BTreeMap<AttributionKey, usize> = BTreeMap::new();
    let mut all = BTreeMap::new();
    for person in plain::chosen(world, query.segment) {
        let mut touches = Vec::new();
        for event in world.events_of(person).into_iter().filter(|event| event.time <= world.as_of) {
            let Some((key, direct)) = touch_of(query, world, event) else { continue };
            if range.from - window <= event.time && event.time < range.to {
                *sizes.entry(key.clone()).or_default() += 1;
            }
            let link = query.link.as_ref().map(|link| single(event, link).map(keys));
            let Some(link) = link.map_or(Some(None), |link| link.map(Some)) else { continue };
            let in_range = range.from <= event.time && event.time < range.to;
            let time = event.time;
            touches.push(Touch { key, direct, time, link, counted: in_range, in_range, used: false });
        }
        all.insert(person, touches);
    }
    let mut values: Vec<_> =
        sizes.into_iter().filter(|(key, _)| matches!(key, AttributionKey::Value { .. })).collect();
    values.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let shown: BTreeSet<_> = values.into_iter().take(GROUPS_MAX).map(|(key, _)| key).collect();
    let mut people = BTreeMap::new();
    for (person, mut touches) in all {
        for touch in &mut touches {
            if matches!(touch.key, AttributionKey::Value { .. }) && !shown.contains(&touch.key) {
                touch.key = AttributionKey::Other;
            }
        }
        people.insert(person, journeys(query, world, person, touches));
    }
    people
}

fn journeys(query: &AttributionQuery, world: &World, person: u32, mut touches: Vec<Touch>) -> Person {
    let range = instants(query, world);
    let window = i64::from(query.window_seconds) * 1_000;
    let mut conversions = Vec::new();
    for (time, event, value, counts) in orders::gained(world, &query.target, person) {
        let link = match (&query.link, event) {
            (Some(link), Some(event)) => single(event, link).map(|value| Some(keys(value))),
            _ => Some(None),
        };
        let Some(link) = link.filter(|_| counts) else { continue };
        let in_range = range.from <= time && time < range.to;
        let mut path = Vec::new();
        for touch in &mut touches {
            let before = time - window <= touch.time && touch.time < time;
            if before && touch.link == link && !(query.consume && touch.used) {
                touch.used = true;
                touch.counted |= in_range;
                path.push(touch.clone());
            }
        }
        if in_range {
            conversions.push(Journey { time, value, path: trimmed(query, path) });
        }
    }
    let mut unconverted: Vec<Vec<Touch>> = Vec::new();
    for touch in touches.iter().filter(|touch| touch.in_range && !touch.used) {
        let last = unconverted.iter_mut().rev().find(|path| path[0].link == touch.link);
        match last {
            Some(path) if touch.time - path[path.len() - 1].time <= window => path.push(touch.clone()),
            _ => unconverted.push(vec![touch.clone()]),
        }
    }
    let unconverted = unconverted.into_iter().map(|path| trimmed(query, path)).collect();
    Person { touches, conversions, unconverted }
}

fn trimmed(query: &AttributionQuery, mut path: Vec<Touch>) -> Vec<Touch> {
    if query.direct.skipped && path.iter().any(|touch| !touch.direct) {
        path.retain(|touch| !touch.direct);
    }
    if query.collapse {
        let repeats = |at: usize| path.get(at + 1).is_some_and(|next| next.key == path[at].key);
        let kept: Vec<_> = (0..path.len()).filter(|at| !repeats(*at)).map(|at| path[at].clone()).collect();
        return kept;
    }
    path
}

/// The part of one conversion that each touch of its path has.
pub(super) fn parts(model: AttributionModel, journey: &Journey) -> Vec<f64> {
    let path = &journey.path;
    let count = path.len();
    let one = |at: usize| (0..count).map(|own| f64::from(u8::from(own == at))).collect();
    match model {
        _ if count == 0 => Vec::new(),
        AttributionModel::First => one(0),
        AttributionModel::Last => one(count - 1),
        AttributionModel::LastNonDirect => {
            one((0..count).rev().find(|at| !path[*at].direct).unwrap_or(count - 1))
        }
        AttributionModel::Linear | AttributionModel::Markov | AttributionModel::Shapley => {
            vec![1.0 / count as f64; count]
        }
        AttributionModel::Position { first, last } => {
            let (first, last) = (f64::from(first) / 100.0, f64::from(last) / 100.0);
            match count {
                1 => vec![1.0],
                2 if first + last == 0.0 => vec![0.5, 0.5],
                2 => vec![first / (first + last), last / (first + last)],
                _ => {
                    let between = (1.0 - first - last) / (count - 2) as f64;
                    let mut parts = vec![between; count];
                    (parts[0], parts[count - 1]) = (first, last);
                    parts
                }
            }
        }
        AttributionModel::TimeDecay { half_life_seconds } => {
            let half =
                |touch: &Touch| (journey.time - touch.time) as f64 / (f64::from(half_life_seconds) * 1e3);
            // Measured from the newest, as the oldest would vanish.
            let newest = path.iter().map(half).fold(f64::INFINITY, f64::min);
            let weights: Vec<f64> = path.iter().map(|touch| 0.5f64.powf(half(touch) - newest)).collect();
            weights.iter().map(|weight| weight / weights.iter().sum::<f64>()).collect()
        }
    }
}

type Credits = BTreeMap<AttributionKey, (f64, f64)>;

/// Conversions and value per touch, and the removal effects if there are any.
pub(super) fn credits(
    model: AttributionModel,
    people: &BTreeMap<u32, Person>,
) -> (Credits, BTreeMap<AttributionKey, f64>) {
    let conversions: Vec<&Journey> = people.values().flat_map(|person| &person.conversions).collect();
    let mut credits = Credits::new();
    for journey in conversions.iter().filter(|journey| journey.path.is_empty()) {
        let none = credits.entry(AttributionKey::None).or_default();
        *none = (none.0 + 1.0, none.1 + journey.value);
    }
    let touched: Vec<&Journey> = conversions.into_iter().filter(|journey| !journey.path.is_empty()).collect();
    match model {
        AttributionModel::Shapley => shapley(&touched, &mut credits),
        AttributionModel::Markov => {
            let lost = people.values().flat_map(|person| &person.unconverted);
            let journeys: Vec<(Vec<&AttributionKey>, bool)> = touched
                .iter()
                .map(|journey| (journey.path.iter().map(|touch| &touch.key).collect(), true))
                .chain(lost.map(|path| (path.iter().map(|touch| &touch.key).collect(), false)))
                .collect();
            let effects = effects(&journeys);
            let sum: f64 = effects.values().sum();
            let value: f64 = touched.iter().map(|journey| journey.value).sum();
            for (key, effect) in effects.iter().filter(|_| sum > 0.0) {
                credits.insert(key.clone(), (touched.len() as f64 * effect / sum, value * effect / sum));
            }
            return (credits, effects);
        }
        _ => {
            for journey in touched {
                for (touch, part) in journey.path.iter().zip(parts(model, journey)) {
                    let own = credits.entry(touch.key.clone()).or_default();
                    *own = (own.0 + part, own.1 + part * journey.value);
                }
            }
        }
    }
    (credits, BTreeMap::new())
}

/// By the definition: the mean, over all sets without a touch, of what it adds to them.
fn shapley(journeys: &[&Journey], credits: &mut Credits) {
    let keys: BTreeSet<&AttributionKey> =
        journeys.iter().flat_map(|journey| &journey.path).map(|touch| &touch.key).collect();
    let keys: Vec<&AttributionKey> = keys.into_iter().collect();
    let place = |key: &AttributionKey| keys.iter().position(|own| *own == key).expect("one of them");
    let sets: Vec<(u32, f64)> = (journeys.iter())
        .map(|journey| (journey.path.iter().fold(0, |set, t| set | 1 << place(&t.key)), journey.value))
        .collect();
    let within = |all: u32| {
        let inside = sets.iter().filter(|(set, _)| set & !all == 0);
        inside.fold((0.0, 0.0), |sum, (_, value)| (sum.0 + 1.0, sum.1 + value))
    };
    let factorial = |number: u32| (1..=number).map(f64::from).product::<f64>();
    let count = keys.len() as u32;
    for (at, key) in keys.iter().enumerate() {
        let own = credits.entry((*key).clone()).or_default();
        for set in (0..1u32 << count).filter(|set| set >> at & 1 == 0) {
            let size = set.count_ones();
            let weight = factorial(size) * factorial(count - size - 1) / factorial(count);
            let (with, without) = (within(set | 1 << at), within(set));
            *own = (own.0 + weight * (with.0 - without.0), own.1 + weight * (with.1 - without.1));
        }
    }
}

/// Removal effects by following the chain until nothing changes any more.
fn effects(journeys: &[(Vec<&AttributionKey>, bool)]) -> BTreeMap<AttributionKey, f64> {
    let keys: BTreeSet<&AttributionKey> =
        journeys.iter().flat_map(|(path, _)| path.iter().copied()).collect();
    // Where each state goes: to a touch, or to an end.
    let mut next: BTreeMap<Option<&AttributionKey>, Vec<Result<&AttributionKey, bool>>> = BTreeMap::new();
    for (path, converted) in journeys {
        let mut from = None;
        for key in path {
            next.entry(from).or_default().push(Ok(key));
            from = Some(*key);
        }
        next.entry(from).or_default().push(Err(*converted));
    }
    let converts = |removed: Option<&AttributionKey>| {
        let mut chance: BTreeMap<Option<&AttributionKey>, f64> = BTreeMap::new();
        for _ in 0..2_000 {
            let before = chance.clone();
            for (from, goes) in &next {
                let of = |to: &Result<&AttributionKey, bool>| match to {
                    Err(converted) => f64::from(u8::from(*converted)),
                    Ok(key) if removed == Some(*key) => 0.0,
                    Ok(key) => before.get(&Some(*key)).copied().unwrap_or(0.0),
                };
                chance.insert(*from, goes.iter().map(of).sum::<f64>() / goes.len() as f64);
            }
            let change =
                chance.iter().map(|(key, now)| (now - before.get(key).copied().unwrap_or(0.0)).abs());
            if change.fold(0.0, f64::max) < 1e-13 {
                break;
            }
        }
        chance.get(&None).copied().unwrap_or(0.0)
    };
    let all = converts(None);
    let effect = |key: &AttributionKey| if all > 0.0 { 1.0 - converts(Some(key)) / all } else { 0.0 };
    keys.into_iter().map(|key| (key.clone(), effect(key))).collect()
}
