//! The code by which a person fetches their copy: long enough not to be guessed in the
//! few tries there are, short enough to be said on the phone.

use rand::RngCore;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, ErrorCode, Result};

use super::model::{Copy, CopyState};

/// No letters and digits that look or sound alike.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Characters of a code, 5 bits each.
const CODE_CHARS: usize = 10;

/// `7KQ2M-XV9TB`.
pub fn code(rng: &mut dyn RngCore) -> String {
    let mut bytes = [0; CODE_CHARS];
    rng.fill_bytes(&mut bytes);
    let mut code: String =
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect();
    code.insert(CODE_CHARS / 2, '-');
    code
}

/// As typed on a phone: without the dash, in small letters, with blanks.
pub fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// Only a file that is there can be handed out.
pub fn require_ready(copy: &Copy, now: Millis) -> Result<()> {
    if copy.state == CopyState::Ready && copy.expires_at > now {
        return Ok(());
    }
    let message = "there is no file of this copy (any more); make another one";
    Err(Error::new(ErrorCode::CopyGone, message).with("state", copy.state.as_str()))
}
