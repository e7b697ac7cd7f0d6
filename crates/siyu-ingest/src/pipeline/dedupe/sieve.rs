//! Says of most keys that they are new without looking into every table that could hold
//! them: a Bloom filter split into blocks of half a cache line (Putze, Sanders, Singler 2007,
//! with the salts of Parquet's split block filter). It may say "perhaps" of a key that is not
//! held, never "no" of one that is.

/// Bits per key when the filter is full; twice as many when it was just made.
const BITS: usize = 8;
const WORDS: usize = 8;
const BLOCK_BITS: usize = WORDS * 32;
/// Keys for which room is made at least.
const KEYS_MIN: usize = 1 << 12;
const SALTS: [u32; WORDS] =
    [0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31];

#[derive(Default)]
pub struct Sieve {
    blocks: Vec<[u32; WORDS]>,
    /// Keys noted since it was made, those forgotten since included.
    noted: usize,
    room: usize,
}

impl Sieve {
    /// Room for twice as many keys as there are, so that making it anew is rare.
    pub fn of(keys: impl Iterator<Item = u128>, count: usize) -> Sieve {
        let room = (2 * count).max(KEYS_MIN);
        let mut sieve = Sieve { blocks: vec![[0; WORDS]; room * BITS / BLOCK_BITS], noted: 0, room };
        keys.for_each(|key| sieve.note(key));
        sieve
    }

    /// There is no room for another key; it has to be made anew.
    pub fn full(&self) -> bool {
        self.noted >= self.room
    }

    pub fn note(&mut self, key: u128) {
        self.noted += 1;
        let (at, bits) = self.place(key);
        if let Some(block) = self.blocks.get_mut(at) {
            block.iter_mut().zip(bits).for_each(|(word, bit)| *word |= bit);
        }
    }

    /// False if the key was surely never noted.
    pub fn perhaps(&self, key: u128) -> bool {
        let (at, bits) = self.place(key);
        let missing = |block: &[u32; WORDS]| {
            block.iter().zip(bits).map(|(word, bit)| !word & bit).fold(0, |a, b| a | b)
        };
        self.blocks.get(at).is_some_and(|block| missing(block) == 0)
    }

    pub fn bytes(&self) -> u64 {
        (self.blocks.len() * size_of::<[u32; WORDS]>()) as u64
    }

    /// From the upper half of a key, as the tables place it by the lower one.
    fn place(&self, key: u128) -> (usize, [u32; WORDS]) {
        let (high, low) = ((key >> 96) as u64, (key >> 64) as u32);
        let at = (high * self.blocks.len() as u64) >> 32;
        (at as usize, SALTS.map(|salt| 1 << (low.wrapping_mul(salt) >> 27)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siyu_testkit::random::mix;

    fn key(number: u64) -> u128 {
        u128::from(mix(number)) << 64 | u128::from(mix(number ^ 0xABCD))
    }

    #[test]
    fn what_was_noted_is_never_denied_and_others_mostly_are() {
        let mut sieve = Sieve::of((0..50_000).map(key), 50_000);
        let wrong =
            |sieve: &Sieve| (1_000_000..1_100_000).filter(|&number| sieve.perhaps(key(number))).count();
        assert!((0..50_000).all(|number| sieve.perhaps(key(number))));
        assert!(wrong(&sieve) < 300, "of 100,000 at half its room: {}", wrong(&sieve));
        for number in 50_000..100_000 {
            assert!(!sieve.full(), "room for {number}");
            sieve.note(key(number));
        }
        assert!(sieve.full() && (0..100_000).all(|number| sieve.perhaps(key(number))));
        assert!(wrong(&sieve) < 5_000, "of 100,000 when it is full: {}", wrong(&sieve));
    }

    #[test]
    fn an_empty_one_denies_everything_and_is_full() {
        let empty = Sieve::default();
        assert!(empty.full() && !empty.perhaps(key(1)) && empty.bytes() == 0);
    }
}
