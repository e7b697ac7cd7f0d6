//! People as analyses see them: attributes, tag values and segment members.

use roaring::RoaringBitmap;
use siyu_analytics::{AttributeColumn, ItemColumn, PersonColumns};
use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::relation::RelationSide;
use siyu_types::{ItemField, PersonNo, Value};

use super::People;
use crate::profiles::{Column, Dictionary, Stored};

/// The values of one tag.
#[derive(Clone, Default, Debug)]
pub struct TagColumn {
    dictionary: Dictionary,
    column: Column,
}

impl TagColumn {
    pub fn put(&mut self, person: u32, value: &Value) {
        let value = Stored::of(value, &mut self.dictionary);
        self.column.put(person, Some(&value), &mut self.dictionary);
    }

    pub fn put_text(&mut self, person: u32, text: &str) {
        let code = Stored::Text(self.dictionary.intern(text));
        self.column.put(person, Some(&code), &mut self.dictionary);
    }

    pub(super) fn forget(&mut self, people: &[u32]) {
        for person in people {
            self.column.put(*person, None, &mut self.dictionary);
        }
    }

    pub fn view(&self) -> AttributeColumn<'_> {
        self.column.view(&self.dictionary)
    }

    /// The value of one person.
    pub fn value(&self, person: u32) -> Option<Value> {
        value_at(self.view(), person)
    }
}

/// One value out of a column.
pub fn value_at(column: AttributeColumn<'_>, person: u32) -> Option<Value> {
    use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
    let at = person as usize;
    match column {
        AttributeColumn::Number(values) => values.get(at).filter(|v| !v.is_nan()).map(|v| Value::Number(*v)),
        AttributeColumn::Bool(flags) => {
            flags.get(at).filter(|f| **f != BOOL_MISSING).map(|f| Value::Bool(*f == 1))
        }
        AttributeColumn::Text { codes, dictionary } => codes
            .get(at)
            .filter(|code| **code != TEXT_MISSING)
            .map(|code| Value::Text(dictionary[*code as usize].to_string())),
        AttributeColumn::List { starts, codes, dictionary } => {
            let range = *starts.get(at)? as usize..*starts.get(at + 1)? as usize;
            let items: Vec<String> =
                codes[range].iter().map(|code| dictionary[*code as usize].to_string()).collect();
            (!items.is_empty()).then_some(Value::List(items))
        }
    }
}

/// The members of a segment.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Members {
    /// As computed or chosen, by the numbers people had then.
    numbers: RoaringBitmap,
    /// The people they are now.
    people: RoaringBitmap,
}

impl Members {
    pub fn new(numbers: RoaringBitmap, remap: &Remap) -> Members {
        let people = numbers.iter().map(|number| remap.person(number)).collect();
        Members { numbers, people }
    }

    pub fn people(&self) -> &RoaringBitmap {
        &self.people
    }

    pub fn numbers(&self) -> &RoaringBitmap {
        &self.numbers
    }

    pub(super) fn forget(&mut self, numbers: &[u32]) {
        for number in numbers {
            self.numbers.remove(*number);
            self.people.remove(*number);
        }
    }

    /// After merges and splits: a person is a member if one of their numbers is.
    pub(super) fn follow(&mut self, touched: &[u32], remap: &Remap) {
        for number in touched {
            let person = remap.person(*number);
            if person != *number {
                self.people.remove(*number);
            }
            if remap.numbers(person).iter().any(|member| self.numbers.contains(*member)) {
                self.people.insert(person);
            } else {
                self.people.remove(person);
            }
        }
    }
}

impl People {
    pub fn set_tag(&mut self, id: i64, values: TagColumn) {
        self.tags.insert(id, values);
    }

    pub fn drop_tag(&mut self, id: i64) {
        self.tags.remove(&id);
    }

    /// Makes a tag known that has not been computed yet: nobody has a value.
    pub fn declare_tag(&mut self, id: i64) {
        self.tags.entry(id).or_default();
    }

    pub fn tag_value(&self, person: PersonNo, id: i64) -> Option<Value> {
        self.tags.get(&id)?.value(person.0)
    }

    pub fn has_tag(&self, id: i64) -> bool {
        self.tags.contains_key(&id)
    }

    pub fn set_segment(&mut self, id: i64, numbers: RoaringBitmap) {
        let members = Members::new(numbers, self.graph.remap());
        self.segments.insert(id, members);
    }

    pub fn drop_segment(&mut self, id: i64) {
        self.segments.remove(&id);
    }

    pub fn members(&self, id: i64) -> Option<&Members> {
        self.segments.get(&id)
    }
}

impl PersonColumns for People {
    fn universe(&self) -> &RoaringBitmap {
        &self.universe
    }

    fn attribute(&self, name: &str) -> Option<AttributeColumn<'_>> {
        self.profiles.column(name)
    }

    fn tag(&self, id: i64) -> Option<AttributeColumn<'_>> {
        self.tags.get(&id).map(TagColumn::view)
    }

    fn segment(&self, id: i64) -> Option<&RoaringBitmap> {
        self.segments.get(&id).map(Members::people)
    }

    fn related(&self, relation: &str, side: RelationSide, at: Millis) -> Option<Vec<(u32, u32)>> {
        let kind = self.relations.kind_code(relation)?;
        Some(self.relations.pairs(kind, side, at, self.remap()))
    }

    fn person(&self, number: u32) -> u32 {
        self.remap().person(number)
    }

    fn item(&self, field: &ItemField) -> Option<ItemColumn<'_>> {
        self.items.column(field)
    }
}
