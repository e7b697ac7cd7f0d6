//! Conditions as sentences in Chinese and English, so that a person can be told why a
//! program decided something about them.

use siyu_types::analysis::DateRange;
use siyu_types::condition::{Compare, Condition, EventCondition, PersonMeasure, PropertyFilter, Test};
use siyu_types::order::{OrderCondition, OrderMeasure};
use siyu_types::record::names::ORDER_EVENTS;
use siyu_types::relation::{RelatedWith, RelationCondition, RelationSide};
use siyu_types::{ItemField, Value};

use super::model::Text;
use crate::projects::Definitions;
use crate::relations::Relations;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tongue {
    Zh,
    En,
}

/// A condition in both languages.
pub fn condition(condition: &Condition, definitions: &Definitions, relations: &Relations) -> Text {
    let say = |tongue| Sentence { tongue, definitions, relations }.condition(condition, false);
    Text::new(say(Tongue::Zh), say(Tongue::En))
}

struct Sentence<'a> {
    tongue: Tongue,
    definitions: &'a Definitions,
    relations: &'a Relations,
}

impl Sentence<'_> {
    fn pick(&self, zh: &str, en: &str) -> String {
        if self.tongue == Tongue::Zh { zh.to_owned() } else { en.to_owned() }
    }

    fn condition(&self, condition: &Condition, inside: bool) -> String {
        match condition {
            Condition::All { of } if of.is_empty() => self.pick("所有人", "everybody"),
            Condition::Any { of } if of.is_empty() => self.pick("没有人", "nobody"),
            Condition::All { of } => self.joined(of, ("，且", ", and "), inside),
            Condition::Any { of } => self.joined(of, ("，或", ", or "), inside),
            Condition::Not { of } => {
                let inner = self.condition(of, true);
                self.pick(&format!("不满足：{inner}"), &format!("not: {inner}"))
            }
            Condition::Attribute { name, test } => {
                let said = self.test(test);
                self.pick(&format!("属性“{name}”{said}"), &format!("attribute “{name}” {said}"))
            }
            Condition::Tag { tag, test } => {
                let name = self.definitions.tags.get(tag).map_or("?", |tag| tag.display.as_str());
                let said = self.test(test);
                self.pick(&format!("标签“{name}”{said}"), &format!("tag “{name}” {said}"))
            }
            Condition::Segment { segment } => {
                let name = self.definitions.segments.get(segment).map_or("?", |s| s.name.as_str());
                self.pick(&format!("属于人群“{name}”"), &format!("a member of the segment “{name}”"))
            }
            Condition::Event(event) => self.event(event),
            Condition::Order(orders) => self.orders(orders),
            Condition::Relation(relation) => self.relation(relation),
        }
    }

    /// Others are told by what they are, and never who they are.
    fn relation(&self, relation: &RelationCondition) -> String {
        let RelationCondition { relation: kind, side, with, compare, value } = relation;
        let (zh, en) = self.relations.called(kind, side.opposite());
        let with = match with {
            RelatedWith::Anybody => String::new(),
            RelatedWith::People { numbers } => {
                let count = numbers.len();
                self.pick(&format!("（限选定的 {count} 人）"), &format!(" among {count} chosen people"))
            }
            RelatedWith::Segment { segment } => {
                let name = self.definitions.segments.get(segment).map_or("?", |s| s.name.as_str());
                self.pick(&format!("（限人群“{name}”）"), &format!(" among members of the segment “{name}”"))
            }
        };
        let compared = self.compare(*compare, *value);
        self.pick(
            &format!("“{zh}”{with}的人数{compared}"),
            &format!("the number of people related as “{en}”{with} {compared}"),
        )
    }

    fn joined(&self, of: &[Condition], (zh, en): (&str, &str), inside: bool) -> String {
        let parts: Vec<String> = of.iter().map(|part| self.condition(part, true)).collect();
        let joined = parts.join(&self.pick(zh, en));
        match inside && parts.len() > 1 {
            true => self.pick(&format!("（{joined}）"), &format!("({joined})")),
            false => joined,
        }
    }

    fn event(&self, event: &EventCondition) -> String {
        let EventCondition { event: name, filters, window, measure, compare, value } = event;
        let window = self.window(window);
        let with = self.filters(filters);
        let never = matches!(measure, PersonMeasure::Count) && *compare == Compare::Equal && *value == 0.0;
        if never {
            return self.pick(
                &format!("{window}没有做过“{name}”{with}"),
                &format!("did not do “{name}”{with} {window}"),
            );
        }
        let compared = self.compare(*compare, *value);
        let measured = self.measure(measure);
        match self.tongue {
            Tongue::Zh => format!("{window}“{name}”{with}的{measured}{compared}"),
            Tongue::En => format!("{measured} of “{name}”{with} {window} {compared}"),
        }
    }

    /// The conditions on properties, with what stands around them; nothing if there are none.
    fn filters(&self, filters: &[PropertyFilter]) -> String {
        let told = |filter: &PropertyFilter| {
            let said = self.test(&filter.test);
            let name = match &filter.item {
                None => filter.property.clone(),
                Some(ItemField::Attribute { item_type, name }) => format!("{item_type}.{name}"),
                Some(ItemField::Tags { item_type }) => format!("{item_type}.tags"),
            };
            self.pick(&format!("{name}{said}"), &format!("{name} {said}"))
        };
        if filters.is_empty() {
            return String::new();
        }
        let all = filters.iter().map(told).collect::<Vec<_>>().join(&self.pick("、", " and "));
        self.pick(&format!("（{all}）"), &format!(" with {all}"))
    }

    fn orders(&self, orders: &OrderCondition) -> String {
        let OrderCondition { filters, window, measure, compare, value } = orders;
        let (window, with) = (self.window(window), self.filters(filters));
        let (zh, en) = match measure {
            OrderMeasure::Count => ("单数（不含全额退款）", "the number of orders not fully refunded"),
            OrderMeasure::Net => ("净消费额", "the net amount of orders"),
            OrderMeasure::Paid => ("支付额", "the amount paid for orders"),
            OrderMeasure::Refunded => ("退款额", "the amount refunded of orders"),
            OrderMeasure::Average => ("平均每单净额", "the average net amount of orders"),
            OrderMeasure::DaysSinceLast => ("距最近一单的天数", "the days since the last order"),
            OrderMeasure::DaysSinceFirst => ("距首单的天数", "the days since the first order"),
        };
        let compared = self.compare(*compare, *value);
        self.pick(&format!("{window}订单{with}的{zh}{compared}"), &format!("{en}{with} {window} {compared}"))
    }

    fn measure(&self, measure: &PersonMeasure) -> String {
        let of = |zh: &str, en: &str, property: &str| {
            self.pick(&format!("“{property}”{zh}"), &format!("{en} of “{property}”"))
        };
        match measure {
            PersonMeasure::Count => self.pick("次数", "the number"),
            PersonMeasure::Days => self.pick("天数", "the number of days"),
            PersonMeasure::Sum { property } => of("合计", "the sum", property),
            PersonMeasure::Avg { property } => of("平均", "the average", property),
            PersonMeasure::Min { property } => of("最小值", "the smallest value", property),
            PersonMeasure::Max { property } => of("最大值", "the largest value", property),
            PersonMeasure::Distinct { property } => {
                of("不同值的个数", "the number of different values", property)
            }
        }
    }

    fn compare(&self, compare: Compare, value: f64) -> String {
        let value = Value::Number(value).display();
        let (zh, en) = match compare {
            Compare::Equal => ("等于", "is"),
            Compare::NotEqual => ("不等于", "is not"),
            Compare::Less => ("小于", "is less than"),
            Compare::AtMost => ("不超过", "is at most"),
            Compare::More => ("大于", "is more than"),
            Compare::AtLeast => ("至少为", "is at least"),
        };
        self.pick(&format!("{zh} {value}"), &format!("{en} {value}"))
    }

    fn test(&self, test: &Test) -> String {
        /// Values told of a long list.
        const TOLD: usize = 10;
        let list = |values: &[Value]| {
            let told: Vec<String> = values.iter().take(TOLD).map(Value::display).collect();
            let more = if values.len() > TOLD { "…" } else { "" };
            told.join(&self.pick("、", ", ")) + more
        };
        match test {
            Test::Is { values } => {
                let values = list(values);
                self.pick(&format!("是 {values}"), &format!("is {values}"))
            }
            Test::IsNot { values } => {
                let values = list(values);
                self.pick(&format!("不是 {values}"), &format!("is not {values}"))
            }
            Test::Contains { value } => self.pick(&format!("包含 {value}"), &format!("contains {value}")),
            Test::NotContains { value } => {
                self.pick(&format!("不包含 {value}"), &format!("does not contain {value}"))
            }
            Test::Number { compare, value } => self.compare(*compare, *value),
            Test::Between { from, to } => {
                let (from, to) = (Value::Number(*from).display(), Value::Number(*to).display());
                self.pick(&format!("在 {from} 到 {to} 之间"), &format!("is between {from} and {to}"))
            }
            Test::IsPresent => self.pick("有值", "is known"),
            Test::IsMissing => self.pick("没有值", "is not known"),
        }
    }

    fn window(&self, window: &DateRange) -> String {
        match window {
            DateRange::LastDays { days } => {
                self.pick(&format!("最近 {days} 天内，"), &format!("in the last {days} days"))
            }
            DateRange::Between { from, to } => {
                self.pick(&format!("{from} 至 {to} 期间，"), &format!("from {from} to {to}"))
            }
            DateRange::All => self.pick("有史以来，", "at any time"),
        }
    }
}

/// The attributes, tags, events and relations that a condition looks at, each once.
#[derive(Default)]
pub struct LookedAt {
    pub attributes: Vec<String>,
    pub tags: Vec<i64>,
    pub events: Vec<String>,
    /// Kinds, with the end at which the person stands.
    pub relations: Vec<(String, RelationSide)>,
}

impl LookedAt {
    pub fn by(&mut self, condition: &Condition) {
        match condition {
            Condition::All { of } | Condition::Any { of } => of.iter().for_each(|part| self.by(part)),
            Condition::Not { of } => self.by(of),
            Condition::Attribute { name, .. } => once(&mut self.attributes, name.clone()),
            Condition::Tag { tag, .. } => once(&mut self.tags, *tag),
            Condition::Segment { .. } => {}
            Condition::Event(event) => once(&mut self.events, event.event.clone()),
            Condition::Relation(relation) => {
                once(&mut self.relations, (relation.relation.clone(), relation.side));
            }
            Condition::Order(_) => {
                ORDER_EVENTS.iter().for_each(|event| once(&mut self.events, (*event).to_owned()));
            }
        }
    }
}

fn once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
