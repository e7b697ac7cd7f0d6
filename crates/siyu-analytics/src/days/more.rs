//! How many more than one thing everybody did on a day.

use super::Mask;

pub(super) enum More {
    /// Of few people: who, by place in the block, and how many.
    Few(Vec<(u16, u16)>),
    /// Of many: the numbers' binary digits, the lowest first, each as one bit for every person of the
    /// block. So what any set of people did is counted 64 people at a time.
    Many { digits: Vec<u64>, width: usize },
}

impl More {
    /// `width`: how many words have one bit for each person.
    pub(super) fn new(mut few: Vec<(u16, u16)>, width: usize) -> More {
        let most = few.iter().map(|(_, more)| *more).max().unwrap_or(0);
        let digits = (u16::BITS - most.leading_zeros()) as usize;
        if digits * width * size_of::<u64>() >= few.len() * size_of::<(u16, u16)>() {
            few.shrink_to_fit();
            return More::Few(few);
        }
        // One person may stand there more than once, with a number that did not fit; these few stay a list.
        if few.windows(2).any(|two| two[0].0 == two[1].0) {
            few.shrink_to_fit();
            return More::Few(few);
        }
        let mut bits = vec![0; digits * width];
        for (person, more) in few {
            let (word, bit) = (usize::from(person) / 64, person % 64);
            (0..digits).for_each(|digit| bits[digit * width + word] |= u64::from(more >> digit & 1) << bit);
        }
        More::Many { digits: bits, width }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            More::Few(few) => few.len() * size_of::<(u16, u16)>(),
            More::Many { digits, .. } => digits.len() * size_of::<u64>(),
        }
    }

    /// Of those who are looked at together.
    pub(super) fn among(&self, mask: &Mask) -> u64 {
        match self {
            More::Few(few) => {
                let looked_at = few.iter().filter(|(person, _)| mask.contains(usize::from(*person)));
                looked_at.map(|(_, more)| u64::from(*more)).sum()
            }
            More::Many { digits, width } => {
                let counts = digits.chunks_exact(*width).map(|bits| u64::from(mask.among(bits)));
                counts.enumerate().map(|(digit, count)| count << digit).sum()
            }
        }
    }

    /// Adds everybody's own to one of the two.
    pub(super) fn add(&self, sum: &mut Digits, times: &mut [u32]) {
        match self {
            More::Few(few) => {
                few.iter().for_each(|(person, more)| times[usize::from(*person)] += u32::from(*more));
            }
            More::Many { digits, width } => {
                digits.chunks_exact(*width).enumerate().for_each(|(digit, bits)| sum.add(bits, digit));
            }
        }
    }
}

/// A number for each person of a block, as binary digits: 64 people are added to at once.
pub(super) struct Digits {
    width: usize,
    digits: Vec<Vec<u64>>,
    carry: Vec<u64>,
}

impl Digits {
    pub(super) fn new(width: usize) -> Digits {
        Digits { width, digits: Vec::new(), carry: vec![0; width] }
    }

    /// Adds `1 << digit` to everybody whose bit is set.
    pub(super) fn add(&mut self, bits: &[u64], digit: usize) {
        self.carry.copy_from_slice(bits);
        for at in digit.. {
            if self.digits.len() <= at {
                self.digits.resize(at + 1, vec![0; self.width]);
            }
            let mut carries = 0;
            for (own, carry) in self.digits[at].iter_mut().zip(&mut self.carry) {
                let both = *own & *carry;
                *own ^= *carry;
                *carry = both;
                carries |= both;
            }
            if carries == 0 {
                return;
            }
        }
    }

    /// Adds everybody's number.
    pub(super) fn tell(&self, times: &mut [u32]) {
        self.digits.iter().enumerate().for_each(|(digit, bits)| add(bits, 1 << digit, times));
    }
}

/// Adds a number to everybody whose bit is set.
fn add(bits: &[u64], number: u32, times: &mut [u32]) {
    for (word, of_word) in bits.iter().zip(times.as_chunks_mut::<64>().0) {
        let mut rest = *word;
        while rest != 0 {
            of_word[rest.trailing_zeros() as usize] += number;
            rest &= rest - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use siyu_events::{ScanBlock, Skeleton};

    use super::*;
    use crate::pass::People;

    #[test]
    fn few_and_many_say_the_same() {
        let width = 3;
        let block = Skeleton { persons: (0..192).collect(), ..Skeleton::default() };
        let scanned = ScanBlock { block: Arc::new(block.into()), skip: None };
        let number = |person: u16| person * 7 % 5 + u16::from(person == 70) * 900;
        let doers = |every: usize| (0..192).step_by(every).map(|person| (person, number(person)));
        for every in [1, 2, 3, 50, 192] {
            let few: Vec<(u16, u16)> = doers(every).filter(|(_, more)| *more > 0).collect();
            let more = More::new(few.clone(), width);
            let many = matches!(more, More::Many { .. });
            let digits = few.iter().map(|(_, more)| 16 - more.leading_zeros()).max().unwrap_or(0) as usize;
            assert_eq!(many, few.len() * 4 > digits * width * 8, "{} of {every}", few.len());
            for chosen in [1, 2, 7, 200] {
                let mask = Mask::new(&scanned, &People::of(&(0..192).step_by(chosen).collect()));
                let expected = few.iter().filter(|(person, _)| usize::from(*person).is_multiple_of(chosen));
                assert_eq!(more.among(&mask), expected.map(|(_, more)| u64::from(*more)).sum::<u64>());
            }
            let mut times = vec![1; 192];
            let mut digits = Digits::new(width);
            more.add(&mut digits, &mut times);
            digits.tell(&mut times);
            assert_eq!(
                times.iter().sum::<u32>(),
                192 + few.iter().map(|(_, more)| u32::from(*more)).sum::<u32>()
            );
        }
        // What does not fit one number stands there twice, and stays as it is.
        let twice: Vec<(u16, u16)> = (0..192).flat_map(|person| [(person, u16::MAX), (person, 1)]).collect();
        assert!(matches!(More::new(twice, width), More::Few(_)));
    }
}
