//! From counters to answers: sums, lateness, rates. Pure.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use siyu_http::At;
use siyu_types::clock::Millis;
use siyu_types::value::ValueKind;

use super::cells::{Counts, HOUR, LATE_BOUNDS, PropertyCell};
use super::counters::{Counters, DAYS_KEPT, IMPORTS, Series, Source};
use super::model::{
    FileItem, Grain, Lateness, LibraryItem, Point, PropertyRates, ReasonCount, SeriesDetail, SeriesItem,
    SourceItem, Sums,
};

const DAY: Millis = 24 * HOUR;
const HOURS_SHOWN: i64 = 48;
const KINDS: [ValueKind; 4] = [ValueKind::Bool, ValueKind::Number, ValueKind::Text, ValueKind::List];

/// The series and sources over the days up to now, most records first. All imported files
/// are one source, with the files inside.
pub fn summary(
    counters: &Counters,
    zone: &TimeZone,
    now: Millis,
    days: i64,
) -> (Vec<SeriesItem>, Vec<SourceItem>) {
    let starts = day_starts(zone, now, days);
    let from = starts.first().copied().unwrap_or(now);
    let mut of_sources = vec![Counts::default(); counters.sources.len()];
    let mut merged: BTreeMap<(&str, &str), (SeriesItem, Counts)> = BTreeMap::new();
    for series in &counters.series {
        let place = (group_name(counters, series), &*series.event);
        let (item, counts) = merged.entry(place).or_insert_with(|| {
            let item = SeriesItem {
                source: place.0.to_owned(),
                event: place.1.to_owned(),
                first_seen: At(series.first_seen),
                last_seen: At(series.last_seen),
                sums: sums(&Counts::default()),
                days: vec![0; starts.len()],
            };
            (item, Counts::default())
        });
        item.first_seen = At(item.first_seen.0.min(series.first_seen));
        item.last_seen = At(item.last_seen.0.max(series.last_seen));
        for cell in series.hours.iter().filter(|cell| cell.at * HOUR >= from) {
            counts.add(&cell.counts);
            let day = starts.partition_point(|start| *start <= cell.at * HOUR);
            item.days[day.saturating_sub(1)] += cell.counts.records;
            if let Some(source) = of_sources.get_mut(usize::from(series.source)) {
                source.add(&cell.counts);
            }
        }
    }
    let items = merged.into_values().map(|(item, counts)| SeriesItem { sums: sums(&counts), ..item });
    let mut items: Vec<_> = items.collect();
    items.sort_by(|a, b| {
        let order = b.sums.records.cmp(&a.sums.records);
        order.then_with(|| (&a.source, &a.event).cmp(&(&b.source, &b.event)))
    });
    (items, sources(counters, &of_sources))
}

fn sources(counters: &Counters, of_sources: &[Counts]) -> Vec<SourceItem> {
    let (mut items, mut files, mut of_files) = (Vec::new(), Vec::new(), Counts::default());
    for (source, counts) in counters.sources.iter().zip(of_sources) {
        let (name, last_seen, sums) = (source.name.to_string(), At(source.last_seen), sums(counts));
        if source.imported {
            of_files.add(counts);
            files.push(FileItem { name, last_seen, sums });
            continue;
        }
        let libraries = source.libraries.iter().map(|library| LibraryItem {
            name: library.name.to_string(),
            version: library.version.to_string(),
            first_seen: At(library.first_seen),
            last_seen: At(library.last_seen),
            requests: library.requests,
        });
        items.push(SourceItem { name, last_seen, sums, libraries: libraries.collect(), files: Vec::new() });
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.last_seen.0));
    if let Some(latest) = files.first().map(|file| file.last_seen.0) {
        let (name, sums) = (IMPORTS.to_owned(), sums(&of_files));
        items.push(SourceItem { name, last_seen: At(latest), sums, libraries: Vec::new(), files });
    }
    items
}

fn source_of<'a>(counters: &'a Counters, series: &Series) -> Option<&'a Source> {
    counters.sources.get(usize::from(series.source))
}

fn group_name<'a>(counters: &'a Counters, series: &Series) -> &'a str {
    source_of(counters, series).map_or("", |source| if source.imported { IMPORTS } else { &source.name })
}

/// The series of a source and an event; empty means all, [`IMPORTS`] all imported files.
pub fn chosen<'a>(
    counters: &'a Counters,
    source: &'a str,
    event: &'a str,
) -> impl Iterator<Item = &'a Series> {
    let meant = move |known: &Source| *known.name == *source || known.imported && source == IMPORTS;
    counters.series.iter().filter(move |series| {
        (source.is_empty() || source_of(counters, series).is_some_and(meant))
            && (event.is_empty() || *series.event == *event)
    })
}

