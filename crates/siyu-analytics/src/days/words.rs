//! Events and people by day and by the word that a property of the event has.

use std::sync::Arc;

use siyu_events::block::TEXT_MISSING;
use siyu_events::{Block, Column, Kept, Made};

use super::{Calendar, Day, Meant, PEOPLE_MAX};
use crate::wanted::Wanted;

/// The words of a block's column; rows without one come after them, as if they had one more.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) dictionary: &'a [Box<str>],
    codes: Option<&'a [u32]>,
}

impl<'a> Words<'a> {
    /// Those of the column something is made of, if it is made of one.
    fn made_of(block: &'a Block, made: &Made) -> Option<Words<'a>> {
        match &made.column {
            None => Some(Words { dictionary: &[], codes: None }),
            Some(name) => Words::of(block, name),
        }
    }

    /// Of a column in which a row has one text or none; `None` of any other.
    pub(crate) fn of(block: &'a Block, name: &str) -> Option<Words<'a>> {
        match block.columns.get(name) {
            None => Some(Words { dictionary: &[], codes: None }),
            Some(Column::Text { codes, dictionary, list: false }) => {
                Some(Words { dictionary, codes: Some(codes) })
            }
            Some(_) => None,
        }
    }

    fn len(&self) -> usize {
        self.dictionary.len() + 1
    }

    pub(crate) fn at(&self, row: usize) -> usize {
        let code = self.codes.map_or(TEXT_MISSING, |codes| codes[row]);
        (code as usize).min(self.dictionary.len())
    }
}

/// How many events there are.
pub(crate) struct Counts {
    pub(crate) of: Vec<Day>,
    /// By word, then by day.
    counts: Vec<u32>,
}

impl Kept for Counts {
    fn make(block: &Block, made: &Made, room: usize) -> Option<(Counts, usize)> {
        let (wanted, words) = (Wanted::these(&made.events), Words::made_of(block, made)?);
        let calendar = Calendar::new(block, &wanted, made)?;
        let days = calendar.of.len();
        let bytes = words.len() * days * size_of::<u32>() + calendar.bytes();
        if bytes > room {
            return None;
        }
        let mut counts = vec![0; words.len() * days];
        calendar.each(block, &wanted, |_, day, row| counts[words.at(row) * days + day] += 1);
        Some((Counts { of: calendar.of, counts }, bytes))
    }
}

impl Counts {
    /// By the words of a column, or all together; `None` if there are too many words or days for the block, or
    /// other values than words.
    pub(crate) fn new(block: &Block, name: Option<&str>, meant: Meant<'_>) -> Option<Arc<Counts>> {
        block.kept(meant.made(name)?)
    }

    /// By day, of a word.
    pub(crate) fn word(&self, word: usize) -> &[u32] {
        &self.counts[word * self.of.len()..(word + 1) * self.of.len()]
    }
}

/// Who they are of.
pub(crate) struct Doers {
    pub(crate) of: Vec<Day>,
    /// By word, then by day: where their people begin; and the end.
    starts: Vec<u32>,
    /// Places of people in the block, ascending.
    people: Vec<u16>,
}

impl Kept for Doers {
    fn make(block: &Block, made: &Made, room: usize) -> Option<(Doers, usize)> {
        if block.persons.len() > PEOPLE_MAX {
            return None;
        }
        let (wanted, words) = (Wanted::these(&made.events), Words::made_of(block, made)?);
        let calendar = Calendar::new(block, &wanted, made)?;
        let days = calendar.of.len();
        let cells = words.len() * days;
        if cells * size_of::<u32>() > room {
            return None;
        }
        let mut last = vec![u32::MAX; cells];
        let mut each = |see: &mut dyn FnMut(usize, u16)| {
            last.fill(u32::MAX);
            calendar.each(block, &wanted, |person, day, row| {
                let at = words.at(row) * days + day;
                // Of one day, word and person the first event says it all.
                if std::mem::replace(&mut last[at], person as u32) != person as u32 {
                    see(at, person as u16);
                }
            });
        };
        let mut starts = vec![0u32; cells + 1];
        each(&mut |at, _| starts[at + 1] += 1);
        let mut sum = 0;
        starts.iter_mut().for_each(|start| {
            sum += *start;
            *start = sum;
        });
        let mut ends = starts.clone();
        let mut people = vec![0; sum as usize];
        each(&mut |at, person| {
            people[ends[at] as usize] = person;
            ends[at] += 1;
        });
        let bytes = starts.len() * size_of::<u32>() + people.len() * size_of::<u16>() + calendar.bytes();
        Some((Doers { of: calendar.of, starts, people }, bytes))
    }
}

impl Doers {
    /// As [`Counts::new`], by the words of a column.
    pub(crate) fn new(block: &Block, name: &str, meant: Meant<'_>) -> Option<Arc<Doers>> {
        block.kept(meant.made(Some(name))?)
    }

    /// Who did something with a word on a day.
    pub(crate) fn people(&self, word: usize, day: usize) -> &[u16] {
        let at = word * self.of.len() + day;
        &self.people[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}
