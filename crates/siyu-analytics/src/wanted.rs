//! Which events a pass wants, and the rows of a block that they are.

use std::ops::Range;

/// Which event codes a pass wants; 0 is unwanted, other marks are the caller's.
pub(crate) struct Wanted {
    marks: Box<[u8; 1 << 16]>,
    codes: Vec<u16>,
    /// The few codes that are not wanted where nearly all are, see [`Wanted::among`].
    rest: Option<Vec<u16>>,
}

impl Wanted {
    pub(crate) fn none() -> Wanted {
        Wanted { marks: Box::new([0; 1 << 16]), codes: Vec::new(), rest: None }
    }

    /// These codes, all with one mark.
    pub(crate) fn these(codes: &[u16]) -> Wanted {
        let mut wanted = Wanted::none();
        for code in codes {
            wanted.mark(*code, 1);
        }
        wanted
    }

    /// Says that no code is `known` or higher, so that "any event" can be looked for by the few
    /// events that it is not.
    pub(crate) fn among(&mut self, known: usize) {
        if self.codes.len() + COMPARED_MAX >= known {
            let unmarked = |code: &u16| self.of(*code) == 0;
            self.rest = Some((0..known).map(|code| code as u16).filter(unmarked).collect());
        }
    }

    /// Whether every event of the scan is wanted, so that none has to be looked at.
    pub(crate) fn is_everything(&self) -> bool {
        self.rest.as_ref().is_some_and(Vec::is_empty)
    }

    /// All that are wanted, in no order.
    pub(crate) fn codes(&self) -> &[u16] {
        &self.codes
    }

    /// The codes that either wants, all with one mark.
    pub(crate) fn either(a: &Wanted, b: &Wanted) -> Wanted {
        Wanted::these(&[&a.codes[..], &b.codes].concat())
    }

    /// Marks a code, or gives the mark it already has.
    pub(crate) fn mark(&mut self, code: u16, mark: u8) -> u8 {
        let slot = &mut self.marks[code as usize];
        if *slot == 0 {
            *slot = mark;
            self.codes.push(code);
        }
        *slot
    }

    #[inline]
    pub(crate) fn of(&self, code: u16) -> u8 {
        self.marks[code as usize]
    }
}

/// Rows of a block in ascending order.
pub(crate) enum Rows<'r> {
    /// With none missing between the first and the last.
    All(Range<usize>),
    Some(&'r [u32]),
}

impl Rows<'_> {
    pub(crate) fn of(rows: &[u32]) -> Rows<'_> {
        unbroken(rows).map_or(Rows::Some(rows), Rows::All)
    }

    #[inline]
    pub(crate) fn each(self, see: impl FnMut(usize)) {
        match self {
            Rows::All(rows) => rows.for_each(see),
            Rows::Some(rows) => rows.iter().map(|row| *row as usize).for_each(see),
        }
    }
}

/// The rows as a range, if none is missing between the first and the last.
#[inline]
pub(crate) fn unbroken(rows: &[u32]) -> Option<Range<usize>> {
    let (first, last) = (*rows.first()? as usize, *rows.last()? as usize);
    (last - first + 1 == rows.len()).then_some(first..last + 1)
}

/// Rows whose codes are looked at together, one bit each.
pub(crate) const LANES: usize = 64;
/// Up to so many codes, comparing with each is cheaper than looking up.
const COMPARED_MAX: usize = 8;

/// Writes the wanted rows into `found`, which is made large enough, and returns
/// how many there are. Looking for them is free of branches; what is found is
/// then taken bit by bit.
pub(crate) fn find(events: &[u16], start: usize, wanted: &Wanted, found: &mut Vec<u32>) -> usize {
    if found.len() < events.len() {
        found.resize(events.len(), 0);
    }
    let mut count = 0;
    let mut base = start as u32;
    for lanes in events.chunks(LANES) {
        let mut bits = match <&[u16; LANES]>::try_from(lanes) {
            Ok(lanes) if wanted.codes.len() <= COMPARED_MAX => compared(lanes, &wanted.codes),
            Ok(lanes) => match &wanted.rest {
                Some(rest) => !compared(lanes, rest),
                None => looked_up(lanes, wanted),
            },
            Err(_) => looked_up(lanes, wanted),
        };
        let out = &mut found[count..count + bits.count_ones() as usize];
        if bits == u64::MAX {
            out.iter_mut().zip(base..).for_each(|(slot, row)| *slot = row);
            count += LANES;
            base += LANES as u32;
            continue;
        }
        for slot in out {
            *slot = base + bits.trailing_zeros();
            bits &= bits - 1;
            count += 1;
        }
        base += LANES as u32;
    }
    count
}

fn looked_up(lanes: &[u16], wanted: &Wanted) -> u64 {
    let bit = |(lane, code): (usize, &u16)| u64::from(wanted.of(*code) != 0) << lane;
    lanes.iter().enumerate().map(bit).fold(0, |bits, bit| bits | bit)
}

/// The inner loop becomes vector instructions.
fn compared(lanes: &[u16; LANES], codes: &[u16]) -> u64 {
    let mut flags = [0u8; LANES];
    for &code in codes {
        for (flag, &lane) in flags.iter_mut().zip(lanes) {
            *flag |= u8::from(lane == code);
        }
    }
    bits(&flags)
}

/// The lowest bit of each byte.
#[inline]
pub(crate) fn bits(flags: &[u8; LANES]) -> u64 {
    let mut bits = 0;
    for (index, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The factor moves the lowest bit of byte i to bit 56 + i, without carries.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (index * 8);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_rows_are_found_both_ways() {
        let all: Vec<u16> = (0..23).collect();
        let many: Vec<u16> = all.iter().copied().filter(|code| code % 5 != 1).collect();
        let codes: Vec<u16> = (0..1_000u32).map(|row| (row * row % 97 % 23) as u16).collect();
        for wanted_codes in [
            &[][..],
            &[0],
            &[3, 5, 22],
            &[0, 1, 2, 3, 4, 5, 6, 7],
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            &many,
            &all,
        ] {
            let mut wanted = Wanted::none();
            wanted_codes.iter().for_each(|&code| {
                wanted.mark(code, 1);
            });
            wanted.among(23);
            for length in [0, 1, 63, 64, 65, 1_000] {
                let mut found = Vec::new();
                let count = find(&codes[..length], 7, &wanted, &mut found);
                let rows = (7..).zip(&codes[..length]).filter(|(_, code)| wanted_codes.contains(code));
                let expected: Vec<u32> = rows.map(|(row, _)| row).collect();
                assert_eq!(found[..count], expected, "{wanted_codes:?} in {length}");
            }
        }
    }
}
