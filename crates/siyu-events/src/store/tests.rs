//! The store against a plain `Vec`: random rows, merges, checkpoints, compactions
//! and crashes.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use siyu_types::value::ValueKind;
use siyu_types::{Identifier, PersonNo, Value};
use tempfile::TempDir;

use super::flat::{Flat, flatten, flatten_loose, reading};
use super::{Amendment, EventRow, EventStore, Moment, ScanRequest, StoreOptions, StoreState, TimelinePage};
use crate::block::Scan;
use crate::remap::Remap;

/// Numbers in three partitions.
const PEOPLE: [u32; 9] = [0, 1, 2, 3, 65_535, 65_536, 65_540, 131_072, 131_080];
const EVENTS: [&str; 4] = ["view", "click", "paid", "打开"];
const HINTS: [&[&str]; 4] = [&["view"], &["paid"], &["打开"], &["click", "paid"]];
const PROPERTIES: [&str; 5] = ["a", "b", "c", "d.e", "over"];

/// Person, time, event and properties, as indexes.
type Draft = (usize, i64, usize, Vec<(usize, Value)>);

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Draft>),
    /// A segment of few people: of all others nothing changes.
    Segment(Vec<Draft>),
    /// Further values for events, by their place and property.
    Amend(Vec<(usize, usize, Value)>),
    Merge(usize, usize),
    /// Takes the last merged number out again.
    Unmerge,
    Checkpoint,
    Compact,
    /// A round of what is kept ready.
    Ready,
    /// Opens the last committed state and replays what came after it.
    Crash,
    /// As a crash, but between the writing of files and the commit of their state.
    CrashBeforeCommit,
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (-4i32..5).prop_map(|number| Value::Number(f64::from(number) / 4.0)),
        3 => prop::sample::select(vec!["x", "", "12.5", "true", "长"]).prop_map(|text| Value::Text(text.into())),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => prop::collection::vec("[ab\"]{0,2}", 0..3).prop_map(Value::List),
        1 => Just(Value::Number(0.1 + 0.2)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let props = || prop::collection::vec((0..PROPERTIES.len(), value()), 0..4);
    let row = || (0..PEOPLE.len(), 0i64..20, 0..EVENTS.len(), props());
    prop_oneof![
        6 => prop::collection::vec(row(), 1..30).prop_map(Step::Append),
        3 => prop::collection::vec(row(), 1..3).prop_map(Step::Segment),
        2 => prop::collection::vec((0usize..60, 0..PROPERTIES.len(), value()), 1..6).prop_map(Step::Amend),
        2 => (0..PEOPLE.len(), 0..PEOPLE.len()).prop_map(|(a, b)| Step::Merge(a, b)),
        1 => Just(Step::Unmerge),
        3 => Just(Step::Checkpoint),
        2 => Just(Step::Compact),
        2 => Just(Step::Ready),
        1 => Just(Step::Crash),
        1 => Just(Step::CrashBeforeCommit),
    ]
}

/// What the caller's log holds beyond the last commit.
#[derive(Clone)]
enum Logged {
    Rows(Vec<EventRow>),
    Amendments(Vec<Amendment>),
}

/// The store, its twin, and what its caller keeps.
struct Twin {
    dir: TempDir,
    options: StoreOptions,
    store: EventStore,
    rows: Vec<EventRow>,
    remap: Remap,
    committed: Option<StoreState>,
    logged: Vec<Logged>,
    kinds: BTreeMap<String, ValueKind>,
}

fn open(dir: &Path, options: &StoreOptions, state: Option<&StoreState>) -> EventStore {
    EventStore::open(dir, options.clone(), state).expect("opens")
}

impl Twin {
    fn new(options: StoreOptions) -> Twin {
        let dir = tempfile::tempdir().expect("temp");
        let store = open(dir.path(), &options, None);
        let remap = Remap::alone(140_000);
        let (rows, logged) = (Vec::new(), Vec::new());
        Twin { dir, options, store, rows, remap, committed: None, logged, kinds: BTreeMap::new() }
    }

