//! Numbers that may be absent.

/// A number of a `DOUBLE PRECISION` column that may be absent, as the text to bind: the statement
/// reads it by `CAST($1 AS DOUBLE PRECISION)`. Bound as it is, a statement that PostgreSQL prepared
/// for an absent number takes none of eight bytes afterwards.
pub fn maybe_double(number: Option<f64>) -> Option<String> {
    number.map(|number| number.to_string())
}
