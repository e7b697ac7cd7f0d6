//! Counting what arrives, per source and event: how much, how late, what was
//! refused, what is sent twice, which properties are there and of which type.
//!
//! The counters belong to the pipeline: they are changed by applied frames only and
//! saved with its checkpoint, so a replay neither loses nor repeats one. Time is the
//! time of receipt. Everything is bounded; what goes beyond is counted under
//! [`OTHER`].

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use siyu_types::Record;
use siyu_types::clock::Millis;
use siyu_types::record::Body;

use super::cells::{Counts, DayCell, HOUR, HourCell, late_class};
use crate::protocols::ReasonCode;

const DAY_HOURS: i64 = 24;
/// Hours are kept for five weeks, so that an hour can be compared with the same one
/// of four weeks before; days for ninety.
pub const HOURS_KEPT: i64 = 35 * DAY_HOURS;
pub const DAYS_KEPT: i64 = 90;
/// Days of which properties are kept.
pub const PROPERTY_DAYS_KEPT: i64 = 14;
pub const SOURCES_MAX: usize = 64;
/// Pairs of source and event.
pub const SERIES_MAX: usize = 500;
/// Hours of all series together, about 90 bytes each; the oldest go first.
pub const HOUR_CELLS_MAX: usize = 100_000;
/// Properties of all series and days together, about 80 bytes each.
pub const PROPERTY_CELLS_MAX: usize = 60_000;
/// Pairs of library and version of one source.
pub const LIBRARIES_MAX: usize = 20;

/// What is beyond a bound is counted under this name.
pub const OTHER: &str = "(other)";
/// What stands where an event name would for records that are no events.
pub const PROFILE: &str = "(profile)";
pub const LINK: &str = "(link)";
pub const ITEM: &str = "(item)";
/// Items that could not be read, so that nobody knows what they were.
pub const UNREADABLE: &str = "(unreadable)";
/// All imported files as one source.
pub const IMPORTS: &str = "(imports)";

/// One event of one source.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Series {
    pub source: u16,
    pub event: Box<str>,
    pub first_seen: Millis,
    pub last_seen: Millis,
    /// Ascending, without the empty ones.
    pub hours: VecDeque<HourCell>,
    pub days: VecDeque<DayCell>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Library {
    pub name: Box<str>,
    pub version: Box<str>,
    pub first_seen: Millis,
    pub last_seen: Millis,
    /// Requests.
    pub requests: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Source {
    pub name: Box<str>,
    pub libraries: Vec<Library>,
    /// The last thing received, of whatever kind.
    pub last_seen: Millis,
    /// An imported file.
    #[serde(default)]
    pub imported: bool,
}

/// All counters of a project.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Counters {
    pub sources: Vec<Source>,
    pub series: Vec<Series>,
    /// The latest hour seen; an earlier one is counted in it, so cells stay in order.
    hour: i64,
    hour_cells: usize,
    property_cells: usize,
    /// Where a series is: by source, then by event.
    #[serde(skip)]
    places: Vec<FxHashMap<Box<str>, u32>>,
}

impl Counters {
    /// A request of this source begins; answers what to call the source below.
    pub fn begin(&mut self, source: &str, received_at: Millis, library: Option<&(String, String)>) -> u16 {
        let hour = received_at.div_euclid(HOUR);
        if hour > self.hour {
            let new_day = hour.div_euclid(DAY_HOURS) > self.hour.div_euclid(DAY_HOURS);
            self.hour = hour;
            if new_day {
                self.forget();
            }
        }
        let index = self.source(source, received_at);
        let found = &mut self.sources[usize::from(index)];
        found.last_seen = found.last_seen.max(received_at);
        if let Some((name, version)) = library {
            note_library(&mut found.libraries, name, version, received_at);
        }
        index
    }

    /// What was begun is an imported file.
    pub fn imported(&mut self, source: u16) {
        self.sources[usize::from(source)].imported = true;
    }

