//! Reading scripts.

use siyu_types::Identifier;
use siyu_types::record::Evidence;

use super::super::conflicts::ConflictKind;

/// A script.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    pub title_zh: String,
    pub title_en: String,
    /// What it is about, in a sentence or two.
    pub why_zh: String,
    pub why_en: String,
    pub lines: Vec<Line>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    pub text: String,
    pub verb: Verb,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Verb {
    Day(u32),
    Record {
        evidence: Evidence,
        times: u32,
        ids: Vec<Identifier>,
        whose: Option<Identifier>,
    },
    Unbind(Vec<Identifier>),
    Merge(Identifier, Identifier),
    /// The first identifier's person loses all of them.
    Split(Vec<Identifier>),
    Undo,
    One(Vec<Identifier>),
    Apart(Vec<Identifier>),
    Shared(Identifier),
    Former(Identifier),
    Conflict(ConflictKind),
}

/// An identifier with the number of the round in the place of `{n}`.
pub fn counted(id: &Identifier, round: u32) -> Identifier {
    Identifier::new(&id.namespace, id.value.replace("{n}", &round.to_string()))
}

/// Reads a script; the answer to a bad one names its line.
pub fn parse(text: &str) -> Result<Case, String> {
    let mut case = Case {
        title_zh: String::new(),
        title_en: String::new(),
        why_zh: String::new(),
        why_en: String::new(),
        lines: Vec::new(),
    };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let titles = [
            ("标题 ", &mut case.title_zh),
            ("title ", &mut case.title_en),
            ("说明 ", &mut case.why_zh),
            ("why ", &mut case.why_en),
        ];
        match titles.into_iter().find_map(|(word, place)| Some((line.strip_prefix(word)?, place))) {
            Some((rest, place)) => rest.trim().clone_into(place),
            None => {
                let verb = verb(line).ok_or_else(|| line.to_owned())?;
                case.lines.push(Line { text: line.to_owned(), verb });
            }
        }
    }
    Ok(case)
}

fn verb(line: &str) -> Option<Verb> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    if word == "times" {
        let (count, rest) = rest.split_once(' ')?;
        let (word, rest) = rest.split_once(' ')?;
        return record(word, rest, count.parse().ok()?);
    }
    Some(match word {
        "seen" | "bind" => return record(word, rest, 1),
        "day" => Verb::Day(rest.parse().ok()?),
        "unbind" => Verb::Unbind(ids(rest)?),
        "split" => Verb::Split(ids(rest)?),
        "undo" => Verb::Undo,
        "one" => Verb::One(ids(rest)?),
        "apart" => Verb::Apart(ids(rest)?),
        "shared" => Verb::Shared(id(rest)?),
        "former" => Verb::Former(id(rest)?),
        "conflict" => {
            let kind = serde_json::Value::String(rest.to_owned());
            Verb::Conflict(serde_json::from_value(kind).ok()?)
        }
        "merge" => match ids(rest)?.as_slice() {
            [one, other] => Verb::Merge(one.clone(), other.clone()),
            _ => return None,
        },
        _ => return None,
    })
}

fn record(word: &str, rest: &str, times: u32) -> Option<Verb> {
    let evidence = super::evidence(word)?;
    let (said, whose) = match rest.split_once("=>") {
        Some((said, whose)) => (said, Some(id(whose.trim())?)),
        None => (rest, None),
    };
    Some(Verb::Record { evidence, times, ids: ids(said)?, whose })
}

fn ids(text: &str) -> Option<Vec<Identifier>> {
    let ids: Option<Vec<_>> = text.split_whitespace().map(id).collect();
    ids.filter(|ids| !ids.is_empty())
}

fn id(word: &str) -> Option<Identifier> {
    let (namespace, value) = word.split_once('=')?;
    Some(Identifier::new(namespace, value))
}
