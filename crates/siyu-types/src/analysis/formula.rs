//! Arithmetic over the series of a chart: `A / B`, `A * 100 / (A + B)`.

use crate::error::{Error, Result};

const CHARS_MAX: usize = 200;
const DEPTH_MAX: usize = 20;

/// A formula that was understood.
#[derive(Clone, PartialEq, Debug)]
pub struct Formula(Expression);

#[derive(Clone, PartialEq, Debug)]
enum Expression {
    Number(f64),
    /// The series with this index; A is 0.
    Series(usize),
    Negative(Box<Expression>),
    Pair(char, Box<Expression>, Box<Expression>),
}

impl Formula {
    /// Reads a formula over so many series; `field` is where an error stands.
    pub fn parse(text: &str, series: usize, field: &str) -> Result<Formula> {
        if text.chars().count() > CHARS_MAX {
            return Err(Error::invalid(field, format!("at most {CHARS_MAX} characters")));
        }
        let mut reader = Reader { rest: text.trim_start(), series, depth: 0 };
        let found = reader.sum().and_then(|expression| match reader.rest.chars().next() {
            // A number alone belongs to no group of any series.
            None if expression.first().is_none() => {
                Err("names no series; they are A, B and so on".to_owned())
            }
            None => Ok(expression),
            Some(next) => Err(format!("did not expect {next}")),
        });
        found.map(Formula).map_err(|message| Error::invalid(field, message))
    }

    /// Its value; `None` where a series has none, and where something is divided by zero.
    pub fn value(&self, series: &impl Fn(usize) -> Option<f64>) -> Option<f64> {
        let value = self.0.value(series)?;
        // Minus zero is zero.
        value.is_finite().then_some(value + 0.0)
    }

    /// The first series it speaks of.
    pub fn first(&self) -> Option<usize> {
        self.0.first()
    }
}

impl Expression {
    fn value(&self, series: &impl Fn(usize) -> Option<f64>) -> Option<f64> {
        match self {
            Expression::Number(number) => Some(*number),
            Expression::Series(index) => series(*index),
            Expression::Negative(of) => Some(-of.value(series)?),
            Expression::Pair(operator, left, right) => {
                let (left, right) = (left.value(series)?, right.value(series)?);
                match operator {
                    '+' => Some(left + right),
                    '-' => Some(left - right),
                    '*' => Some(left * right),
                    _ => (right != 0.0).then(|| left / right),
                }
            }
        }
    }

    fn first(&self) -> Option<usize> {
        match self {
            Expression::Number(_) => None,
            Expression::Series(index) => Some(*index),
            Expression::Negative(of) => of.first(),
            Expression::Pair(_, left, right) => left.first().or_else(|| right.first()),
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    series: usize,
    depth: usize,
}

type Read = std::result::Result<Expression, String>;

impl Reader<'_> {
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let next = self.rest.chars().next().filter(|next| wanted.contains(next))?;
        self.rest = self.rest[next.len_utf8()..].trim_start();
        Some(next)
    }

    fn sum(&mut self) -> Read {
        let mut left = self.product()?;
        while let Some(operator) = self.take(&['+', '-', '−']) {
            let operator = if operator == '+' { '+' } else { '-' };
            left = Expression::Pair(operator, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Read {
        let mut left = self.factor()?;
        while let Some(operator) = self.take(&['*', '/', '×', '÷']) {
            let operator = if matches!(operator, '*' | '×') { '*' } else { '/' };
            left = Expression::Pair(operator, Box::new(left), Box::new(self.factor()?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Read {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("nested too deeply".to_owned());
        }
        let read = if self.take(&['-', '−']).is_some() {
            self.factor().map(|of| Expression::Negative(Box::new(of)))
        } else if self.take(&['(', '(']).is_some() {
            let inner = self.sum()?;
            self.take(&[')', ')']).map(|_| inner).ok_or_else(|| "a bracket is not closed".to_owned())
        } else {
            self.leaf()
        };
        self.depth -= 1;
        read
    }

    fn leaf(&mut self) -> Read {
        let Some(next) = self.rest.chars().next() else {
            return Err("something is missing at the end".to_owned());
        };
        if next.is_ascii_alphabetic() {
            let index = (next.to_ascii_uppercase() as u8 - b'A') as usize;
            self.rest = &self.rest[1..];
            if self.rest.chars().next().is_some_and(char::is_alphanumeric) || index >= self.series {
                return Err(format!("there is no series {next}"));
            }
            self.rest = self.rest.trim_start();
            return Ok(Expression::Series(index));
        }
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        let number = number.parse().map_err(|_| format!("did not expect {next}"))?;
        self.rest = rest.trim_start();
        Ok(Expression::Number(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_reckoned() {
        let series = [Some(6.0), Some(3.0), Some(0.0), None];
        let cases = [
            ("A / B", Some(2.0)),
            ("a÷b", Some(2.0)),
            ("A * 100 / (A + B)", Some(600.0 / 9.0)),
            ("A - B - 1", Some(2.0)),
            ("A / B / 2", Some(1.0)),
            ("1 + 2 * B", Some(7.0)),
            ("-(A - B) * 2", Some(-6.0)),
            ("--A", Some(6.0)),
            ("(A + B)× 0.5", Some(4.5)),
            (" A * 7 ", Some(42.0)),
            ("C * -1", Some(0.0)),
            // Nothing is made up where something is missing, or divided by zero.
            ("A / C", None),
            ("C / C", None),
            ("A + D", None),
            ("D * 0", None),
        ];
        for (text, expected) in cases {
            let formula = Formula::parse(text, 4, "formulas[0]").expect(text);
            let value = formula.value(&|index| series[index]);
            assert_eq!(value, expected, "{text}");
            assert!(value.is_none_or(f64::is_sign_positive) || value < Some(0.0), "{text}");
        }
        assert_eq!(Formula::parse("2 * (B + A)", 2, "x").expect("valid").first(), Some(1));
    }

    #[test]
    fn what_is_no_formula_says_why() {
        let deep = format!("{}A{}", "(".repeat(30), ")".repeat(30));
        let long = format!("A{}", " + A".repeat(60));
        let cases = [
            ("", "something is missing at the end"),
            ("A +", "something is missing at the end"),
            ("E", "there is no series E"),
            ("42", "names no series; they are A, B and so on"),
            ("AB", "there is no series A"),
            ("A B", "did not expect B"),
            ("A / (B", "a bracket is not closed"),
            ("A ** B", "did not expect *"),
            ("1.2.3", "did not expect 1"),
            ("A % B", "did not expect %"),
            (&deep, "nested too deeply"),
            (&long, "at most 200 characters"),
        ];
        for (text, message) in cases {
            let error = Formula::parse(text, 4, "formulas[1]").expect_err(text);
            assert_eq!(
                (error.message.as_str(), error.field.as_deref()),
                (message, Some("formulas[1]")),
                "{text}"
            );
        }
    }
}