    fn source(&mut self, name: &str, at: Millis) -> u16 {
        let find = |sources: &[Source], name: &str| sources.iter().position(|source| &*source.name == name);
        let known = find(&self.sources, name);
        let full = self.sources.len() >= SOURCES_MAX - 1;
        let name = if known.is_none() && full { OTHER } else { name };
        let index = known.or_else(|| find(&self.sources, name)).unwrap_or_else(|| {
            self.sources.push(Source {
                name: name.into(),
                libraries: Vec::new(),
                last_seen: at,
                imported: false,
            });
            self.places.push(FxHashMap::default());
            self.sources.len() - 1
        });
        // Bounded far below.
        index as u16
    }

    /// A record was applied.
    pub fn applied(&mut self, source: u16, record: &Record) {
        let late = late_class(record.received_at.saturating_sub(record.time));
        let (hour, day) = (self.hour, self.hour.div_euclid(DAY_HOURS));
        let series = self.series(source, event_of(&record.body), record.received_at);
        let series = &mut self.series[series];
        series.last_seen = series.last_seen.max(record.received_at);
        let (hours, cell) = series.cell(hour, day);
        self.hour_cells += hours;
        cell.counts.records += 1;
        cell.counts.late[late] = cell.counts.late[late].saturating_add(1);
        let day = series.day();
        day.counts.records += 1;
        day.counts.late[late] = day.counts.late[late].saturating_add(1);
        if let Body::Event { props, .. } = &record.body {
            let (before, room) = (day.properties.len(), self.property_cells < PROPERTY_CELLS_MAX);
            day.look(props, room);
            self.property_cells += day.properties.len() - before;
        }
        self.make_room();
    }

    /// A record had been applied before.
    pub fn duplicate(&mut self, source: u16, record: &Record) {
        self.count(source, event_of(&record.body), record.received_at, |counts| counts.duplicates += 1);
    }

    /// Something was refused or held back; `body` if it is known what it was.
    pub fn rejected(&mut self, source: u16, body: Option<&Body>, at: Millis, code: ReasonCode) {
        let event = body.map_or(UNREADABLE, event_of);
        let day = self.count(source, event, at, |counts| counts.rejected += 1);
        match day.reasons.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => day.reasons.push((code, 1)),
        }
    }

    /// A record counted as applied turned out to be about nobody.
    pub fn refused_after_all(&mut self, source: u16, record: &Record) {
        let late = late_class(record.received_at.saturating_sub(record.time));
        let back = |counts: &mut Counts| {
            counts.records = counts.records.saturating_sub(1);
            counts.late[late] = counts.late[late].saturating_sub(1);
        };
        self.count(source, event_of(&record.body), record.received_at, back);
        self.rejected(source, Some(&record.body), record.received_at, ReasonCode::NoIdentifier);
    }

    fn count(&mut self, source: u16, event: &str, at: Millis, change: impl Fn(&mut Counts)) -> &mut DayCell {
        let (hour, day) = (self.hour, self.hour.div_euclid(DAY_HOURS));
        let place = self.series(source, event, at);
        let (hours, cell) = self.series[place].cell(hour, day);
        change(&mut cell.counts);
        self.hour_cells += hours;
        self.make_room();
        let day = self.series[place].day();
        change(&mut day.counts);
        day
    }

    /// Where the series is; it is made if there is room.
    fn series(&mut self, source: u16, event: &str, at: Millis) -> usize {
        let places = &mut self.places[usize::from(source)];
        if let Some(place) = places.get(event) {
            return *place as usize;
        }
        // Every source keeps room for its row of others.
        let full = self.series.len() + SOURCES_MAX >= SERIES_MAX;
        let event = if full { OTHER } else { event };
        let next = self.series.len() as u32;
        let place = *places.entry(event.into()).or_insert(next);
        if place == next {
            let (hours, days) = (VecDeque::new(), VecDeque::new());
            let event = event.into();
            self.series.push(Series { source, event, first_seen: at, last_seen: at, hours, days });
        }
        place as usize
    }

    /// Drops the oldest hours of all series while there are too many.
    fn make_room(&mut self) {
        while self.hour_cells > HOUR_CELLS_MAX {
            let oldest =
                self.series.iter().filter_map(|series| series.hours.front()).map(|cell| cell.at).min();
            let Some(oldest) = oldest else { return };
            self.drop_hours_before(oldest + DAY_HOURS);
        }
    }

    fn drop_hours_before(&mut self, hour: i64) {
        for series in &mut self.series {
            while series.hours.front().is_some_and(|cell| cell.at < hour) {
                series.hours.pop_front();
                self.hour_cells -= 1;
            }
        }
    }

    /// Drops what is older than it is kept for, once a day.
    fn forget(&mut self) {
        let day = self.hour.div_euclid(DAY_HOURS);
        self.drop_hours_before(self.hour - HOURS_KEPT);
        for series in &mut self.series {
            while series.days.front().is_some_and(|cell| cell.at < day - DAYS_KEPT) {
                series.days.pop_front();
            }
            for cell in series.days.iter_mut().filter(|cell| cell.at < day - PROPERTY_DAYS_KEPT) {
                cell.properties = Vec::new();
            }
        }
        self.series.retain(|series| !series.days.is_empty());
        self.index();
    }

    /// Makes anew what is not saved.
    pub fn index(&mut self) {
        self.places = vec![FxHashMap::default(); self.sources.len()];
        for (place, series) in self.series.iter().enumerate() {
            if let Some(places) = self.places.get_mut(usize::from(series.source)) {
                places.insert(series.event.clone(), place as u32);
            }
        }
        self.hour_cells = self.series.iter().map(|series| series.hours.len()).sum();
        let days = self.series.iter().flat_map(|series| &series.days);
        self.property_cells = days.map(|day| day.properties.len()).sum();
    }
}

