//! The column evaluator: event leaves in one pass over the scan, attributes and
//! tags over their columns, the rest as algebra of bitmaps.

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::calendar::resolve;
use siyu_types::condition::{Condition, EventCondition, PersonMeasure, Test};

use super::{Leaves, relations};
use crate::aggregate::{Sums, Want, collect};
use crate::masks::Prepared;
use crate::pass::People;
use crate::wanted::{LANES, bits};
use crate::{AttributeColumn, Context, days, orders, unknown};

/// The living people for whom the condition holds.
pub fn evaluate(condition: &Condition, context: &Context<'_>) -> Result<RoaringBitmap> {
    condition.validate()?;
    let leaves = Leaves::of(condition);
    let mut answers = Answers {
        events: evaluate_events(&leaves.events, context)?.into_iter(),
        orders: orders::evaluate(&leaves.orders, context)?.into_iter(),
    };
    combine(condition, context, &mut answers)
}

/// Of the leaves that were answered from events, left to right.
struct Answers {
    events: std::vec::IntoIter<RoaringBitmap>,
    orders: std::vec::IntoIter<RoaringBitmap>,
}

fn combine(condition: &Condition, context: &Context<'_>, answers: &mut Answers) -> Result<RoaringBitmap> {
    let people = context.people;
    let universe = people.universe();
    Ok(match condition {
        Condition::All { of } => {
            let mut all = universe.clone();
            for part in of {
                all &= combine(part, context, answers)?;
            }
            all
        }
        Condition::Any { of } => {
            let mut any = RoaringBitmap::new();
            for part in of {
                any |= combine(part, context, answers)?;
            }
            any
        }
        Condition::Not { of } => universe - combine(of, context, answers)?,
        Condition::Attribute { name, test } => {
            let column = people.attribute(name).ok_or_else(|| unknown("attribute", name))?;
            on_column(test, column, universe)
        }
        Condition::Tag { tag, test } => {
            on_column(test, people.tag(*tag).ok_or_else(|| unknown("tag", tag))?, universe)
        }
        Condition::Segment { segment } => {
            people.segment(*segment).ok_or_else(|| unknown("segment", segment))? & universe
        }
        Condition::Event(_) => answers.events.next().unwrap_or_default(),
        Condition::Order(_) => answers.orders.next().unwrap_or_default(),
        Condition::Relation(relation) => relations::among_all(relation, context)?,
    })
}

/// Tests a column once per different value, then reads it once.
fn on_column(test: &Test, column: AttributeColumn<'_>, universe: &RoaringBitmap) -> RoaringBitmap {
    let prepared = Prepared::new(test);
    // Where a missing value satisfies the test, the people to find are the few
    // who have a value that does not.
    let look_for = !prepared.missing();
    let by_code = |dictionary: &[Box<str>], test: &dyn Fn(&str) -> bool| -> Vec<bool> {
        dictionary.iter().map(|text| test(text) == look_for).collect()
    };
    let found = match column {
        AttributeColumn::Number(values) => {
            hits(values, |number| !number.is_nan() && prepared.number(*number) == look_for)
        }
        AttributeColumn::Bool(values) => {
            // Compared, not looked up: comparing takes many values at once.
            let [no, yes] = [false, true].map(|flag| prepared.flag(flag) == look_for);
            hits(values, |flag| (*flag == 0) & no | (*flag == 1) & yes)
        }
        AttributeColumn::Text { codes, dictionary } => {
            of_words(codes, by_code(dictionary, &|text| prepared.text(text)))
        }
        AttributeColumn::List { starts, codes, dictionary } => {
            let starts = starts.array_windows::<2>();
            let hit = |[from, to]: &[u32; 2]| {
                let codes = &codes[*from as usize..*to as usize];
                let mut items = codes.iter().map(|&code| &*dictionary[code as usize]).peekable();
                items.peek().is_some() && prepared.list(items) == look_for
            };
            starts.enumerate().filter(|(_, own)| hit(own)).map(|(index, _)| index as u32).collect()
        }
    };
    if look_for { found & universe } else { universe - found }
}

/// The indexes of the codes whose words hold. No word has the code of a missing one.
fn of_words(codes: &[u32], mut holds: Vec<bool>) -> RoaringBitmap {
    let known = holds.len() as u32;
    let found: Vec<u32> = (0..known).filter(|code| holds[*code as usize]).collect();
    // Comparing takes many codes at once, so it is worth it for a few words, and for all of them.
    match found[..] {
        [] => RoaringBitmap::new(),
        _ if found.len() == holds.len() => hits(codes, |code| *code < known),
        [one] => hits(codes, |code| *code == one),
        [one, other] => hits(codes, |code| (*code == one) | (*code == other)),
        _ => {
            holds.push(false);
            hits(codes, |code| holds[(*code).min(known) as usize])
        }
    }
}

