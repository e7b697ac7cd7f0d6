//! Tests of properties, prepared once per query, then once per block: what a
//! dictionary holds is tested once per different value, not once per event.

use rustc_hash::FxHashSet;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_events::{Block, Column, Scan};
use siyu_types::Value;
use siyu_types::analysis::ANY_EVENT;
use siyu_types::condition::{PropertyFilter, Test};
use siyu_types::record::names::DONE_TO_PEOPLE;

use crate::Context;
use crate::items::{ItemTest, NumberIds};
use crate::values::{list_elements, number_bits, text_number};

/// A [`Test`] with its list of values indexed; agrees with [`Test::holds`].
pub(crate) struct Prepared<'q> {
    test: &'q Test,
    /// Texts that a text value may equal exactly.
    texts: FxHashSet<String>,
    /// Texts that an element of a list may equal.
    elements: FxHashSet<String>,
    /// Numbers that a text value may read as.
    text_numbers: FxHashSet<u64>,
    /// Numbers that a number may equal, whether given as number or as text.
    numbers: FxHashSet<u64>,
}

impl<'q> Prepared<'q> {
    pub(crate) fn new(test: &'q Test) -> Prepared<'q> {
        let mut prepared = Prepared {
            test,
            texts: FxHashSet::default(),
            elements: FxHashSet::default(),
            text_numbers: FxHashSet::default(),
            numbers: FxHashSet::default(),
        };
        if let Test::Is { values } | Test::IsNot { values } = test {
            for value in values {
                prepared.add(value);
            }
        }
        prepared
    }

    fn add(&mut self, value: &Value) {
        self.elements.insert(value.display());
        match value {
            Value::Text(text) => {
                self.texts.insert(text.clone());
            }
            Value::Bool(flag) => {
                self.texts.insert(flag.to_string());
            }
            Value::Number(number) => {
                self.text_numbers.insert(number_bits(*number));
            }
            Value::List(_) => {}
        }
        if let Some(number) = value.as_number() {
            self.numbers.insert(number_bits(number));
        }
    }

    pub(crate) fn missing(&self) -> bool {
        self.test.holds(None)
    }

    pub(crate) fn number(&self, number: f64) -> bool {
        match self.test {
            Test::Is { .. } => self.numbers.contains(&number_bits(number)),
            Test::IsNot { .. } => !self.numbers.contains(&number_bits(number)),
            Test::Number { compare, value } => compare.holds(number, *value),
            Test::Between { from, to } => *from <= number && number <= *to,
            Test::IsPresent => true,
            Test::IsMissing => false,
            Test::Contains { .. } | Test::NotContains { .. } => self.test.holds(Some(&Value::Number(number))),
        }
    }

    pub(crate) fn text(&self, text: &str) -> bool {
        match self.test {
            Test::Is { .. } => self.is_text(text),
            Test::IsNot { .. } => !self.is_text(text),
            Test::Contains { value } => text.contains(value.as_str()),
            Test::NotContains { value } => !text.contains(value.as_str()),
            Test::Number { compare, value } => {
                let number = text_number(text);
                !number.is_nan() && compare.holds(number, *value)
            }
            Test::Between { from, to } => {
                let number = text_number(text);
                *from <= number && number <= *to
            }
            Test::IsPresent => true,
            Test::IsMissing => false,
        }
    }

    fn is_text(&self, text: &str) -> bool {
        if self.texts.contains(text) {
            return true;
        }
        if self.text_numbers.is_empty() {
            return false;
        }
        let number = text_number(text);
        !number.is_nan() && self.text_numbers.contains(&number_bits(number))
    }

    pub(crate) fn flag(&self, flag: bool) -> bool {
        self.test.holds(Some(&Value::Bool(flag)))
    }

    pub(crate) fn list<'t>(&self, mut items: impl Iterator<Item = &'t str>) -> bool {
        match self.test {
            Test::Is { .. } => items.any(|item| self.elements.contains(item)),
            Test::IsNot { .. } => !items.any(|item| self.elements.contains(item)),
            Test::Contains { value } => items.any(|item| item.contains(value.as_str())),
            Test::NotContains { value } => !items.any(|item| item.contains(value.as_str())),
            Test::Number { .. } | Test::Between { .. } | Test::IsMissing => false,
            Test::IsPresent => true,
        }
    }

    /// A value of a text column that may hold lists as JSON text.
    pub(crate) fn stored(&self, text: &str, list: bool) -> bool {
        match list.then(|| list_elements(text)).flatten() {
            Some(items) => self.list(items.iter().map(String::as_str)),
            None => self.text(text),
        }
    }
}

