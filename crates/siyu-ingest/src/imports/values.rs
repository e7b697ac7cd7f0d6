//! Reading cells: times, numbers, money and ids as they stand in real files.
//! Money never passes through a floating-point number.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use siyu_types::clock::Millis;

use super::cell::Cell;

pub fn rfc3339(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map(|at| at.to_string()).unwrap_or_default()
}

/// Why a cell cannot be used as what it is mapped to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    BadDate,
    BadNumber,
    BadMoney,
    BadBool,
    /// Excel showed a long number as `1.23457E+17` and its digits are lost.
    ScientificId,
}

/// Full-width digits and signs, as typed with a Chinese keyboard, in half width.
fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    text.trim().chars().map(narrow).collect()
}

/// An identifier. Digits that Excel rounded away are refused; a trailing `.0`,
/// from programs that read numbers as decimals, and a leading apostrophe go.
pub fn id(cell: &Cell) -> Result<Option<String>, Fault> {
    let text = match cell {
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
            return Ok(Some(format!("{number:.0}")));
        }
        Cell::Number(number) if number.is_nan() => return Ok(None),
        Cell::Number(_) | Cell::Rounded(_) => return Err(Fault::ScientificId),
        other => match other.text() {
            Some(text) => text,
            None => return Ok(None),
        },
    };
    if is_scientific(&text) {
        return Err(Fault::ScientificId);
    }
    let text = match text.strip_prefix('\'') {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => &text,
    };
    let whole = text.split_once('.').filter(|(whole, zeros)| {
        !whole.is_empty()
            && whole.bytes().all(|b| b.is_ascii_digit())
            && !zeros.is_empty()
            && zeros.bytes().all(|b| b == b'0')
    });
    let text = whole.map_or(text, |(whole, _)| whole);
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let mut digits = mantissa.bytes();
    digits.next().is_some_and(|b| b.is_ascii_digit())
        && matches!(digits.next(), Some(b'.'))
        && digits.all(|b| b.is_ascii_digit())
        && !exponent.is_empty()
        && exponent.bytes().all(|b| b.is_ascii_digit())
}

/// Stars stand for what a platform hides.
pub fn is_masked(text: &str) -> bool {
    text.contains(['*', '＊', '•'])
}

/// A number that a platform lends for some days: `13800000000-1234`, `…转1234`.
pub fn is_virtual_phone(text: &str) -> bool {
    let Some((number, extension)) = text.split_once(['-', ',', '，', '_', '转', '#']) else { return false };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    digits(number) == 11 && number.trim_start().starts_with('1') && (1..=6).contains(&digits(extension))
}

pub fn number(cell: &Cell) -> Result<f64, Fault> {
    match cell {
        Cell::Int(number) => Ok(*number as f64),
        Cell::Number(number) | Cell::Rounded(number) if number.is_finite() => Ok(*number),
        Cell::Text(text) => {
            let text = half_width(text);
            let (text, scale) =
                text.strip_suffix('%').map_or((text.as_str(), 1.0), |part| (part.trim(), 100.0));
            let text = ungrouped(text).ok_or(Fault::BadNumber)?;
            let number = text.parse().ok().map(|number: f64| number / scale);
            number.filter(|number| number.is_finite()).ok_or(Fault::BadNumber)
        }
        _ => Err(Fault::BadNumber),
    }
}

pub fn boolean(cell: &Cell) -> Result<bool, Fault> {
    match cell {
        Cell::Bool(flag) => Ok(*flag),
        Cell::Int(0) => Ok(false),
        Cell::Int(1) => Ok(true),
        Cell::Text(text) => match text.trim().to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "是" | "有" => Ok(true),
            "false" | "f" | "no" | "n" | "0" | "否" | "无" => Ok(false),
            _ => Err(Fault::BadBool),
        },
        _ => Err(Fault::BadBool),
    }
}

/// Decimal places of a currency.
pub fn exponent(currency: &str) -> usize {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "XOF" | "XAF" => 0,
        "KWD" | "BHD" | "OMR" | "JOD" | "TND" => 3,
        _ => 2,
    }
}

