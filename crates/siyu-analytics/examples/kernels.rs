//! Times of the kernels alone: generated events in memory as blocks, then trend,
//! funnel, segment, items and orders, the median of five each. Usage: `kernels [events]`.

use std::sync::Arc;
use std::time::Instant;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_analytics::analyses::{self, activity, funnel, trend};
use siyu_analytics::orders::{self, OrderQuery};
use siyu_analytics::{AttributeColumn, Context, ItemColumn, ItemTable, ItemValue, PersonColumns, conditions};
use siyu_events::{Block, Column, Scan, ScanBlock, Skeleton, TEXT_MISSING};
use siyu_testkit::scale::{EVENT_NAMES, ScaleEvent, ScaleOptions, scale};
use siyu_types::analysis::{
    AnalysisQuery, Breakdown, DateRange, EventMatch, FunnelQuery, FunnelWindow, Interval, Measure,
    TrendQuery, TrendSeries,
};
use siyu_types::condition::{Compare, Condition, EventCondition, PersonMeasure, PropertyFilter, Test};
use siyu_types::relation::RelationSide;
use siyu_types::{ItemField, OrderCondition, OrderMeasure, Result, Value, calendar};

const BLOCK_PEOPLE: u32 = 65_536;
/// Midnight of 2026-08-24 in Shanghai.
const FROM: i64 = 1_787_500_800_000;
const DAYS: u32 = 90;
const ROUNDS: usize = 5;

/// Different ids of items on the events, and categories of these.
const ITEMS: u32 = 50_000;
const CATEGORIES: u32 = 40;
/// Events that are taken for orders.
const ORDERS: [(u8, &str); 3] = [(8, "order_paid"), (9, "order_line"), (30, "order_refunded")];

struct Everybody {
    people: RoaringBitmap,
    items: Goods,
}

/// The category of every item, found by its id.
struct Goods {
    by_id: FxHashMap<String, u32>,
    categories: Vec<String>,
}

impl Goods {
    fn new() -> Goods {
        let by_id = (0..ITEMS).map(|item| (format!("item_{item:06}"), item % CATEGORIES)).collect();
        Goods { by_id, categories: (0..CATEGORIES).map(|category| format!("category_{category}")).collect() }
    }
}

impl ItemTable for Goods {
    fn value(&self, _: u32, id: &str) -> ItemValue<'_> {
        match self.by_id.get(id) {
            Some(category) => ItemValue::Text(&self.categories[*category as usize]),
            None => ItemValue::Missing,
        }
    }
}

impl PersonColumns for Everybody {
    fn universe(&self) -> &RoaringBitmap {
        &self.people
    }
    fn attribute(&self, _: &str) -> Option<AttributeColumn<'_>> {
        None
    }
    fn tag(&self, _: i64) -> Option<AttributeColumn<'_>> {
        None
    }
    fn segment(&self, _: i64) -> Option<&RoaringBitmap> {
        None
    }
    fn related(&self, _: &str, _: RelationSide, _: i64) -> Option<Vec<(u32, u32)>> {
        None
    }
    fn person(&self, number: u32) -> u32 {
        number
    }
    fn item(&self, _: &ItemField) -> Option<ItemColumn<'_>> {
        Some(ItemColumn { table: &self.items, field: 0 })
    }
}

fn main() -> Result<()> {
    let events = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000_000);
    let options = ScaleOptions { days: DAYS, ..ScaleOptions::of_events(events, FROM) };
    let scan = build(options);
    let people = Everybody { people: (0..options.users).collect(), items: Goods::new() };
    let rows: usize = scan.blocks.iter().map(|block| block.block.rows()).sum();
    println!("{rows} events of {} people in {} blocks", options.users, scan.blocks.len());
    let zone = calendar::zone("Asia/Shanghai")?;
    let as_of = FROM + i64::from(DAYS) * 86_400_000 - 1;
    ask_all(&Context { people: &people, scan: &scan, as_of, zone: &zone })
}