impl Series {
    /// The cell of the hour, made if needed (then the number is 1); the day's too.
    fn cell(&mut self, hour: i64, day: i64) -> (usize, &mut HourCell) {
        if self.days.back().is_none_or(|cell| cell.at != day) {
            self.days.push_back(DayCell::new(day));
        }
        let new = self.hours.back().is_none_or(|cell| cell.at != hour);
        if new {
            self.hours.push_back(HourCell { at: hour, counts: Counts::default() });
        }
        let last = self.hours.len() - 1;
        (usize::from(new), &mut self.hours[last])
    }

    /// The last day, after `cell`.
    fn day(&mut self) -> &mut DayCell {
        let last = self.days.len() - 1;
        &mut self.days[last]
    }
}

fn event_of(body: &Body) -> &str {
    match body {
        Body::Event { name, .. } => name,
        Body::Profile { .. } => PROFILE,
        Body::Link
        | Body::Unlink
        | Body::Identity(_)
        | Body::Correction(_)
        | Body::Erasure(_)
        | Body::Relation(_) => LINK,
        Body::Item { .. } => ITEM,
    }
}

fn note_library(libraries: &mut Vec<Library>, name: &str, version: &str, at: Millis) {
    const CHARS_MAX: usize = 64;
    let find = |libraries: &[Library], name: &str, version: &str| {
        libraries.iter().position(|known| &*known.name == name && &*known.version == version)
    };
    let (name, version) = (crate::frame::cut(name, CHARS_MAX), crate::frame::cut(version, CHARS_MAX));
    let known = find(libraries, name, version);
    let full = known.is_none() && libraries.len() >= LIBRARIES_MAX - 1;
    let (name, version) = if full { (OTHER, "") } else { (name, version) };
    let place = known.or_else(|| find(libraries, name, version)).unwrap_or_else(|| {
        let (name, version) = (name.into(), version.into());
        libraries.push(Library { name, version, first_seen: at, last_seen: at, requests: 0 });
        libraries.len() - 1
    });
    let library = &mut libraries[place];
    library.last_seen = library.last_seen.max(at);
    library.requests += 1;
}