/// An amount in minor units (分, cents): `¥1,234.5` is 123450 at two places.
/// More places than the currency has are refused in text; a binary decimal of a
/// Parquet file is rounded to them.
pub fn money(cell: &Cell, exponent: usize) -> Result<i64, Fault> {
    let text = match cell {
        Cell::Int(number) => number.to_string(),
        Cell::Number(number) if number.is_finite() => format!("{number:.exponent$}"),
        Cell::Text(text) => half_width(text),
        _ => return Err(Fault::BadMoney),
    };
    let text = text.trim_start_matches("CNY").trim_end_matches("CNY").trim_start_matches("RMB");
    let bare: String =
        text.chars().filter(|c| !matches!(c, '¥' | '￥' | '$' | '€' | '£' | '元' | ' ')).collect();
    // Accountants write what is owed in brackets.
    let bare = match bare.strip_prefix('(').and_then(|bare| bare.strip_suffix(')')) {
        Some(owed) => format!("-{owed}"),
        None => bare,
    };
    let bare = ungrouped(&bare).ok_or(Fault::BadMoney)?;
    let (negative, digits) = match bare.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty())
        || !plain(whole)
        || !plain(fraction)
        || fraction.len() > exponent
    {
        return Err(Fault::BadMoney);
    }
    let minor: i64 = format!("{whole}{fraction:0<exponent$}").parse().map_err(|_| Fault::BadMoney)?;
    // Beyond 2^53 a property could not hold it exactly.
    if minor >= siyu_types::value::INTEGER_EXACT_MAX {
        return Err(Fault::BadMoney);
    }
    Ok(if negative { -minor } else { minor })
}

/// Without thousands separators; `None` where a comma is not one (`12,5`).
fn ungrouped(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, f)| (whole, Some(f)));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let lead = first.trim_start_matches(['-', '+']);
    if lead.is_empty() || lead.len() > 3 || !groups.clone().all(|group| group.len() == 3) {
        return None;
    }
    let mut out = first.to_owned();
    groups.for_each(|group| out.push_str(group));
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

/// An instant; a date and time without an offset is read in `zone`.
pub fn time(cell: &Cell, zone: &TimeZone) -> Result<Millis, Fault> {
    let local = match cell {
        Cell::Instant(at) => return Ok(*at),
        Cell::Int(number) => return digits(&number.to_string(), zone),
        Cell::Number(number) if number.fract() == 0.0 => return digits(&format!("{number:.0}"), zone),
        Cell::Local(local) => *local,
        Cell::Text(text) => {
            let text = half_width(text);
            if text.bytes().all(|b| b.is_ascii_digit()) {
                return digits(&text, zone);
            }
            if let Ok(at) = text.parse::<jiff::Timestamp>() {
                return Ok(at.as_millisecond());
            }
            date_time(&text).ok_or(Fault::BadDate)?
        }
        _ => return Err(Fault::BadDate),
    };
    in_zone(local, zone)
}

fn in_zone(local: DateTime, zone: &TimeZone) -> Result<Millis, Fault> {
    zone.to_zoned(local).map(|zoned| zoned.timestamp().as_millisecond()).map_err(|_| Fault::BadDate)
}

/// `20260102`, `20260102030405`, seconds or milliseconds since 1970.
fn digits(text: &str, zone: &TimeZone) -> Result<Millis, Fault> {
    let part = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
    let date = || Date::new(part(0, 4)?, part(4, 6)? as i8, part(6, 8)? as i8).ok();
    match text.len() {
        8 => in_zone(date().ok_or(Fault::BadDate)?.at(0, 0, 0, 0), zone),
        14 => {
            let time = || Time::new(part(8, 10)? as i8, part(10, 12)? as i8, part(12, 14)? as i8, 0).ok();
            let (date, time) = (date().ok_or(Fault::BadDate)?, time().ok_or(Fault::BadDate)?);
            in_zone(date.to_datetime(time), zone)
        }
        9 | 10 => text.parse::<i64>().map(|seconds| seconds * 1000).map_err(|_| Fault::BadDate),
        12 | 13 => text.parse().map_err(|_| Fault::BadDate),
        _ => Err(Fault::BadDate),
    }
}