pub fn detail(
    counters: &Counters,
    zone: &TimeZone,
    now: Millis,
    (source, event, by): (&str, &str, Grain),
) -> SeriesDetail {
    let series: Vec<&Series> = chosen(counters, source, event).collect();
    let starts = match by {
        Grain::Hour => {
            let last = now.div_euclid(HOUR);
            (last - HOURS_SHOWN + 1..=last).map(|hour| hour * HOUR).collect()
        }
        Grain::Day => day_starts(zone, now, DAYS_KEPT),
    };
    let mut counts = vec![Counts::default(); starts.len()];
    let mut add = |at: Millis, more: &Counts| {
        if let Some(place) = starts.partition_point(|start| *start <= at).checked_sub(1) {
            counts[place].add(more);
        }
    };
    // Hours know the project's day exactly; where they are gone, UTC days stand in.
    let kept = series.iter().filter_map(|series| series.hours.front()).map(|cell| cell.at).min();
    let hours_from = kept.map_or(now, |hour| (hour * HOUR).div_euclid(DAY) * DAY);
    for series in &series {
        let days = series.days.iter().filter(|cell| by == Grain::Day && cell.at * DAY < hours_from);
        days.for_each(|cell| add(cell.at * DAY, &cell.counts));
        series.hours.iter().for_each(|cell| add(cell.at * HOUR, &cell.counts));
    }
    let points = starts.iter().zip(&counts).map(|(at, counts)| Point { at: At(*at), sums: sums(counts) });
    let days = || series.iter().flat_map(|series| &series.days);
    let with_properties = || days().filter(|day| !day.properties.is_empty());
    let looked_at = with_properties().map(|day| day.looked_at).sum();
    SeriesDetail {
        points: points.collect(),
        reasons: reasons(days().flat_map(|day| &day.reasons)),
        properties: rates(with_properties().flat_map(|day| &day.properties), looked_at),
        looked_at,
        other_values: with_properties().map(|day| day.others).sum(),
    }
}

fn reasons<'a>(counted: impl Iterator<Item = &'a (crate::protocols::ReasonCode, u64)>) -> Vec<ReasonCount> {
    let mut by_code = BTreeMap::new();
    counted.for_each(|(code, count)| *by_code.entry(*code).or_default() += count);
    let mut all: Vec<_> = by_code.into_iter().map(|(code, count)| ReasonCount { code, count }).collect();
    all.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    all
}

fn rates<'a>(cells: impl Iterator<Item = &'a PropertyCell>, looked_at: u64) -> Vec<PropertyRates> {
    let mut by_name: BTreeMap<&str, (u64, u64, [u64; 4])> = BTreeMap::new();
    for cell in cells {
        let (present, empty, kinds) = by_name.entry(&cell.name).or_default();
        *present += cell.present;
        *empty += cell.empty;
        kinds.iter_mut().zip(cell.kinds).for_each(|(to, from)| *to += from);
    }
    let of = |(name, (present, empty, kinds)): (&str, (u64, u64, [u64; 4]))| {
        // The first of equals, so that the answer does not waver.
        let most = kinds.iter().copied().max().unwrap_or_default();
        let kind = kinds.iter().position(|count| *count == most).unwrap_or_default();
        PropertyRates {
            name: name.to_owned(),
            kind: KINDS[kind],
            present,
            missing: looked_at.saturating_sub(present),
            empty,
            drifted: present - most,
        }
    };
    let mut all: Vec<_> = by_name.into_iter().map(of).collect();
    all.sort_by(|a, b| b.present.cmp(&a.present).then_with(|| a.name.cmp(&b.name)));
    all
}

pub fn sums(counts: &Counts) -> Sums {
    Sums {
        records: counts.records,
        duplicates: counts.duplicates,
        rejected: counts.rejected,
        late_p50: percentile(&counts.late, 50),
        late_p95: percentile(&counts.late, 95),
    }
}

/// The class in which this percentage of the records is reached.
fn percentile(late: &[u32], percent: u64) -> Option<Lateness> {
    let total: u64 = late.iter().map(|count| u64::from(*count)).sum();
    let mut reached = 0;
    let class = late.iter().position(|count| {
        reached += u64::from(*count);
        total > 0 && reached * 100 >= total * percent
    })?;
    Some(Lateness { at_most_ms: LATE_BOUNDS.get(class).copied() })
}

/// Starts of the project's days up to today's, oldest first.
fn day_starts(zone: &TimeZone, now: Millis, days: i64) -> Vec<Millis> {
    let Ok(now) = jiff::Timestamp::from_millisecond(now) else { return Vec::new() };
    let today = now.to_zoned(zone.clone()).date();
    let start = |back: i64| {
        let date = today.checked_sub(jiff::Span::new().days(back)).ok()?;
        Some(date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond())
    };
    (0..days).rev().filter_map(start).collect()
}

/// Where the first of so many days begins.
pub fn first_day(zone: &TimeZone, now: Millis, days: i64) -> Millis {
    day_starts(zone, now, days).first().copied().unwrap_or(now)
}
