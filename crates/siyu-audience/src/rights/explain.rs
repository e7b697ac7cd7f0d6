//! What programs decided about a person, and why: values of tags, groups they are in;
//! what those above decided, such as messages, they tell themselves.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use siyu_types::clock::Millis;
use siyu_types::condition::Condition;
use siyu_types::{PersonNo, Result, Value, calendar};

use super::model::{Decision, DecisionKind, Subject, Text};
use super::reasons::{self, LookedAt};
use crate::people::People;
use crate::projects::{Definitions, KnownSegment, KnownTag, Named, Project};
use crate::segments::SegmentKind;
use crate::tags::{Definition, RFM_CLASSES};

/// How the classes of RFM are called, as the console does, in the order of [`RFM_CLASSES`].
const CLASS_NAMES: [(&str, &str); 8] = [
    ("一般挽留", "Retain"),
    ("重要挽留", "Important, retain"),
    ("一般保持", "Keep"),
    ("重要保持", "Important, keep"),
    ("一般发展", "Develop"),
    ("重要发展", "Important, develop"),
    ("一般价值", "Valuable"),
    ("重要价值", "Important, valuable"),
];

/// How often and when last a person did something, by the name of the event.
type Counts = HashMap<String, (u64, Millis)>;

/// The values of tags and the groups of a person as they are now.
pub(super) fn decisions(project: &Project, subject: &Subject, now: Millis) -> Result<Vec<Decision>> {
    let definitions = project.definitions();
    let counts = counts(project, subject)?;
    let people = project.people.read();
    let (person, zone) = (subject.person, project.zone());
    let known = Known { people: &people, person, definitions: &definitions, counts, zone, now };
    let tags = definitions.tags.iter().filter_map(|(id, tag)| known.tag(*id, tag));
    let member = |id: &i64| people.members(*id).is_some_and(|m| m.people().contains(subject.person.0));
    let segments = definitions.segments.iter().filter(|(id, _)| member(id));
    Ok(tags.chain(segments.map(|(id, segment)| known.segment(*id, segment))).collect())
}

fn counts(project: &Project, subject: &Subject) -> Result<Counts> {
    let timeline = project.events.timeline(&subject.numbers)?;
    let mut by_code: HashMap<u16, (u64, Millis)> = HashMap::new();
    for moment in timeline.moments() {
        let count = by_code.entry(moment.event).or_insert((0, moment.time));
        *count = (count.0 + 1, count.1.max(moment.time));
    }
    Ok(by_code.into_iter().map(|(code, count)| (timeline.name(code).to_owned(), count)).collect())
}

struct Known<'a> {
    people: &'a People,
    person: PersonNo,
    definitions: &'a Definitions,
    counts: Counts,
    zone: TimeZone,
    now: Millis,
}