/// `2026-01-02[ T]03:04[:05[.678]]`, with `-`, `/`, `.` or 年月日 and without leading
/// zeros. The year comes first: `1/2/2026` could be two days.
fn date_time(text: &str) -> Option<DateTime> {
    let text = text.replace(['年', '月', '/'], "-").replace('日', " ");
    let (date, time) = match text.trim().split_once([' ', 'T']) {
        Some((date, time)) => (date, time.trim()),
        None => (text.trim(), ""),
    };
    let date = if date.contains('-') { date.to_owned() } else { date.replace('.', "-") };
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    if time.is_empty() {
        return Some(date.at(0, 0, 0, 0));
    }
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let second = parts.next().unwrap_or("0").parse().ok()?;
    if parts.next().is_some() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    Some(date.to_datetime(Time::new(hour, minute, second, nanos).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn amounts_are_read_without_floats() {
        let cases = [
            ("12.5", 2, Ok(1250)),
            ("¥1,234.50", 2, Ok(123_450)),
            ("￥１２．５", 2, Ok(1250)),
            ("1 234元", 2, Ok(123_400)),
            ("-0.01", 2, Ok(-1)),
            ("（1，234.50）", 2, Ok(-123_450)),
            ("0元", 2, Ok(0)),
            ("(-5)", 2, Err(Fault::BadMoney)),
            (".5", 2, Ok(50)),
            ("12.500", 2, Ok(1250)),
            ("12.505", 2, Err(Fault::BadMoney)),
            ("12,5", 2, Err(Fault::BadMoney)),
            ("1,23,456", 2, Err(Fault::BadMoney)),
            ("1,234", 0, Ok(1234)),
            ("1.5", 0, Err(Fault::BadMoney)),
            ("12.3.4", 2, Err(Fault::BadMoney)),
            ("--5", 2, Err(Fault::BadMoney)),
            ("", 2, Err(Fault::BadMoney)),
            ("free", 2, Err(Fault::BadMoney)),
            ("99999999999999999999", 2, Err(Fault::BadMoney)),
        ];
        for (input, exponent, expected) in cases {
            assert_eq!(money(&text(input), exponent), expected, "{input}");
        }
        assert_eq!(money(&Cell::Number(0.1 + 0.2), 2), Ok(30));
        assert_eq!(money(&Cell::Number(19.99), 2), Ok(1999));
        assert_eq!(money(&Cell::Int(-7), 2), Ok(-700));
    }

    #[test]
    fn times_are_read_in_the_zone() {
        let shanghai = siyu_types::calendar::zone("Asia/Shanghai").expect("known zone");
        let at = |text: &str| text.parse::<jiff::Timestamp>().expect("valid").as_millisecond();
        let day = at("2026-01-01T16:00:00Z");
        let cases = [
            ("2026-01-02", day),
            ("2026/1/2", day),
            ("2026.1.2", day),
            ("2026年1月2日", day),
            ("20260102", day),
            ("2026-01-02 03:04", day + 11_040_000),
            ("2026-01-02T03:04:05", day + 11_045_000),
            ("2026年1月2日 3:04:05", day + 11_045_000),
            ("20260102030405", day + 11_045_000),
            ("2026-01-02 03:04:05.6", day + 11_045_600),
            ("2026-01-02T03:04:05Z", at("2026-01-02T03:04:05Z")),
            ("2026-01-02T03:04:05+09:00", at("2026-01-01T18:04:05Z")),
            ("1767323045", 1_767_323_045_000),
            ("1767323045678", 1_767_323_045_678),
        ];
        for (input, expected) in cases {
            assert_eq!(time(&text(input), &shanghai), Ok(expected), "{input}");
        }
        for bad in ["1/2/2026", "2026-13-01", "2026-02-30", "45658", "soon", "2026-01-02 25:00", "26-01-02"] {
            assert_eq!(time(&text(bad), &shanghai), Err(Fault::BadDate), "{bad}");
        }
    }

    #[test]
    fn ids_that_excel_rounded_are_refused() {
        let cases = [
            ("13800000000", Ok(Some("13800000000"))),
            (" 13800000000.0 ", Ok(Some("13800000000"))),
            ("'0123", Ok(Some("0123"))),
            ("1.23457E+17", Err(Fault::ScientificId)),
            ("1.38E10", Err(Fault::ScientificId)),
            ("A1.E5", Ok(Some("A1.E5"))),
            ("12E5", Ok(Some("12E5"))),
            ("", Ok(None)),
        ];
        for (input, expected) in cases {
            assert_eq!(id(&text(input)), expected.map(|id| id.map(str::to_owned)), "{input}");
        }
        assert_eq!(id(&Cell::Number(1.38e10)), Ok(Some("13800000000".to_owned())));
        assert_eq!(id(&Cell::Number(1.23457e17)), Err(Fault::ScientificId));
        assert_eq!(id(&Cell::Rounded(1_234_567_890_123_456.0)), Err(Fault::ScientificId));
        assert_eq!(number(&text("１２．５％")), Ok(0.125));
        assert_eq!(number(&text("1，234 %")), Ok(12.34));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(input in ".{0,30}") {
            let cell = text(&input);
            let _money = money(&cell, 2);
            let _time = time(&cell, &TimeZone::UTC);
            let _id = id(&cell);
            let _number = number(&cell);
        }

        #[test]
        fn what_is_written_as_money_reads_back(minor in -1_000_000_000_000_i64..1_000_000_000_000) {
            let sign = if minor < 0 { "-" } else { "" };
            let (whole, fraction) = (minor.abs() / 100, minor.abs() % 100);
            prop_assert_eq!(money(&text(&format!("{sign}{whole}.{fraction:02}")), 2), Ok(minor));
        }
    }
}
