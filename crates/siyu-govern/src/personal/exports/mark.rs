//! Marks of exports, and finding them again in a file; pure.
//!
//! The visible mark is a code in every row. The invisible one is the order of rows:
//! within a block they are sorted by a hash of the export's seed and the person, which
//! changes no value, and survives the loss of columns, of many rows and of the code.
//! Sorting the file destroys it.

use sha2::{Digest, Sha256};

pub const SEED_BYTES: usize = 32;
/// Rows that are brought into an order of their own together.
pub const BLOCK_ROWS: usize = 16;

/// Without letters and digits that are taken for one another.
const SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_START: &str = "SY-";
const HALF: usize = 4;

/// A code of 40 bits.
pub fn code(random: u64) -> String {
    let sign = |at: usize| char::from(SIGNS[(random >> (5 * at)) as usize & 31]);
    let half = |from: usize| (from..from + HALF).map(sign).collect::<String>();
    format!("{CODE_START}{}-{}", half(0), half(HALF))
}

/// All codes that stand in a text, each once.
pub fn codes_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let length = CODE_START.len() + 2 * HALF + 1;
    for (at, _) in text.match_indices(CODE_START) {
        let Some(code) = text.get(at..at + length) else { continue };
        let body = code.as_bytes()[CODE_START.len()..].iter().enumerate();
        let fits = body.into_iter().all(|(at, b)| if at == HALF { *b == b'-' } else { SIGNS.contains(b) });
        if fits && !found.iter().any(|known| known == code) {
            found.push(code.to_owned());
        }
    }
    found
}

/// Where a person stands within a block of an export.
pub fn rank(seed: &[u8; SEED_BYTES], person: u32) -> u64 {
    let digest = Sha256::new().chain_update(seed).chain_update(person.to_le_bytes()).finalize();
    u64::from_le_bytes(digest[..8].try_into().unwrap_or_default())
}

/// How many neighbours in a list of people stand in the order of an export.
pub fn fitting(seed: &[u8; SEED_BYTES], people: &[u32]) -> usize {
    let ranks: Vec<u64> = people.iter().map(|person| rank(seed, *person)).collect();
    ranks.windows(2).filter(|pair| pair[0] < pair[1]).count()
}

/// How likely so many neighbours or more fit by chance, each with one half. Neighbours
/// of a list without order fit a little less evenly than coins fall, so that the true
/// chance is smaller still.
pub fn chance(fitting: usize, compared: usize) -> f64 {
    let (mut term, mut sum) = (0.5_f64.powi(i32::try_from(compared).unwrap_or(i32::MAX)), 0.0);
    for k in 0..=compared {
        if k >= fitting {
            sum += term;
        }
        term *= (compared - k) as f64 / (k + 1) as f64;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_wherever_they_stand() {
        let (a, b) = (code(1), code(u64::MAX));
        assert_eq!((a.as_str(), b.as_str()), ("SY-BAAA-AAAA", "SY-9999-9999"));
        let text = format!("x,{a} · 王\r\nSY-12 SY-AAAA_AAAA 中SY-{b}\n{a}");
        assert_eq!(codes_in(&text), [a, b]);
        assert!(codes_in("SY-").is_empty());
    }

    #[test]
    fn chances_are_those_of_coins() {
        for (fitting, compared, expected) in
            [(0, 10, 1.0), (10, 10, 1.0 / 1024.0), (5, 10, 0.623), (3, 3, 0.125), (0, 0, 1.0)]
        {
            assert!((chance(fitting, compared) - expected).abs() < 1e-3, "{fitting} of {compared}");
        }
    }

    /// Of the rows of an export a third is missing and the rest still names it.
    #[test]
    fn an_order_names_its_export_and_no_other() {
        let seed = |n: u8| [n; SEED_BYTES];
        let mut people: Vec<u32> = (1..=300).rev().collect();
        for block in people.chunks_mut(BLOCK_ROWS) {
            block.sort_by_key(|person| rank(&seed(7), *person));
        }
        people.retain(|person| person % 3 != 0);
        let compared = people.len() - 1;
        for n in 0..100 {
            let likely = chance(fitting(&seed(n), &people), compared) < 1e-9;
            assert_eq!(likely, n == 7, "export {n}");
        }
    }
}
