//! Telling personal values by how they look: exactly enough that an order number is
//! not taken for a card. Pure.

use siyu_types::PersonalClass;

use super::patterns::mask;

/// Weights of the check digit of identity cards (GB 11643-1999), and what it may be.
const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS: &[u8; 11] = b"10X98765432";
/// Cards of UnionPay begin so and are this long; others are left to their field's name.
const CARD_START: &str = "62";
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 16..=19;
const EMAIL_BYTES_MAX: usize = 254;

/// What a whole value looks like.
pub fn looks_like(value: &str) -> Option<PersonalClass> {
    let value = value.trim();
    if is_phone(value) {
        return Some(PersonalClass::Phone);
    }
    if is_id_card(value) {
        return Some(PersonalClass::IdCard);
    }
    if is_bank_card(value) {
        return Some(PersonalClass::BankCard);
    }
    is_email(value).then_some(PersonalClass::Email)
}

/// Words of a system about a message, without the addresses and numbers in them.
pub fn without_addresses(text: &str) -> String {
    without_look_alikes(text, false, mask)
}

/// The text with every word in it that looks personal put through `mask`; `written` by
/// somebody, any long number and anything with an @ counts.
pub fn without_look_alikes(
    text: &str,
    written: bool,
    mask: impl Fn(PersonalClass, &str) -> String,
) -> String {
    // Of words joined by other scripts only the part in Latin letters and digits.
    let part = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(part) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !part(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        shown.push_str(before);
        match looks_like(word).or_else(|| loosely(word).filter(|_| written)) {
            Some(class) => shown.push_str(&mask(class, word)),
            None => shown.push_str(word),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// In what people write, any long row of digits may be a number of somebody.
fn loosely(word: &str) -> Option<PersonalClass> {
    const DIGITS_HIDDEN: usize = 7;
    if word.contains('@') && word.len() > 2 {
        return Some(PersonalClass::Email);
    }
    let digits = word.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    (digits >= DIGITS_HIDDEN).then_some(PersonalClass::Phone)
}

/// A mobile number of China.
fn is_phone(value: &str) -> bool {
    let digits = value.strip_prefix("+86").unwrap_or(value);
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes.iter().all(u8::is_ascii_digit) && bytes[0] == b'1' && bytes[1] >= b'3'
}

fn is_id_card(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = bytes.iter().zip(ID_WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    bytes[17].to_ascii_uppercase() == ID_CHECKS[(sum % 11) as usize]
}

fn is_bank_card(value: &str) -> bool {
    let digits: Vec<u32> =
        value.chars().filter(|c| !" -".contains(*c)).filter_map(|c| c.to_digit(10)).collect();
    let plain = value.chars().all(|c| c.is_ascii_digit() || " -".contains(c));
    if !plain || !value.starts_with(CARD_START) || !CARD_DIGITS.contains(&digits.len()) {
        return false;
    }
    // Luhn: every second digit from the right counts twice, by its digit sum.
    let luhn: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    luhn.is_multiple_of(10)
}

fn is_email(value: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "._%+-@".contains(c);
    let Some((local, domain)) = value.split_once('@') else { return false };
    value.len() <= EMAIL_BYTES_MAX
        && value.chars().all(fits)
        && !local.is_empty()
        && domain.contains('.')
        && !domain.contains('@')
}
