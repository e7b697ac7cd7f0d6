//! The questions, in the order in which they are asked. A new one is an entry here, and one of the
//! same name in `xtask/peers/chdb_questions.py` and `xtask/peers/duckdb_questions.py`.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use siyu_analytics::{analyses, conditions, names};
use siyu_events::TimelinePage;
use siyu_types::analysis::{AnalysisCell, AnalysisQuery, AnalysisResult, DateRange};
use siyu_types::calendar;
use siyu_types::condition::Condition;
use siyu_types::{Error, Result};

use crate::World;
use crate::answers as read;
use crate::data::{self, AS_OF, DAYS, FROM, MERGED_EVERY, ZONE};
use crate::people::{LEVEL, MEMBERS};

/// The commonest events, the most frequent first.
const EVENTS: [&str; 8] = ["e00", "e01", "e02", "order_paid", "e04", "e05", "e06", "e07"];
const PAID: &str = EVENTS[3];
const WEEK: u32 = 7 * 86_400;
const DAY: u32 = 86_400;
const SESSION_GAP: u32 = 1_800;
/// Tags of question `segment_tags`.
const CHOSEN_TAGS: [i64; 4] = [30, 20, 10, 35];
const TIMELINE_ROWS: usize = 50;
/// The tiles of the dashboard, by their names as questions.
const TILES: [&str; 8] = [
    "trend",
    "trend_people",
    "trend_breakdown",
    "active_per_day",
    "funnel",
    "retention",
    "sessions",
    "segment",
];

type Ask = Arc<dyn Fn(&World) -> Result<Vec<Value>> + Send + Sync>;

pub(crate) struct Question {
    pub(crate) name: &'static str,
    pub(crate) ask: Ask,
}

pub(crate) fn all(users: u32) -> Result<Vec<Question>> {
    let mut all = counts()?;
    all.extend(funnels()?);
    all.extend(funnels_with_options()?);
    all.extend(returns()?);
    all.extend(ways()?);
    all.extend(people(users)?);
    all.push(dashboard(&all)?);
    Ok(all)
}

/// What the peers need to know.
pub(crate) fn told(events: u64) -> Result<Value> {
    let users = data::users(events);
    let month = calendar::resolve(&DateRange::LastDays { days: 30 }, AS_OF, &calendar::zone(ZONE)?)?;
    Ok(json!({
        "events": EVENTS, "from": FROM, "days": DAYS, "month_from": month.from, "to": month.to,
        "users": users, "merged_every": MERGED_EVERY, "tiles": TILES,
        "chosen_tags": CHOSEN_TAGS, "person": somebody(users), "timeline_rows": TIMELINE_ROWS,
    }))
}

/// Somebody with two numbers and a middling number of events.
fn somebody(users: u32) -> u32 {
    users / 4 / MERGED_EVERY * MERGED_EVERY
}

fn parsed<T: DeserializeOwned>(question: Value) -> Result<T> {
    serde_json::from_value(question).map_err(Error::internal)
}

/// A question that is one analysis.
fn analysis(name: &'static str, query: Value, read: fn(&AnalysisResult) -> Vec<Value>) -> Result<Question> {
    let query: AnalysisQuery = parsed(query)?;
    let (columns, events) = (names::columns_needed(&query), names::events_needed(&query));
    let ask = move |world: &World| {
        world.ask(&columns, &events, |context| Ok(read(&analyses::answer(&query, context, None)?)))
    };
    Ok(Question { name, ask: Arc::new(ask) })
}

/// How many people a condition means.
fn segment(name: &'static str, condition: Value) -> Result<Question> {
    let condition: Condition = parsed(condition)?;
    let columns = conditions::columns_needed(&condition);
    let events = conditions::events_needed(&condition);
    let ask = move |world: &World| {
        world.ask(&columns, &events, |context| {
            Ok(vec![conditions::evaluate(&condition, context)?.len().into()])
        })
    };
    Ok(Question { name, ask: Arc::new(ask) })
}

fn last_days(days: u32) -> Value {
    json!({"kind": "last_days", "days": days})
}

fn event(name: &str) -> Value {
    json!({"event": name})
}

fn any() -> Value {
    event("$any")
}

fn property(name: &str) -> Value {
    json!({"kind": "property", "name": name})
}

fn paid() -> Value {
    json!({"kind": "event", "event": event(PAID), "worth": "amount_minor"})
}

fn did(name: &str, compare: &str, value: u32) -> Value {
    json!({"kind": "event", "event": name, "window": last_days(30), "measure": {"kind": "count"},
        "compare": compare, "value": value})
}

fn has(tag: i64) -> Value {
    json!({"kind": "tag", "tag": tag, "test": {"op": "is_present"}})
}

