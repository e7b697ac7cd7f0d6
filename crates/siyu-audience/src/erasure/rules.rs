//! The order of the steps, what a reason may say, and what remains: pure.

use siyu_types::erasure::Removed;
use siyu_types::identity::is_hashed;
use siyu_types::{Error, Identifier, Result};

const REASON_CHARS_MAX: usize = 500;
/// Shorter identifiers may stand in a sentence by chance.
const TELLING_CHARS_MIN: usize = 4;

/// Every step, in order. Tables come before the database file that holds them, everything
/// that is written with a checkpoint before `events`, which writes one, and the log after it:
/// only frames that a checkpoint covers may be changed.
pub(crate) const STEPS: &[&str] =
    &["lists", "notes", "sends", "consent", "files", "quarantine", "events", "log", "audit", "database"];

/// A reason is kept for good, so it must not name whom it is about. `readings` are the forms in
/// which a word could stand for an identifier, which may be its hash.
pub(crate) fn check_reason(
    reason: &str,
    identifiers: &[Identifier],
    readings: impl Fn(&str) -> Vec<String>,
) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Error::invalid("reason", format!("needs 1 to {REASON_CHARS_MAX} characters")));
    }
    let plain = reason.to_lowercase();
    let named = identifiers.iter().any(|id| {
        // Phone numbers are kept with their country, and written without.
        let value = id.value.to_lowercase();
        let bare = value.strip_prefix("+86").unwrap_or(&value);
        bare.chars().count() >= TELLING_CHARS_MIN && plain.contains(bare)
    });
    let hashed = |word: &str| {
        readings(word).iter().any(|one| identifiers.iter().any(|id| is_hashed(one) && id.value == *one))
    };
    if named || reason.split(|c: char| c.is_whitespace() || ",;，；。".contains(c)).any(hashed) {
        let message = "holds an identifier of the person; it is kept for good, so say it without";
        return Err(Error::invalid("reason", message));
    }
    Ok(reason.to_owned())
}

/// What an erasure leaves behind, by code; which of them apply is for the certificate.
pub(crate) const REMAINS: &[&str] = &[
    // Keyed hashes of the identifiers, so that late data is recognised.
    "tombstones",
    // Statements of consent as proof, under a number that is nobody's.
    "consent_proof",
    // Sends without address, for the counts of reports.
    "report_counts",
    // Counters and sizes that were added up before.
    "totals",
    // What others said of the person in words of their own.
    "words_of_others",
    // There is no back-up by siyu; copies somebody made are theirs to remove.
    "copies",
    // Freed blocks of the disk until the file system uses them again.
    "disk_blocks",
];

/// The counts of several runs of one step, added up.
pub(crate) fn together(before: Vec<Removed>, now: Vec<Removed>) -> Vec<Removed> {
    let mut all = before;
    for one in now {
        match all.iter_mut().find(|known| known.what == one.what) {
            // What is kept or looked at is counted anew each time.
            Some(known) => known.count = known.count.max(one.count),
            None => all.push(one),
        }
    }
    all
}
