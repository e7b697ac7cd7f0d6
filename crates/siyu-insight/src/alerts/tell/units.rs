//! In which unit people read the number of an alert, and how it is written.

use siyu_types::analysis::{AnalysisCell, Measure};
use siyu_types::record::names::MONEY_SUFFIX;

use crate::alerts::{AlertMeasure, Watched};
use crate::analyses::decimals;

/// As the console shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    Plain,
    Share,
    Money,
}

impl Unit {
    pub(super) fn of(watched: &Watched) -> Unit {
        if watched.measure == AlertMeasure::Share {
            return Unit::Share;
        }
        let AnalysisCell::Trend { query, cell } = &watched.cell else { return Unit::Plain };
        match query.series.get(cell.series).map(|series| &series.measure) {
            // How many different amounts there are is no amount.
            Some(Measure::Distinct { .. }) | None => Unit::Plain,
            Some(measure) => match measure.property() {
                Some(property) if property.ends_with(MONEY_SUFFIX) => Unit::Money,
                _ => Unit::Plain,
            },
        }
    }

    pub(super) fn shown(self, number: f64, currency: &str) -> String {
        match self {
            Unit::Plain => plain(number),
            Unit::Share => format!("{}%", plain(number * 100.0)),
            Unit::Money => {
                let places = decimals(currency);
                let amount = number / 10f64.powi(places);
                format!("{currency} {}", grouped(amount, usize::try_from(places).unwrap_or(0)))
            }
        }
    }
}

/// Up to two places, without those that say nothing.
pub(super) fn plain(number: f64) -> String {
    let text = grouped(number, 2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `1234.5` → `1,234.50`
fn grouped(number: f64, places: usize) -> String {
    let text = format!("{:.places$}", number.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    // A number that rounds to nothing is not less than nothing.
    let minus = if number < 0.0 && text.contains(|c| matches!(c, '1'..='9')) { "-" } else { "" };
    let mut shown = String::from(minus);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_in_the_units_that_people_read() {
        for (unit, number, currency, shown) in [
            (Unit::Plain, 0.0, "CNY", "0"),
            (Unit::Plain, 1_300.0, "CNY", "1,300"),
            (Unit::Plain, 1_234_567.891, "CNY", "1,234,567.89"),
            (Unit::Plain, -1_000.5, "CNY", "-1,000.5"),
            (Unit::Plain, -0.001, "CNY", "0"),
            (Unit::Share, 0.125, "CNY", "12.5%"),
            (Unit::Share, 1.0, "CNY", "100%"),
            (Unit::Money, 130_000.0, "CNY", "CNY 1,300.00"),
            (Unit::Money, 130_000.0, "JPY", "JPY 130,000"),
            (Unit::Money, -1_234.0, "KWD", "KWD -1.234"),
        ] {
            assert_eq!(unit.shown(number, currency), shown, "{unit:?} {number}");
        }
    }

    fn watched(measure: &serde_json::Value, of: AlertMeasure) -> Watched {
        let cell = json!({"kind": "trend",
            "query": {"series": [{"event": "seen", "measure": measure}], "interval": "day",
                "range": {"kind": "last_days", "days": 7}},
            "cell": {"series": 0, "bucket": "2026-11-20", "group": {"kind": "whole"}}});
        Watched { cell: serde_json::from_value(cell).expect("a cell"), measure: of }
    }

    #[test]
    fn units_of_numbers() {
        let sum = |property: &str| json!({"kind": "sum", "property": property});
        for (measure, of, unit) in [
            (sum("amount_minor"), AlertMeasure::Number, Unit::Money),
            (sum("amount_minor"), AlertMeasure::Share, Unit::Share),
            (sum("points"), AlertMeasure::Number, Unit::Plain),
            (json!({"kind": "distinct", "property": "amount_minor"}), AlertMeasure::Number, Unit::Plain),
            (json!({"kind": "count"}), AlertMeasure::Number, Unit::Plain),
        ] {
            assert_eq!(Unit::of(&watched(&measure, of)), unit, "{measure}");
        }
    }
}