/// Two objects as one; the second wins.
fn with(mut base: Value, more: Value) -> Value {
    if let (Value::Object(base), Value::Object(more)) = (&mut base, more) {
        base.extend(more);
    }
    base
}

fn counts() -> Result<Vec<Question>> {
    let trend = |event: Value, measure: &str, more: Value| {
        let series = json!([with(event, json!({"measure": {"kind": measure, "days": 7}}))]);
        with(json!({"kind": "trend", "series": series, "range": last_days(DAYS), "interval": "day"}), more)
    };
    let first = || event(EVENTS[0]);
    let by_channel = || json!({"breakdown": property("channel")});
    let pages = json!({"breakdown": property("path"), "top": 10, "interval": "month"});
    let times = json!({"kind": "distribution", "event": first(), "measure": {"kind": "count"},
        "range": last_days(DAYS), "edges": [2, 3, 5, 10, 20, 50]});
    Ok(vec![
        analysis("trend", trend(first(), "count", json!({})), read::trend)?,
        analysis("trend_people", trend(first(), "people", json!({})), read::trend)?,
        analysis("trend_breakdown", trend(first(), "count", by_channel()), read::trend_totals)?,
        analysis("trend_people_by_channel", trend(first(), "people", by_channel()), read::trend)?,
        analysis("active_per_day", trend(any(), "people", json!({})), read::trend)?,
        analysis("active_in_7_days", trend(any(), "trailing_people", json!({})), read::trend)?,
        analysis("top_pages", trend(any(), "count", pages), read::largest_totals)?,
        analysis("times_per_person", times, read::distribution)?,
    ])
}

fn funnel(steps: &[&str], more: Value) -> Value {
    let steps: Vec<Value> = steps.iter().map(|step| event(step)).collect();
    let window = json!({"kind": "elapsed", "seconds": WEEK});
    with(json!({"kind": "funnel", "steps": steps, "range": last_days(DAYS), "window": window}), more)
}

fn funnels() -> Result<Vec<Question>> {
    let three = |more| funnel(&EVENTS[..3], more);
    let by_channel = json!({"breakdown": property("channel"), "attribution": {"kind": "all_steps"}});
    let one_page = json!({"hold": ["path"], "count": {"kind": "values"}});
    Ok(vec![
        analysis("funnel", three(json!({})), read::funnel)?,
        analysis("funnel_by_channel", three(by_channel), read::funnel_groups)?,
        analysis("funnel_8_steps", funnel(&EVENTS, json!({})), read::funnel)?,
        analysis("funnel_strict", three(json!({"order": "strict"})), read::funnel)?,
        analysis("funnel_same_page", three(one_page), read::funnel)?,
    ])
}

fn funnels_with_options() -> Result<Vec<Question>> {
    let three = |more| funnel(&EVENTS[..3], more);
    Ok(vec![
        analysis("funnel_any_order", three(json!({"order": "any"})), read::funnel)?,
        analysis("funnel_exclusion", three(json!({"exclusions": [event(EVENTS[4])]})), read::funnel)?,
        analysis("funnel_per_day", three(json!({"trend": "day"})), read::funnel_trend)?,
        analysis("funnel_times", three(json!({})), read::funnel_times)?,
    ])
}

/// Who comes back, stays, and when.
fn returns() -> Result<Vec<Question>> {
    let retention = |more: Value| {
        let base = json!({"kind": "retention", "start": event(EVENTS[0]), "back": event(EVENTS[1]),
            "range": last_days(30), "interval": "day", "periods": 30, "entry": "first_ever"});
        with(base, more)
    };
    let of_any = |kind: &str, interval: &str| json!({"kind": kind, "event": any(), "range": last_days(DAYS), "interval": interval});
    let interval = json!({"kind": "interval", "from": event(EVENTS[0]), "to": event(EVENTS[1]),
        "range": last_days(DAYS), "interval": "day", "limit_seconds": DAY});
    Ok(vec![
        analysis("retention", retention(json!({})), read::retention)?,
        analysis("retention_24_hours", retention(json!({"clock": "elapsed"})), read::retention)?,
        analysis("lifecycle", of_any("lifecycle", "week"), read::lifecycle)?,
        analysis("stickiness", of_any("stickiness", "day"), read::stickiness)?,
        analysis("interval", interval, read::interval)?,
    ])
}