/// A test over the rows of one block.
pub(crate) enum RowTest<'a> {
    Fixed(bool),
    Codes { codes: &'a [u32], holds: Vec<bool>, missing: bool },
    Numbers { values: &'a [f64], test: &'a Prepared<'a>, missing: bool },
    Flags { values: &'a [u8], holds: [bool; 3] },
    Ids(NumberIds<'a>),
}

impl<'a> RowTest<'a> {
    pub(crate) fn new(test: &'a Prepared<'a>, column: Option<&'a Column>) -> RowTest<'a> {
        match column {
            None => RowTest::Fixed(test.missing()),
            Some(Column::Number(values)) => RowTest::Numbers { values, test, missing: test.missing() },
            Some(Column::Text { codes, dictionary, list }) => RowTest::Codes {
                codes,
                holds: dictionary.iter().map(|text| test.stored(text, *list)).collect(),
                missing: test.missing(),
            },
            Some(Column::Bool(values)) => {
                RowTest::Flags { values, holds: [test.flag(false), test.flag(true), test.missing()] }
            }
        }
    }

    /// The column holds ids of items, whose field is tested.
    fn of_items(test: &'a ItemTest<'a>, column: Option<&'a Column>) -> RowTest<'a> {
        let missing = test.test.missing();
        match column.filter(|_| test.column.is_some()) {
            None => RowTest::Fixed(missing),
            Some(Column::Number(values)) => RowTest::Ids(NumberIds::new(values, test)),
            Some(Column::Text { codes, dictionary, list }) => RowTest::Codes {
                codes,
                holds: dictionary.iter().map(|text| test.stored(text, *list)).collect(),
                missing,
            },
            Some(Column::Bool(values)) => {
                RowTest::Flags { values, holds: [test.flag(false), test.flag(true), missing] }
            }
        }
    }

    #[inline]
    pub(crate) fn holds(&self, row: usize) -> bool {
        match self {
            RowTest::Ids(ids) => ids.holds(row),
            RowTest::Fixed(holds) => *holds,
            RowTest::Codes { codes, holds, missing } => match codes[row] {
                TEXT_MISSING => *missing,
                code => holds[code as usize],
            },
            RowTest::Numbers { values, test, missing } => {
                let value = values[row];
                if value.is_nan() { *missing } else { test.number(value) }
            }
            RowTest::Flags { values, holds } => holds[values[row].min(BOOL_MISSING) as usize],
        }
    }
}

/// One filter, prepared for one query.
pub(crate) struct FilterTest<'q> {
    property: &'q str,
    of: Of<'q>,
}

enum Of<'q> {
    Value(Prepared<'q>),
    Item(ItemTest<'q>),
}

impl<'q> FilterTest<'q> {
    pub(crate) fn new(filter: &'q PropertyFilter, context: &Context<'q>) -> FilterTest<'q> {
        let test = Prepared::new(&filter.test);
        let of = match &filter.item {
            None => Of::Value(test),
            Some(field) => Of::Item(ItemTest { test, column: context.people.item(field) }),
        };
        FilterTest { property: &filter.property, of }
    }

    pub(crate) fn on<'a>(&'a self, block: &'a Block) -> RowTest<'a> {
        let column = block.columns.get(self.property);
        match &self.of {
            Of::Value(test) => RowTest::new(test, column),
            Of::Item(test) => RowTest::of_items(test, column),
        }
    }
}

/// An event name with tests of properties, prepared for one scan.
pub(crate) struct EventTest<'q> {
    /// Codes of the events meant; none if no such event was ever stored.
    pub(crate) codes: Vec<u16>,
    /// How many codes the scan knows.
    pub(crate) known: usize,
    tests: Vec<FilterTest<'q>>,
}

impl<'q> EventTest<'q> {
    pub(crate) fn new(event: &str, filters: &'q [PropertyFilter], context: &Context<'q>) -> EventTest<'q> {
        EventTest {
            codes: codes(event, context.scan),
            known: context.scan.event_names.len(),
            tests: filters.iter().map(|filter| FilterTest::new(filter, context)).collect(),
        }
    }

    /// Whether its name alone does not decide.
    pub(crate) fn has_tests(&self) -> bool {
        !self.tests.is_empty()
    }

    pub(crate) fn on<'a>(&'a self, block: &'a Block) -> BlockTest<'a> {
        let tests = self.tests.iter().map(|test| test.on(block));
        BlockTest { tests: tests.filter(|test| !matches!(test, RowTest::Fixed(true))).collect() }
    }
}

/// The codes that an event's name stands for.
fn codes(event: &str, scan: &Scan) -> Vec<u16> {
    if event != ANY_EVENT {
        return scan.event_code(event).into_iter().collect();
    }
    let own = (0..).zip(scan.event_names.iter()).filter(|(_, name)| !DONE_TO_PEOPLE.contains(&&***name));
    own.map(|(code, _)| code).collect()
}

/// The property tests of an event on one block; the event's name is tested by the caller.
pub(crate) struct BlockTest<'a> {
    tests: Vec<RowTest<'a>>,
}

impl BlockTest<'_> {
    #[inline]
    pub(crate) fn holds(&self, row: usize) -> bool {
        // Most events have no tests.
        self.tests.is_empty() || self.tests.iter().all(|test| test.holds(row))
    }
}