fn build(options: ScaleOptions) -> Scan {
    let mut all: Vec<ScaleEvent> = scale(options).collect();
    all.sort_by_key(|event| (event.user, event.time));
    let blocks = all.chunk_by(|a, b| a.user / BLOCK_PEOPLE == b.user / BLOCK_PEOPLE).map(block).collect();
    let mut names = vec![String::new(); EVENT_NAMES as usize];
    for event in &all {
        let name = &mut names[event.name as usize];
        if name.is_empty() {
            *name = match ORDERS.iter().find(|(code, _)| *code == event.name) {
                Some((_, order)) => (*order).to_owned(),
                // The generator has an event of that name already.
                None if event.name == 3 => "e03".to_owned(),
                None => event.event_name(),
            };
        }
    }
    Scan { blocks, loose: None, event_names: names.into_iter().map(String::into_boxed_str).collect() }
}

fn block(rows: &[ScaleEvent]) -> ScanBlock {
    let mut block = Skeleton { starts: vec![0], ..Skeleton::default() };
    for run in rows.chunk_by(|a, b| a.user == b.user) {
        block.persons.push(run[0].user);
        block.starts.push(block.starts[block.starts.len() - 1] + run.len() as u32);
    }
    block.times = rows.iter().map(|event| event.time).collect();
    block.events = rows.iter().map(|event| u16::from(event.name)).collect();
    let dictionary: Vec<Box<str>> =
        (0..=u8::MAX).map(|channel| format!("channel_{channel}").into()).collect();
    let codes = rows.iter().map(|event| u32::from(event.channel)).collect();
    let channel = Column::Text { codes, dictionary: dictionary.into(), list: false };
    let item =
        |event: &ScaleEvent| (event.user.wrapping_mul(31).wrapping_add((event.time / 1_000) as u32)) % ITEMS;
    let named = |codes: Vec<u32>, dictionary: Vec<Box<str>>| Column::Text {
        codes: codes.into(),
        dictionary: dictionary.into(),
        list: false,
    };
    let ids = (0..ITEMS).map(|item| format!("item_{item:06}").into()).collect();
    let categories = (0..CATEGORIES).map(|category| format!("category_{category}").into()).collect();
    let mut orders: FxHashMap<(u32, i64), u32> = FxHashMap::default();
    let order_codes = rows.iter().map(|event| {
        let next = orders.len() as u32;
        match ORDERS.iter().any(|(code, _)| *code == event.name) {
            true => *orders.entry((event.user, event.time / (12 * 3_600_000))).or_insert(next),
            false => TEXT_MISSING,
        }
    });
    let order_codes: Vec<u32> = order_codes.collect();
    let amounts: Vec<f64> = rows.iter().map(|event| f64::from(event.user % 500) * 10.0 + 100.0).collect();
    let mut block = Block::from(block);
    block.columns = FxHashMap::from_iter([
        ("channel".to_owned(), channel),
        ("item_id".to_owned(), named(rows.iter().map(item).collect(), ids)),
        (
            "category".to_owned(),
            named(rows.iter().map(|event| item(event) % CATEGORIES).collect(), categories),
        ),
        (
            "order_id".to_owned(),
            named(order_codes, (0..orders.len()).map(|order| format!("o{order}").into()).collect()),
        ),
        ("amount_minor".to_owned(), Column::Number(amounts.into())),
    ]);
    ScanBlock { block: Arc::new(block), skip: None }
}