    /// Many others beside whom the people are few.
    fn crowd(&mut self) {
        let rows = (10..70).map(|number| self.row(number as usize - 10, number, 5, EVENTS[0], Vec::new()));
        let rows: Vec<EventRow> = rows.collect();
        self.rows.extend(rows.iter().cloned());
        self.log(Logged::Rows(rows));
        self.apply(Step::Checkpoint);
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Append(rows) => {
                let mut added = Vec::new();
                for (person, time, event, props) in rows {
                    let row = self.row(added.len(), PEOPLE[person], time, EVENTS[event], props);
                    added.push(row);
                }
                self.rows.extend(added.iter().cloned());
                self.log(Logged::Rows(added));
            }
            Step::Segment(rows) => {
                self.apply(Step::Append(rows));
                self.apply(Step::Checkpoint);
            }
            Step::Amend(values) => self.amend(values),
            Step::Merge(a, b) => {
                let (a, b) = (self.remap.person(PEOPLE[a]), self.remap.person(PEOPLE[b]));
                let mut numbers = [self.remap.take(a), self.remap.take(b)].concat();
                numbers.sort_unstable();
                numbers.dedup();
                self.remap.join(&numbers);
            }
            Step::Unmerge => {
                if let Some(number) = (0..140_000).rfind(|&number| self.remap.person(number) != number) {
                    let mut numbers = self.remap.take(self.remap.person(number));
                    numbers.retain(|own| *own != number);
                    self.remap.join(&numbers);
                    self.remap.join(&[number]);
                }
            }
            Step::Checkpoint => {
                let state = self.store.checkpoint().expect("writes");
                // The state must survive its way through the manifest.
                let text = serde_json::to_string(&state).expect("serialises");
                assert_eq!(serde_json::from_str::<StoreState>(&text).expect("reads"), state);
                self.store.retire(&state).expect("removes");
                self.committed = Some(state);
                self.logged.clear();
            }
            Step::Compact => drop(self.store.compact().expect("merges")),
            Step::Ready => drop(self.store.keep_ready(|with| with(&self.remap)).expect("a round")),
            Step::CrashBeforeCommit => {
                self.store.checkpoint().expect("writes");
                self.crash();
            }
            Step::Crash => self.crash(),
        }
    }

    fn log(&mut self, logged: Logged) {
        self.logged.push(logged.clone());
        match logged {
            Logged::Rows(rows) => self.store.append(rows).expect("appends"),
            Logged::Amendments(amendments) => {
                self.store.amend(&amendments).expect("amends");
                // A caller that is not sure does it again.
                self.store.amend(&amendments).expect("amends again");
            }
        }
    }

    fn amend(&mut self, values: Vec<(usize, usize, Value)>) {
        let mut amendments: BTreeMap<usize, Amendment> = BTreeMap::new();
        for (at, property, value) in values {
            let Some(at) = at.checked_rem(self.rows.len()) else { return };
            let row = &mut self.rows[at];
            let fresh = || Amendment { person: row.person, seq: row.seq, props: BTreeMap::new() };
            let amendment = amendments.entry(at).or_insert_with(fresh);
            amendment.props.insert(PROPERTIES[property].to_owned(), value.clone());
            row.props.insert(PROPERTIES[property].to_owned(), value);
        }
        let amendments: Vec<Amendment> = amendments.into_values().collect();
        for (name, value) in amendments.iter().flat_map(|amendment| &amendment.props) {
            if self.kinds.len() < self.options.columns_max && !self.kinds.contains_key(name) {
                self.kinds.insert(name.clone(), value.kind());
            }
        }
        self.log(Logged::Amendments(amendments));
    }

    fn crash(&mut self) {
        self.store = open(self.dir.path(), &self.options, self.committed.as_ref());
        let named = self.store.stats().segments as usize;
        let files = std::fs::read_dir(self.dir.path()).expect("readable");
        let files = files.filter(|file| {
            file.as_ref().expect("readable").path().extension().is_some_and(|e| e == "parquet")
        });
        assert_eq!(files.count(), named, "leftovers are removed");
        for logged in std::mem::take(&mut self.logged) {
            self.log(logged);
        }
    }

    fn row(
        &mut self,
        ahead: usize,
        person: u32,
        time: i64,
        name: &str,
        props: Vec<(usize, Value)>,
    ) -> EventRow {
        let seq = (self.rows.len() + ahead) as u64;
        let props: BTreeMap<String, Value> =
            props.into_iter().map(|(index, value)| (PROPERTIES[index].to_owned(), value)).collect();
        for (name, value) in &props {
            if self.kinds.len() < self.options.columns_max && !self.kinds.contains_key(name) {
                self.kinds.insert(name.clone(), value.kind());
            }
        }
        EventRow {
            person: PersonNo(person),
            time,
            seq,
            name: name.to_owned(),
            props,
            ids: vec![Identifier::new("device", format!("d{}", seq % 3))],
            source: format!("source {}", seq % 2),
            received_at: time + (seq % 5) as i64 - 2,
        }
    }

    fn check(&self, columns: &[&str]) {
        let scan = self.scan(columns, None);
        let mut expected = self.expected(columns);
        assert_eq!(flatten(&scan, columns), expected);
        expected.sort_by_key(Flat::text);
        assert_eq!(flatten_loose(&scan, columns), expected);
        // A hint leaves out nothing of what it names, whatever was asked before.
        for events in HINTS {
            let named = |flat: &Flat| events.contains(&flat.event.as_str());
            let scan = self.scan(columns, Some(events));
            let found = flatten(&scan, columns);
            let (found, expected) = (found.into_iter().filter(named), self.expected(columns));
            let mut expected: Vec<Flat> = expected.into_iter().filter(named).collect();
            assert!(found.eq(expected.iter().cloned()), "{events:?}");
            expected.sort_by_key(Flat::text);
            let loose = flatten_loose(&scan, columns);
            assert!(loose.into_iter().filter(named).eq(expected), "{events:?}");
        }
    }

    fn scan(&self, columns: &[&str], events: Option<&[&str]>) -> Scan {
        let request = ScanRequest { columns, events, from: None, to: None, remap: &self.remap };
        self.store.scan(&request).expect("scans")
    }

    fn expected(&self, columns: &[&str]) -> Vec<Flat> {
        let mut expected: Vec<Flat> = self.rows.iter().map(|row| self.flat(row, columns)).collect();
        expected.sort_by_key(|flat| (flat.person, flat.time, flat.seq));
        expected.iter_mut().for_each(|flat| flat.seq = 0);
        expected
    }

    fn flat(&self, row: &EventRow, columns: &[&str]) -> Flat {
        let value = |name: &&str| reading(*self.kinds.get(*name)?, row.props.get(*name)?);
        Flat {
            person: self.remap.person(row.person.0),
            time: row.time,
            seq: row.seq,
            event: row.name.clone(),
            values: columns.iter().map(value).collect(),
        }
    }

    fn check_timelines(&self, limit: usize) {
        let mut people: Vec<u32> = PEOPLE.iter().map(|&number| self.remap.person(number)).collect();
        people.dedup();
        for person in people {
            let numbers: Vec<u32> =
                PEOPLE.into_iter().filter(|&number| self.remap.person(number) == person).collect();
            let mut expected: Vec<&EventRow> =
                self.rows.iter().filter(|row| numbers.contains(&row.person.0)).collect();
            expected.sort_by_key(|row| std::cmp::Reverse((row.time, row.seq)));
            let mut page = TimelinePage { before: None, limit };
            let mut found = Vec::new();
            loop {
                let rows = self.store.person(&numbers, page).expect("reads");
                let Some(last) = rows.last() else { break };
                assert!(rows.len() <= limit);
                page.before = Some((last.time, last.seq));
                found.extend(rows);
            }
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "person {person}");
            let timeline = self.store.timeline(&numbers).expect("reads");
            let names = timeline.moments().iter().map(|moment| timeline.name(moment.event));
            assert!(names.eq(expected.iter().map(|row| row.name.as_str())), "person {person}");
            // Rows far from each other, as when one kind of event is looked at.
            let some: Vec<Moment> = timeline.moments().iter().copied().step_by(3).collect();
            let rows = timeline.read(&some).expect("reads");
            assert!(rows.iter().eq(expected.into_iter().step_by(3)), "person {person}");
        }
    }

    fn check_catalog(&self) {
        for name in self.store.event_names() {
            let times = || self.rows.iter().filter(|row| row.name == name.name).map(|row| row.time);
            assert_eq!(name.count, times().count() as u64, "{}", name.name);
            assert_eq!((Some(name.first_seen), Some(name.last_seen)), (times().min(), times().max()));
            for property in self.store.properties(&name.name) {
                let rows = self.rows.iter().filter(|row| row.name == name.name);
                let count = rows.filter(|row| row.props.contains_key(&property.name)).count();
                assert_eq!(property.count, count as u64);
                assert!(self.kinds.get(&property.name).is_none_or(|kind| *kind == property.kind));
            }
        }
        assert_eq!(self.store.stats().events, self.rows.len() as u64);
    }
}