/// Sessions, paths, sequences and attribution.
fn ways() -> Result<Vec<Question>> {
    let ranged = |query: Value| with(json!({"range": last_days(DAYS), "interval": "day"}), query);
    let sessions = json!({"kind": "session", "event": any(), "gap_seconds": SESSION_GAP});
    let paths = json!({"kind": "path", "events": [any()], "anchor": {"kind": "beginning"},
        "gap_seconds": SESSION_GAP, "steps": 5, "nodes": 10});
    let sequence = json!({"kind": "sequence", "steps": [event(EVENTS[0]), {"event": EVENTS[1], "within_seconds": DAY}],
        "least_times": 1});
    let credit = |model: &str| {
        json!({"kind": "attribution", "target": paid(), "window_seconds": WEEK,
            "touches": [{"event": EVENTS[0], "property": "channel"}], "models": [{"kind": model}]})
    };
    Ok(vec![
        analysis("sessions", ranged(sessions), read::sessions)?,
        analysis("paths", ranged(paths), read::paths)?,
        analysis("sequence", ranged(sequence), read::sequence)?,
        analysis("last_touch", ranged(credit("last")), read::credits)?,
        analysis("markov", ranged(credit("markov")), read::credits)?,
    ])
}

/// Segments, tags, RFM, and one person.
fn people(users: u32) -> Result<Vec<Question>> {
    let fifths = || json!({"kind": "quantile", "parts": 5});
    let rfm = json!({"kind": "rfm", "gain": paid(), "range": last_days(DAYS), "recency": fifths(),
        "frequency": fifths(), "monetary": fifths()});
    let [a, b, c, d] = CHOSEN_TAGS.map(has);
    let behaved = json!({"kind": "all", "of": [did(EVENTS[0], "at_least", 3), did(EVENTS[1], "equal", 0)]});
    let tagged = json!({"kind": "any", "of": [{"kind": "all", "of": [a, b]},
        {"kind": "all", "of": [c, {"kind": "not", "of": d}]}]});
    let levels = json!({"kind": "crosstab", "measure": "people", "range": {"kind": "all"}, "segment": MEMBERS,
        "rows": {"kind": "values", "by": {"kind": "tag", "tag": LEVEL}, "top": 25},
        "columns": {"kind": "segments", "segments": [MEMBERS]}});
    Ok(vec![
        segment("segment", behaved)?,
        segment_of_sequence("segment_sequence")?,
        segment("segment_tags", tagged)?,
        analysis("tag_distribution", levels, read::crosstab_rows)?,
        analysis("rfm", rfm, read::rfm)?,
        timeline("timeline", somebody(users)),
    ])
}

/// Who did three things one after another, and not a fourth.
fn segment_of_sequence(name: &'static str) -> Result<Question> {
    let follows = |name: &str| json!({"event": name, "within_seconds": WEEK});
    let steps = json!([event(EVENTS[0]), follows(EVENTS[1]), follows(EVENTS[2])]);
    let query = json!({"steps": steps, "range": last_days(30), "interval": "day", "least_times": 1});
    let cell: AnalysisCell = parsed(
        json!({"kind": "sequence", "query": query, "cell": {"what": {"kind": "all"}, "group": {"kind": "whole"}}}),
    )?;
    let without: Condition = parsed(did(PAID, "equal", 0))?;
    let events = [names::events_needed(&cell.query()), conditions::events_needed(&without)].concat();
    let ask = move |world: &World| {
        world.ask(&[], &events, |context| {
            let within = conditions::evaluate(&without, context)?;
            Ok(vec![analyses::people(&cell, context, Some(&within))?.len().into()])
        })
    };
    Ok(Question { name, ask: Arc::new(ask) })
}

fn timeline(name: &'static str, person: u32) -> Question {
    let ask = move |world: &World| {
        let page = TimelinePage { before: None, limit: TIMELINE_ROWS };
        let rows = world.store.person(&world.remap.numbers(person), page)?;
        Ok(rows.iter().flat_map(|row| [json!(row.time), json!(row.name)]).collect())
    };
    Question { name, ask: Arc::new(ask) }
}

/// Its tiles at the same time, each as if nobody else asked.
fn dashboard(known: &[Question]) -> Result<Question> {
    let tile =
        |name: &&str| known.iter().find(|question| question.name == *name).map(|tile| Arc::clone(&tile.ask));
    let tiles: Vec<Ask> = TILES.iter().filter_map(tile).collect();
    if tiles.len() != TILES.len() {
        return Err(Error::internal("a tile of the dashboard is no question"));
    }
    let ask = move |world: &World| {
        let answers: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = tiles.iter().map(|tile| scope.spawn(|| tile(world))).collect();
            running.into_iter().map(|tile| tile.join()).collect()
        });
        let mut all = Vec::new();
        for answer in answers {
            all.extend(answer.map_err(|_| Error::internal("a tile failed"))??);
        }
        Ok(all)
    };
    Ok(Question { name: "dashboard", ask: Arc::new(ask) })
}
