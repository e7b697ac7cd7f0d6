//! Cases as text files that anyone can read and add to. One line is one fact:
//!
//! ```text
//! # what the case shows
//! zone Asia/Shanghai
//! as_of 2026-11-30T00:00
//! query {"steps":[{"event":"a"},{"event":"b"}], …}
//! person 1 {"city":"上海"}
//! event 1 2026-11-02T13:00 a {"channel":"wx"}
//! expect whole 1 1
//! ```
//!
//! Times without `Z` are local times of the zone; events stand in arrival order;
//! everybody with an event is alive. Anything else is read by the analysis' test.

use std::path::Path;

use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use siyu_types::analysis::Group;
use siyu_types::clock::Millis;
use siyu_types::value::props_from_json;

use super::{Event, World};

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) world: World,
    lines: Vec<(String, String)>,
}

impl Case {
    /// The rest of every line that starts with a word.
    pub(crate) fn lines<'c>(&'c self, word: &'c str) -> impl Iterator<Item = &'c str> {
        self.lines.iter().filter(move |(first, _)| first == word).map(|(_, rest)| rest.as_str())
    }

    pub(crate) fn query<Q: DeserializeOwned>(&self) -> Q {
        let text = self.lines("query").next().unwrap_or_else(|| panic!("{}: no query", self.name));
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// Runs every case of a folder; a folder without cases is an error.
pub(crate) fn each(folder: &str, run: impl Fn(&Case)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(&folder).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no cases in {}", folder.display());
    for path in paths {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        run(&parse(name, &std::fs::read_to_string(&path).expect("readable")));
    }
}

/// A case that stands in a test itself.
pub(crate) fn inline(text: &str) -> Case {
    parse("inline".to_owned(), text)
}

/// The world of such a case.
pub(crate) fn world(text: &str) -> World {
    parse("inline".to_owned(), text).world
}

fn parse(name: String, text: &str) -> Case {
    let mut world = World::new("Asia/Shanghai");
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "zone" => world.zone = siyu_types::calendar::zone(rest).expect("a known zone"),
            "as_of" => world.as_of = instant(rest, &world.zone),
            "person" => person(&mut world, rest),
            "event" => event(&mut world, rest),
            "segment" => {
                let mut numbers = rest.split_whitespace().map(|word| word.parse::<u32>().expect("a number"));
                let id = numbers.next().expect("a segment's id");
                world.segments.insert(i64::from(id), numbers.collect());
            }
            _ => lines.push((word.to_owned(), rest.to_owned())),
        }
    }
    Case { name, world, lines }
}

fn instant(text: &str, zone: &TimeZone) -> Millis {
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return timestamp.as_millisecond();
    }
    let local: jiff::civil::DateTime = text.parse().unwrap_or_else(|_| panic!("{text} is no time"));
    local.to_zoned(zone.clone()).expect("a time of this zone").timestamp().as_millisecond()
}

/// `1 {"city":"x"}`
fn person(world: &mut World, rest: &str) {
    let (number, json) = rest.split_once(' ').unwrap_or((rest, "{}"));
    let number = number.parse().expect("a person's number");
    world.living.insert(number);
    for (name, value) in props_from_json(serde_json::from_str(json).expect("attributes")) {
        world.attributes.entry(name).or_default().insert(number, value);
    }
}

/// `1 2026-11-02T13:00 a {"channel":"wx"}`
fn event(world: &mut World, rest: &str) {
    let mut words = rest.splitn(4, ' ');
    let mut word = || words.next().map(str::trim);
    let person = word().and_then(|word| word.parse().ok()).expect("a person's number");
    let time = instant(word().expect("a time"), &world.zone);
    let name = word().expect("an event").to_owned();
    let props = props_from_json(serde_json::from_str(word().unwrap_or("{}")).expect("properties"));
    world.living.insert(person);
    world.events.push(Event { person, time, name, props });
}

/// `whole 1 2 3` → the group and `1 2 3`; also `value=x`, `missing`, `other`.
pub(crate) fn group_and_rest(line: &str) -> (Group, &str) {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let group = match word {
        "whole" => Group::Whole,
        "missing" => Group::Missing,
        "other" => Group::Other,
        "not_reached" => Group::NotReached,
        // `several==wx|-`: one part after another, each a value or nothing.
        _ if word.starts_with("several=") => {
            let part = |part: &str| match part.strip_prefix('=') {
                Some(value) => Group::Value { value: value.to_owned() },
                None => Group::Missing,
            };
            Group::Several { of: word["several=".len()..].split('|').map(part).collect() }
        }
        _ => {
            let value = word.strip_prefix("value=").unwrap_or_else(|| panic!("{word} is no group"));
            Group::Value { value: value.to_owned() }
        }
    };
    (group, rest.trim())
}

pub(crate) fn group_text(group: &Group) -> String {
    match group {
        Group::Whole => "whole".to_owned(),
        Group::Missing => "missing".to_owned(),
        Group::Other => "other".to_owned(),
        Group::NotReached => "not_reached".to_owned(),
        Group::Value { value } => format!("value={value}"),
        Group::Several { of } => {
            let part = |group: &Group| match group {
                Group::Value { value } => format!("={value}"),
                _ => "-".to_owned(),
            };
            format!("several={}", of.iter().map(part).collect::<Vec<_>>().join("|"))
        }
    }
}

pub(crate) fn spaced<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

/// Milliseconds as seconds, `-` for none.
pub(crate) fn seconds(millis: Option<f64>) -> String {
    millis.map_or("-".to_owned(), |millis| (millis / 1_000.0).to_string())
}
