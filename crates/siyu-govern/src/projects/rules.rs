//! What a project's settings may be; pure.

use siyu_types::{Error, Result, calendar};

pub(super) fn name(name: &str) -> Result<String> {
    crate::accounts::name(name)
}

pub(super) fn zone(zone: &str) -> Result<String> {
    calendar::zone(zone).map(|_| zone.to_owned()).map_err(|error| error.at("zone"))
}

pub(super) fn currency(currency: &str) -> Result<String> {
    match currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        true => Ok(currency.to_owned()),
        false => Err(Error::invalid("currency", "must be three capital letters such as CNY")),
    }
}

pub(super) fn dedupe_hours(hours: i64) -> Result<i64> {
    const HOURS_MAX: i64 = 24 * 30;
    match (1..=HOURS_MAX).contains(&hours) {
        true => Ok(hours),
        false => Err(Error::invalid("dedupe_hours", "must be 1 to 720")),
    }
}