/// The indexes of the values that hit, as bits first: one by one they would be searched for their
/// place.
fn hits<T>(values: &[T], hit: impl Fn(&T) -> bool) -> RoaringBitmap {
    let mut bytes = Vec::with_capacity(values.len() / 8 + 8);
    let (whole, rest) = values.as_chunks::<LANES>();
    for lanes in whole {
        let mut flags = [0u8; LANES];
        flags.iter_mut().zip(lanes).for_each(|(flag, value)| *flag = u8::from(hit(value)));
        bytes.extend_from_slice(&bits(&flags).to_le_bytes());
    }
    let last = rest.iter().enumerate().fold(0, |bits, (lane, value)| bits | u64::from(hit(value)) << lane);
    bytes.extend_from_slice(&last.to_le_bytes());
    RoaringBitmap::from_lsb0_bytes(0, &bytes)
}

/// One bitmap per leaf: from the days kept beside the blocks where it matters only how often somebody
/// did something, and all others from one pass over the events.
fn evaluate_events(leaves: &[&EventCondition], context: &Context<'_>) -> Result<Vec<RoaringBitmap>> {
    let living = People::of(context.people.universe());
    let mut wants = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        let range = resolve(&leaf.window, context.as_of, context.zone)?;
        wants.push(Want { event: &leaf.event, filters: &leaf.filters, range, measure: &leaf.measure });
    }
    let mut answers: Vec<Option<RoaringBitmap>> = Vec::with_capacity(leaves.len());
    for (leaf, want) in leaves.iter().zip(&wants) {
        answers.push(by_day(leaf, want, context, &living));
    }
    let open = |at: &usize| answers[*at].is_none();
    let rest: Vec<usize> = (0..leaves.len()).filter(open).collect();
    let left: Vec<&EventCondition> = rest.iter().map(|at| leaves[*at]).collect();
    let wants: Vec<Want<'_>> = rest.iter().map(|at| wants[*at]).collect();
    for (at, answer) in rest.into_iter().zip(one_by_one(&left, &wants, context, &living)) {
        answers[at] = Some(answer);
    }
    Ok(answers.into_iter().flatten().collect())
}

/// Of a condition of how often: those for whom it holds, if days tell.
fn by_day(
    leaf: &EventCondition,
    want: &Want<'_>,
    context: &Context<'_>,
    living: &People,
) -> Option<RoaringBitmap> {
    if leaf.measure != PersonMeasure::Count {
        return None;
    }
    let holds = |times: u32| leaf.compare.holds(f64::from(times), leaf.value);
    // Most did nothing: looked for are those who differ from them.
    let idle = holds(0);
    let found = days::did(want, context, living, &|times| holds(times) != idle)?;
    Some(if idle { context.people.universe() - found } else { found })
}

fn one_by_one(
    leaves: &[&EventCondition],
    wants: &[Want<'_>],
    context: &Context<'_>,
    living: &People,
) -> Vec<RoaringBitmap> {
    if leaves.is_empty() {
        return Vec::new();
    }
    let holds = |leaf: &EventCondition, sums: &mut Sums| {
        sums.value(&leaf.measure).is_some_and(|left| leaf.compare.holds(left, leaf.value))
    };
    // Who has no event at all is not visited: keep only those who differ from them.
    let idle: Vec<bool> = leaves.iter().map(|leaf| holds(leaf, &mut Sums::default())).collect();
    let universe = context.people.universe();
    let parts = collect(wants, context, living, |found: &mut Vec<Vec<u32>>, person, sums| {
        found.resize(leaves.len(), Vec::new());
        for (index, leaf) in leaves.iter().enumerate() {
            if holds(leaf, &mut sums[index]) != idle[index] {
                found[index].push(person);
            }
        }
    });
    let mut answers = vec![RoaringBitmap::new(); leaves.len()];
    for part in parts {
        for (answer, people) in answers.iter_mut().zip(part) {
            *answer |= people.into_iter().collect::<RoaringBitmap>();
        }
    }
    for (answer, idle) in answers.iter_mut().zip(idle) {
        if idle {
            *answer = universe - &*answer;
        }
    }
    answers
}