impl Known<'_> {
    fn tag(&self, id: i64, tag: &KnownTag) -> Option<Decision> {
        let value = self.people.tag_value(self.person, id)?;
        let mut looked = LookedAt::default();
        let why = match &tag.definition {
            Definition::Attribute(params) => {
                looked.attributes.push(params.attribute.clone());
                let name = &params.attribute;
                match params.buckets {
                    None => Text::new(
                        format!("与属性“{name}”相同"),
                        format!("the same as the attribute “{name}”"),
                    ),
                    Some(_) => Text::new(format!("属性“{name}”所在的区间"), format!("the range of “{name}”")),
                }
            }
            Definition::Rule(params) => {
                let rule = params.values.iter().find(|rule| Value::Text(rule.value.clone()) == value);
                rule.iter().for_each(|rule| looked.by(&rule.condition));
                match rule {
                    Some(rule) => {
                        reasons::condition(&rule.condition, self.definitions, self.people.relations())
                    }
                    None => Text::new("其他各项规则都不满足", "none of the other rules holds"),
                }
            }
            Definition::Rfm(params) => {
                looked.events.push(params.event.clone());
                rfm(&params.event, params.cuts.is_some())
            }
            Definition::Given(params) => match &params.column {
                Some(column) => Text::new(
                    format!("一次查询的结果，取自“{column}”列"),
                    format!("the result of a query, from its column “{column}”"),
                ),
                None => Text::new("在一次查询的结果里", "in the result of a query"),
            },
        };
        Some(Decision {
            kind: DecisionKind::Tag,
            id,
            name: tag.display.clone(),
            outcome: outcome(&value),
            at: None,
            automated: self.assesses(Named::Tag(id)),
            why,
            facts: self.facts(&looked),
        })
    }

    fn segment(&self, id: i64, segment: &KnownSegment) -> Decision {
        let chosen_by_hand = segment.kind != SegmentKind::Dynamic;
        let mut looked = LookedAt::default();
        let why = if chosen_by_hand {
            Text::new("由工作人员选定的固定名单", "a fixed list that members of the team chose")
        } else {
            looked.by(&segment.condition);
            reasons::condition(&segment.condition, self.definitions, self.people.relations())
        };
        Decision {
            kind: DecisionKind::Segment,
            id,
            name: segment.name.clone(),
            outcome: Text::new("属于该人群", "is a member"),
            at: None,
            automated: !chosen_by_hand && self.assesses(Named::Segment(id)),
            why,
            facts: self.facts(&looked),
        }
    }

    /// Whether it, or what it names, assesses people by what they did.
    fn assesses(&self, named: Named) -> bool {
        self.definitions.in_order([named]).iter().any(|named| match named {
            Named::Tag(id) => self.definitions.tags.get(id).is_some_and(|tag| tag.definition.assesses()),
            Named::Segment(_) => false,
        })
    }

    /// The day of an instant where the project is.
    fn day(&self, at: Millis) -> String {
        calendar::local_date(at, &self.zone).to_string()
    }

    /// What is known of the person that a rule looks at.
    fn facts(&self, looked: &LookedAt) -> Vec<Text> {
        let mut facts = Vec::new();
        for name in &looked.attributes {
            let value = self.people.value(self.person, name).map(|value| value.display());
            let (zh, en) =
                (value.clone().unwrap_or_else(|| "无".into()), value.unwrap_or_else(|| "none".into()));
            facts.push(Text::new(format!("{name}：{zh}"), format!("{name}: {en}")));
        }
        for id in &looked.tags {
            let Some(tag) = self.definitions.tags.get(id) else { continue };
            let value = self.people.tag_value(self.person, *id);
            let none = || Text::new("无", "none");
            let told = value.as_ref().map_or_else(none, outcome);
            let name = &tag.display;
            facts.push(Text::new(format!("标签“{name}”：{}", told.zh), format!("tag “{name}”: {}", told.en)));
        }
        for name in &looked.events {
            facts.push(match self.counts.get(name) {
                Some((count, last)) => {
                    let last = self.day(*last);
                    let times = if *count == 1 { "once".to_owned() } else { format!("{count} times in all") };
                    Text::new(
                        format!("“{name}”共 {count} 次，最近一次在 {last}"),
                        format!("“{name}” happened {times}, last on {last}"),
                    )
                }
                None => Text::new(format!("“{name}”从未发生"), format!("“{name}” never happened")),
            });
        }
        for (kind, side) in &looked.relations {
            let relations = self.people.relations();
            let Some(code) = relations.kind_code(kind) else { continue };
            let count = relations.others(code, *side, self.person.0, self.now, self.people.remap()).len();
            let (zh, en) = relations.called(kind, side.opposite());
            facts.push(Text::new(format!("“{zh}”：{count} 人"), format!("“{en}”: {count} people")));
        }
        facts
    }
}

fn outcome(value: &Value) -> Text {
    let text = value.display();
    let class = RFM_CLASSES.iter().position(|class| *class == text);
    class.map_or_else(
        || Text::new(text.clone(), text.clone()),
        |at| {
            let (zh, en) = CLASS_NAMES[at];
            Text::new(zh, en)
        },
    )
}

fn rfm(event: &str, cuts: bool) -> Text {
    let (zh, en) = match cuts {
        true => ("与设定的界限比较", "compared with set limits"),
        false => ("与所有购买者比较", "compared with all buyers"),
    };
    Text::new(
        format!("按“{event}”的最近时间、次数和金额计算，{zh}"),
        format!("computed from how recently, how often and for how much “{event}” happened, {en}"),
    )
}

/// Everything a condition looks at, for those above who chose by one.
pub fn why(project: &Project, condition: &Condition) -> Text {
    reasons::condition(condition, &project.definitions(), project.people.read().relations())
}
