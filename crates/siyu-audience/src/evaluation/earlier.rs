//! People as they were told apart at an earlier instant, with what is known of them now.

use std::collections::HashMap;

use roaring::RoaringBitmap;
use siyu_analytics::{AttributeColumn, ItemColumn, PersonColumns};
use siyu_events::Remap;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_types::ItemField;
use siyu_types::clock::Millis;
use siyu_types::relation::RelationSide;

use super::Needs;
use crate::people::People;

/// Somebody of then has the attributes, tags, segments and relations of the person they
/// are part of now.
pub(super) struct Earlier<'a> {
    people: &'a People,
    pub remap: Remap,
    universe: RoaringBitmap,
    attributes: HashMap<String, Moved<'a>>,
    tags: HashMap<i64, Moved<'a>>,
    segments: HashMap<i64, RoaringBitmap>,
}

/// A column arranged by the people of then.
enum Moved<'a> {
    Number(Vec<f64>),
    Bool(Vec<u8>),
    Text(Vec<u32>, &'a [Box<str>]),
    List(Vec<u32>, Vec<u32>, &'a [Box<str>]),
}

impl<'a> Moved<'a> {
    /// `now` is the person of today of each number.
    fn new(column: AttributeColumn<'a>, now: &[u32]) -> Moved<'a> {
        let at = |person: &u32| *person as usize;
        match column {
            AttributeColumn::Number(values) => Moved::Number(
                now.iter().map(|person| values.get(at(person)).copied().unwrap_or(f64::NAN)).collect(),
            ),
            AttributeColumn::Bool(values) => Moved::Bool(
                now.iter().map(|person| values.get(at(person)).copied().unwrap_or(BOOL_MISSING)).collect(),
            ),
            AttributeColumn::Text { codes, dictionary } => {
                let code = |person| codes.get(at(person)).copied().unwrap_or(TEXT_MISSING);
                Moved::Text(now.iter().map(code).collect(), dictionary)
            }
            AttributeColumn::List { starts, codes, dictionary } => {
                let (mut moved, mut from) = (Vec::new(), vec![0]);
                for person in now {
                    if let (Some(start), Some(end)) = (starts.get(at(person)), starts.get(at(person) + 1)) {
                        moved.extend_from_slice(&codes[*start as usize..*end as usize]);
                    }
                    from.push(moved.len() as u32);
                }
                Moved::List(from, moved, dictionary)
            }
        }
    }

    fn view(&self) -> AttributeColumn<'_> {
        match self {
            Moved::Number(values) => AttributeColumn::Number(values),
            Moved::Bool(values) => AttributeColumn::Bool(values),
            Moved::Text(codes, dictionary) => AttributeColumn::Text { codes, dictionary },
            Moved::List(starts, codes, dictionary) => AttributeColumn::List { starts, codes, dictionary },
        }
    }
}

impl<'a> Earlier<'a> {
    pub fn new(people: &'a People, at: Millis, needs: &Needs) -> Earlier<'a> {
        let remap = people.graph().as_of(at);
        let now = people.remap().people();
        let living = |(number, person): &(u32, &u32)| number == *person && !people.graph().is_gone(*number);
        let universe: RoaringBitmap = (0u32..).zip(remap.people()).filter(living).map(|(n, _)| n).collect();
        let attribute = |name: &String| Some((name.clone(), Moved::new(people.attribute(name)?, now)));
        let tag = |id: &i64| Some((*id, Moved::new(people.tag(*id)?, now)));
        let segment = |id: &i64| {
            let members = people.segment(*id)?;
            let is_in = |number: &u32| members.contains(people.remap().person(*number));
            Some((*id, universe.iter().filter(is_in).collect()))
        };
        let attributes = needs.attributes.iter().filter_map(attribute).collect();
        let tags = needs.tags.iter().filter_map(tag).collect();
        let segments = needs.segments.iter().filter_map(segment).collect();
        Earlier { people, remap, universe, attributes, tags, segments }
    }
}

impl PersonColumns for Earlier<'_> {
    fn universe(&self) -> &RoaringBitmap {
        &self.universe
    }

    fn attribute(&self, name: &str) -> Option<AttributeColumn<'_>> {
        self.attributes.get(name).map(Moved::view)
    }

    fn tag(&self, id: i64) -> Option<AttributeColumn<'_>> {
        self.tags.get(&id).map(Moved::view)
    }

    fn segment(&self, id: i64) -> Option<&RoaringBitmap> {
        self.segments.get(&id)
    }

    fn related(&self, relation: &str, side: RelationSide, at: Millis) -> Option<Vec<(u32, u32)>> {
        let relations = self.people.relations();
        Some(relations.pairs(relations.kind_code(relation)?, side, at, &self.remap))
    }

    fn person(&self, number: u32) -> u32 {
        self.remap.person(number)
    }

    fn item(&self, field: &ItemField) -> Option<ItemColumn<'_>> {
        PersonColumns::item(self.people, field)
    }
}
