//! Times of the kernels alone: generated events in memory as blocks, then trend,
//! funnel and segment, the median of five each. Usage: `kernels [events]`.

use std::sync::Arc;
use std::time::Instant;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_analytics::analyses::{activity, funnel, trend};
use siyu_analytics::{AttributeColumn, Context, PersonColumns, conditions};
use siyu_events::{Block, Column, Scan, ScanBlock};
use siyu_testkit::scale::{EVENT_NAMES, ScaleEvent, ScaleOptions, scale};
use siyu_types::analysis::{
    Breakdown, DateRange, EventMatch, FunnelQuery, FunnelWindow, Interval, Measure, TrendQuery, TrendSeries,
};
use siyu_types::condition::{Compare, Condition, EventCondition, PersonMeasure};
use siyu_types::{Result, calendar};

const BLOCK_PEOPLE: u32 = 65_536;
/// Midnight of 2026-08-24 in Shanghai.
const FROM: i64 = 1_787_500_800_000;
const DAYS: u32 = 90;
const ROUNDS: usize = 5;

struct Everybody(RoaringBitmap);

impl PersonColumns for Everybody {
    fn universe(&self) -> &RoaringBitmap {
        &self.0
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
}

fn main() -> Result<()> {
    let events = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000_000);
    let options = ScaleOptions { days: DAYS, ..ScaleOptions::of_events(events, FROM) };
    let scan = build(options);
    let people = Everybody((0..options.users).collect());
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
            *name = event.event_name();
        }
    }
    Scan { blocks, event_names: names.into_iter().map(String::into_boxed_str).collect() }
}

fn block(rows: &[ScaleEvent]) -> ScanBlock {
    let mut block = Block { starts: vec![0], ..Block::default() };
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
    block.columns = FxHashMap::from_iter([("channel".to_owned(), channel)]);
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
    report("activity: all events and people, 30 days", || {
        let days = activity::per_day(&DateRange::LastDays { days: 30 }, &[], context)?;
        Ok(days.iter().map(|day| day.people).sum::<u64>() as f64)
    })
}

fn trend_query(measure: Measure, breakdown: Option<Breakdown>) -> TrendQuery {
    TrendQuery {
        series: vec![TrendSeries { event: event("e00"), measure }],
        range: DateRange::LastDays { days: DAYS },
        interval: Interval::Day,
        breakdown,
        segment: None,
    }
}

fn funnel_query(steps: &[&str], breakdown: Option<Breakdown>) -> FunnelQuery {
    FunnelQuery {
        steps: steps.iter().map(|step| event(step)).collect(),
        range: DateRange::LastDays { days: DAYS },
        window: FunnelWindow::Elapsed { seconds: 7 * 86_400 },
        must_increase: false,
        breakdown,
        segment: None,
    }
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