fn ask_all(context: &Context<'_>) -> Result<()> {
    let by_channel = Some(Breakdown::Property { name: "channel".to_owned() });
    for (name, measure, breakdown) in [
        ("trend of the commonest event, 90 days", Measure::Count, None),
        ("the same, different people", Measure::People, None),
        ("the same, people by channel", Measure::People, by_channel.clone()),
    ] {
        let query = trend_query(measure, breakdown);
        report(name, || Ok(trend::run(&query, context, None)?.lines[0].total.unwrap_or(0.0)))?;
    }
    for (name, steps, breakdown) in [
        ("funnel, 3 commonest events, 7 days", &["e00", "e01", "e02"][..], None),
        ("the same by channel", &["e00", "e01", "e02"], by_channel),
        ("funnel, 4 rarer events, 7 days", &["e05", "e08", "e10", "e12"], None),
    ] {
        let query = funnel_query(steps, breakdown);
        let last =
            |steps: &[siyu_types::analysis::FunnelStep]| steps.last().map_or(0, |step| step.people) as f64;
        report(name, || Ok(last(&funnel::run(&query, context, None)?.groups[0].steps)))?;
    }
    let segment =
        Condition::All { of: vec![did("e00", Compare::AtLeast, 3.0), did("e01", Compare::Equal, 0.0)] };
    report("segment: e00 ≥ 3 in 30 days and no e01", || {
        Ok(conditions::evaluate(&segment, context)?.len() as f64)
    })?;
    for (name, property, item) in [
        ("segment: e00 of a category by the event's property", "category", None),
        ("the same by the item's attribute", "item_id", Some(category())),
    ] {
        let test = Test::Is { values: vec![Value::Text("category_7".to_owned())] };
        let filters = vec![PropertyFilter { property: property.to_owned(), item, test }];
        let Condition::Event(leaf) = did("e00", Compare::AtLeast, 1.0) else { return Ok(()) };
        let condition = Condition::Event(EventCondition { filters, ..leaf });
        report(name, || Ok(conditions::evaluate(&condition, context)?.len() as f64))?;
    }
    for (name, breakdown) in [
        ("trend of e00 by the event's category", Breakdown::Property { name: "category".to_owned() }),
        ("the same by the item's", Breakdown::Item { property: "item_id".to_owned(), field: category() }),
    ] {
        let query = trend_query(Measure::Count, Some(breakdown));
        report(name, || Ok(trend::run(&query, context, None)?.lines[0].total.unwrap_or(0.0)))?;
    }
    ask_kinds(context)?;
    ask_orders(context)?;
    report("activity: all events and people, 30 days", || {
        let days = activity::per_day(&DateRange::LastDays { days: 30 }, &[], context)?;
        Ok(days.iter().map(|day| day.people).sum::<u64>() as f64)
    })
}