fn options(cache_bytes: usize, group_rows: usize, columns_max: usize) -> StoreOptions {
    StoreOptions { cache_bytes, columns_max, group_rows, segments_max: 2, ..StoreOptions::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn behaves_like_a_vec(
        steps in prop::collection::vec(step(), 1..16),
        cache_bytes in prop::sample::select(vec![0usize, 2_000, 1 << 20]),
        group_rows in prop::sample::select(vec![3usize, 1000]),
        columns_max in 3usize..6,
        limit in 1usize..9,
        in_a_crowd in any::<bool>(),
    ) {
        let mut twin = Twin::new(options(cache_bytes, group_rows, columns_max));
        if in_a_crowd {
            twin.crowd();
        }
        for step in steps {
            twin.apply(step);
            twin.check(&["b"]);
            twin.check(&PROPERTIES);
        }
        twin.check_timelines(limit);
        twin.check_catalog();
        twin.apply(Step::Crash);
        twin.check(&PROPERTIES);
        twin.check_catalog();
    }
}

#[test]
fn what_was_warmed_is_not_read_again() {
    let mut twin = two_segments();
    twin.apply(Step::Merge(0, 1));
    for _ in 0..2 {
        let warm = || twin.store.warm(&["a"], &["view", "paid"]).expect("reads");
        let before = warm().expect("nothing is held yet");
        assert_eq!(flatten(&before, &[]).len(), 20);
        assert!(warm().is_none(), "all of it is held");
        let held = twin.store.cache.bytes();
        twin.scan(&["a"], Some(&["view", "paid"]));
        assert_eq!(twin.store.cache.bytes(), held, "the scan read nothing more");
        assert!(
            twin.store.warm(&["a", "b"], &["view", "paid"]).expect("reads").is_some(),
            "a further column"
        );
        twin.apply(Step::Crash);
    }
}

/// Two checkpoints: `view` on days 0–9, `paid` on days 100–109.
fn two_segments() -> Twin {
    let mut twin = Twin::new(options(1 << 20, 1000, 10));
    for (event, base) in [(0, 0), (2, 100)] {
        let row = |day: i64| {
            let channel = ["b", "aa", "ab"][(day % 3) as usize];
            (
                0,
                base + day,
                event,
                vec![(0, Value::Text(channel.into())), (1, Value::Number(day as f64 / 2.0))],
            )
        };
        twin.apply(Step::Append((0..10).map(row).collect()));
        twin.apply(Step::Checkpoint);
    }
    twin
}

#[test]
fn hints_leave_out_only_what_they_say() {
    let twin = two_segments();
    type Case<'a> = (Option<&'a [&'a str]>, Option<i64>, Option<i64>, &'a [i64]);
    let cases: [Case<'_>; 7] = [
        (None, None, None, &[0, 100]),
        (Some(&["view"]), None, None, &[0]),
        (Some(&["view", "paid"]), None, None, &[0, 100]),
        (Some(&["never seen"]), None, None, &[]),
        (None, Some(50), None, &[100]),
        (None, None, Some(100), &[0]),
        (None, Some(109), Some(110), &[100]),
    ];
    for (events, from, to, bases) in cases {
        let request = ScanRequest { columns: &[], events, from, to, remap: &twin.remap };
        let rows = flatten(&twin.store.scan(&request).expect("scans"), &[]);
        let times: Vec<i64> = rows.iter().map(|row| row.time).collect();
        let expected: Vec<i64> = bases.iter().flat_map(|base| *base..base + 10).collect();
        assert_eq!(times, expected, "{events:?} {from:?} {to:?}");
    }
}

#[test]
fn values_by_frequency_and_prefix() {
    let twin = two_segments();
    let values =
        |property, prefix, limit| twin.store.values("view", property, prefix, limit).expect("counts");
    let pair = |value: &str, count| (value.to_owned(), count);
    assert_eq!(values("a", "", 9), [pair("b", 4), pair("aa", 3), pair("ab", 3)]);
    assert_eq!(values("a", "a", 1), [pair("aa", 3)]);
    assert_eq!(values("b", "4.", 9), [pair("4.5", 1)]);
    assert_eq!(values("none", "", 9), []);
}

#[test]
fn compaction_leaves_one_segment_and_old_files_until_retired() {
    let mut twin = two_segments();
    let old = twin.committed.clone().expect("committed");
    let report = twin.store.compact().expect("merges");
    assert_eq!((report.partitions, report.segments_before, report.segments_after), (1, 2, 1));
    // The old state is still the committed one, so its files must still open.
    twin.store.retire(&old).expect("keeps");
    let check = open(twin.dir.path(), &twin.options, Some(&old));
    assert_eq!(check.stats().segments, 2);
    drop(check);
    // Opening the old state removed the merged file as a leftover: merge again.
    twin.crash();
    twin.store.compact().expect("merges");
    twin.apply(Step::Checkpoint);
    twin.crash();
    assert_eq!(twin.store.stats().segments, 1);
    twin.check(&PROPERTIES);
}

#[test]
fn without_a_state_files_are_set_aside_not_removed() {
    let twin = two_segments();
    let store = open(twin.dir.path(), &twin.options, None);
    assert_eq!(store.stats().events, 0);
    let aside = std::fs::read_dir(twin.dir.path().join("unclaimed")).expect("there");
    assert_eq!(aside.count(), 2);
}