/// A property read as numbers; what does not read as one is NaN.
pub(crate) enum Numbers<'a> {
    None,
    Plain(&'a [f64]),
    Codes { codes: &'a [u32], numbers: Vec<f64> },
}

impl<'a> Numbers<'a> {
    pub(crate) fn new(column: Option<&'a Column>) -> Numbers<'a> {
        match column {
            Some(Column::Number(values)) => Numbers::Plain(values),
            // A list is not a number, even one that happens to read as one.
            Some(Column::Text { codes, dictionary, list }) => Numbers::Codes {
                codes,
                numbers: dictionary
                    .iter()
                    .map(|text| match list.then(|| list_elements(text)).flatten() {
                        Some(_) => f64::NAN,
                        None => text_number(text),
                    })
                    .collect(),
            },
            Some(Column::Bool(_)) | None => Numbers::None,
        }
    }

    #[inline]
    pub(crate) fn at(&self, row: usize) -> f64 {
        match self {
            Numbers::None => f64::NAN,
            Numbers::Plain(values) => values[row],
            Numbers::Codes { codes, numbers } => {
                numbers.get(codes[row] as usize).copied().unwrap_or(f64::NAN)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siyu_types::condition::Compare;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let text =
            prop::sample::select(vec!["a", "ab", "0", "1", "1.0", " 1 ", "true", "", "inf", "-0", "a, b"]);
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            prop::sample::select(vec![0.0, -0.0, 1.0, 1.5, -2.0]).prop_map(Value::Number),
            text.clone().prop_map(|text| Value::Text(text.to_owned())),
            prop::collection::vec(text, 0..3)
                .prop_map(|items| Value::List(items.into_iter().map(str::to_owned).collect())),
        ]
    }

    fn test() -> impl Strategy<Value = Test> {
        let compare = prop::sample::select(vec![
            Compare::Equal,
            Compare::NotEqual,
            Compare::Less,
            Compare::AtMost,
            Compare::More,
            Compare::AtLeast,
        ]);
        let fragment = prop::sample::select(vec!["a", "0", "1", "", "tru", "-"]);
        prop_oneof![
            prop::collection::vec(value(), 1..4).prop_map(|values| Test::Is { values }),
            prop::collection::vec(value(), 1..4).prop_map(|values| Test::IsNot { values }),
            fragment.clone().prop_map(|value| Test::Contains { value: value.to_owned() }),
            fragment.prop_map(|value| Test::NotContains { value: value.to_owned() }),
            (compare, -2i8..3).prop_map(|(compare, value)| Test::Number { compare, value: f64::from(value) }),
            (-2i8..3, -2i8..3)
                .prop_map(|(from, to)| Test::Between { from: f64::from(from), to: f64::from(to) }),
            Just(Test::IsPresent),
            Just(Test::IsMissing),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn a_prepared_test_agrees_with_the_definition(test in test(), value in value()) {
            let prepared = Prepared::new(&test);
            let fast = match &value {
                Value::Bool(flag) => prepared.flag(*flag),
                Value::Number(number) => prepared.number(*number),
                Value::Text(text) => prepared.text(text),
                Value::List(items) => prepared.list(items.iter().map(String::as_str)),
            };
            prop_assert_eq!(fast, test.holds(Some(&value)), "{:?} on {:?}", test, value);
            prop_assert_eq!(prepared.missing(), test.holds(None));
            if let Value::List(items) = &value {
                let stored = serde_json::to_string(items).expect("a list of texts");
                prop_assert_eq!(prepared.stored(&stored, true), test.holds(Some(&value)));
            }
        }
    }
}