/// One question of each further kind; the figure is the length of the answer.
fn ask_kinds(context: &Context<'_>) -> Result<()> {
    let days = |days: u32| format!(r#""range":{{"kind":"last_days","days":{days}}},"interval":"day""#);
    let of = |kind: &str, rest: &str| format!(r#"{{"kind":"{kind}",{rest}}}"#);
    let (month, all) = (days(30), days(DAYS));
    for (name, question) in [
        (
            "retention, first time, e00 then e01, 30 days",
            of(
                "retention",
                &format!(
                    r#""start":{{"event":"e00"}},"back":{{"event":"e01"}},{month},"periods":30,"entry":"first_ever""#
                ),
            ),
        ),
        (
            "retention, every time, any event, 30 days",
            of(
                "retention",
                &format!(r#""start":{{"event":"$any"}},"back":{{"event":"$any"}},{month},"periods":30"#),
            ),
        ),
        ("lifecycle of e00, 90 days", of("lifecycle", &format!(r#""event":{{"event":"e00"}},{all}"#))),
        ("lifecycle of any event, 90 days", of("lifecycle", &format!(r#""event":{{"event":"$any"}},{all}"#))),
        (
            "stickiness of any event, 90 days",
            of("stickiness", &format!(r#""event":{{"event":"$any"}},{all}"#)),
        ),
        (
            "distribution of the number of e00",
            of("distribution", &format!(r#""event":{{"event":"e00"}},"measure":{{"kind":"count"}},{all}"#)),
        ),
        (
            "interval from e00 to e01, 1 day",
            of(
                "interval",
                &format!(r#""from":{{"event":"e00"}},"to":{{"event":"e01"}},{all},"limit_seconds":86400"#),
            ),
        ),
        (
            "sessions by a gap of 30 minutes",
            of("session", &format!(r#""event":{{"event":"$any"}},{all},"gap_seconds":1800"#)),
        ),
        (
            "paths of 5 steps by session",
            of(
                "path",
                &format!(
                    r#""events":[{{"event":"$any"}}],"anchor":{{"kind":"beginning"}},{all},"gap_seconds":1800,"steps":5,"nodes":10"#
                ),
            ),
        ),
    ] {
        let query: AnalysisQuery = serde_json::from_str(&question).map_err(siyu_types::Error::internal)?;
        report(name, || {
            let answer = analyses::answer(&query, context, None)?;
            Ok(serde_json::to_string(&answer).map_err(siyu_types::Error::internal)?.len() as f64)
        })?;
    }
    Ok(())
}

fn category() -> ItemField {
    ItemField::Attribute { item_type: "product".to_owned(), name: "category".to_owned() }
}

fn ask_orders(context: &Context<'_>) -> Result<()> {
    let all = calendar::resolve(&DateRange::All, context.as_of, context.zone)?;
    let query = OrderQuery { filters: &[], states: &[], range: all };
    let orders = orders::totals(&query, context).by_state.iter().sum::<u64>();
    println!("{orders} orders");
    report("orders: totals of all", || Ok(orders::totals(&query, context).worth.net_minor() as f64))?;
    report("orders: the newest 51 of all", || Ok(orders::page(&query, None, 51, context).total as f64))?;
    let test = Test::Is { values: vec![Value::Text("category_7".to_owned())] };
    let of_items = PropertyFilter { property: "item_id".to_owned(), item: Some(category()), test };
    for (name, filters) in [
        ("segment: net of 30 days at least 20.00", Vec::new()),
        ("the same of orders with an item of a category", vec![of_items]),
    ] {
        let leaf = OrderCondition {
            filters,
            window: DateRange::LastDays { days: 30 },
            measure: OrderMeasure::Net,
            compare: Compare::AtLeast,
            value: 2_000.0,
        };
        let condition = Condition::Order(leaf);
        report(name, || Ok(conditions::evaluate(&condition, context)?.len() as f64))?;
    }
    Ok(())
}

fn trend_query(measure: Measure, breakdown: Option<Breakdown>) -> TrendQuery {
    let series = vec![TrendSeries { event: event("e00"), measure }];
    let range = DateRange::LastDays { days: DAYS };
    TrendQuery { breakdown, ..TrendQuery::of(series, range, Interval::Day) }
}

fn funnel_query(steps: &[&str], breakdown: Option<Breakdown>) -> FunnelQuery {
    let steps = steps.iter().map(|step| event(step)).collect();
    let window = FunnelWindow::Elapsed { seconds: 7 * 86_400 };
    FunnelQuery { breakdown, ..FunnelQuery::of(steps, DateRange::LastDays { days: DAYS }, window) }
}

fn did(name: &str, compare: Compare, value: f64) -> Condition {
    Condition::Event(EventCondition {
        event: name.to_owned(),
        filters: Vec::new(),
        window: DateRange::LastDays { days: 30 },
        measure: PersonMeasure::Count,
        compare,
        value,
    })
}

fn event(name: &str) -> EventMatch {
    EventMatch { event: name.to_owned(), filters: Vec::new() }
}

fn report(name: &str, ask: impl Fn() -> Result<f64>) -> Result<()> {
    let mut times = Vec::new();
    let mut answer = 0.0;
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        answer = ask()?;
        times.push(begin.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    println!("{:>8.1} ms  {name} ({answer})", times[ROUNDS / 2]);
    Ok(())
}
