//! Which of a question's events a row is: several at once, some with tests of properties.

use siyu_events::Block;

use crate::masks::{BlockTest, EventTest};
use crate::wanted::Wanted;

/// The events of one question: event i is bit i.
pub(crate) struct Roles<'q> {
    tests: Vec<EventTest<'q>>,
    pub(crate) wanted: Wanted,
    /// By mark: the bits a code may have. As many as there are different ones, so that any number
    /// of codes can be wanted.
    bits: Vec<u64>,
    /// Events with tests of properties.
    tested: u64,
}

impl<'q> Roles<'q> {
    /// At most 64 events.
    pub(crate) fn new(tests: Vec<EventTest<'q>>) -> Roles<'q> {
        let mut by_code: Vec<(u16, u64)> = Vec::new();
        for (event, test) in tests.iter().enumerate() {
            by_code.extend(test.codes.iter().map(|code| (*code, 1 << event)));
        }
        by_code.sort_unstable();
        let mut wanted = Wanted::none();
        let mut bits = vec![0u64];
        for same in by_code.chunk_by(|a, b| a.0 == b.0) {
            let all = same.iter().fold(0, |all, (_, bit)| all | bit);
            let mark = bits.iter().position(|known| *known == all).unwrap_or_else(|| {
                bits.push(all);
                bits.len() - 1
            });
            // 64 events have at most 64 codes of their own, and "any" the rest: under 256.
            wanted.mark(same[0].0, mark as u8);
        }
        wanted.among(tests.iter().map(|test| test.known).max().unwrap_or_default());
        let tested = tests.iter().enumerate().filter(|(_, test)| test.has_tests());
        let tested = tested.fold(0, |tested, (event, _)| tested | 1 << event);
        Roles { tests, wanted, bits, tested }
    }

    /// How many marks there are, that of no event among them.
    pub(crate) fn marks(&self) -> usize {
        self.bits.len()
    }

    /// The events by mark, if no test of a property has a say. There are fewer than 256 marks.
    pub(crate) fn by_mark(&self) -> Option<&[u64]> {
        (self.tested == 0).then_some(&self.bits[..])
    }

    /// Every wanted row is the question's one event: nothing is left to look at.
    pub(crate) fn is_plain(&self) -> bool {
        self.tested == 0 && self.bits.len() == 2
    }

    pub(crate) fn tests(&self) -> &[EventTest<'q>] {
        &self.tests
    }

    pub(crate) fn on<'a>(&'a self, block: &'a Block) -> RolesOn<'a> {
        RolesOn {
            events: &block.events,
            wanted: &self.wanted,
            bits: &self.bits,
            tested: self.tested,
            plain: self.is_plain(),
            tests: self.tests.iter().map(|test| test.on(block)).collect(),
        }
    }
}

/// The roles, prepared for one block.
pub(crate) struct RolesOn<'a> {
    events: &'a [u16],
    wanted: &'a Wanted,
    bits: &'a [u64],
    tested: u64,
    plain: bool,
    tests: Vec<BlockTest<'a>>,
}

impl RolesOn<'_> {
    /// As [`Roles::is_plain`].
    #[inline]
    pub(crate) fn plain(&self) -> bool {
        self.plain
    }

    /// The mark of a row's code.
    #[inline]
    pub(crate) fn mark(&self, row: u32) -> u8 {
        self.wanted.of(self.events[row as usize])
    }

    /// The events a row is, as bits.
    #[inline]
    pub(crate) fn of(&self, row: u32) -> u64 {
        let row = row as usize;
        let bits = self.bits[self.wanted.of(self.events[row]) as usize];
        if bits & self.tested == 0 { bits } else { self.those_that_hold(row, bits) }
    }

    /// Without the events whose tests the row fails.
    fn those_that_hold(&self, row: usize, mut bits: u64) -> u64 {
        let mut rest = bits & self.tested;
        while rest != 0 {
            let event = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            if !self.tests[event].holds(row) {
                bits &= !(1 << event);
            }
        }
        bits
    }
}
