//! Reads a statement out of an event.

use siyu_events::{BOOL_MISSING, Block, Column, TEXT_MISSING};
use siyu_govern::consent::{ConsentState, EVERY_CHANNEL, How, Statement};
use siyu_types::Value;
use siyu_types::clock::Millis;
use siyu_types::ports::Known;

/// The properties of the event that matter here.
pub(super) const PROPERTIES: &[&str] = &["purpose", "channel", "state", "version", "page", "statement"];

/// One statement as a client sent it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Said {
    pub person: u32,
    at: Millis,
    purpose: String,
    channel: String,
    state: ConsentState,
    version: Option<i64>,
    page: String,
    statement: String,
}

impl Said {
    /// `None` of an event that says nothing that can be recorded: the protocol lets
    /// none such pass.
    pub fn read(person: u32, at: Millis, value: impl Fn(&str) -> Option<Value>) -> Option<Said> {
        let text = |name: &str| value(name).map(|value| value.display()).filter(|text| !text.is_empty());
        Some(Said {
            person,
            at,
            purpose: text("purpose")?,
            channel: text("channel").unwrap_or_else(|| EVERY_CHANNEL.to_owned()),
            state: ConsentState::parse(&text("state")?)?,
            version: value("version").and_then(|value| value.as_number()).map(|number| number as i64),
            page: text("page").unwrap_or_default(),
            statement: text("statement")?,
        })
    }

    pub fn key(&self) -> String {
        format!("collect:{}", self.statement)
    }

    /// As the ledger keeps it. A time yet to come must not outlast later statements.
    pub fn statement(&self, known: Known, now: Millis) -> Statement {
        Statement {
            person: known.person,
            numbers: known.numbers,
            purpose: self.purpose.clone(),
            channel: self.channel.clone(),
            state: self.state,
            version: self.version,
            source: if self.page.is_empty() { "collect".to_owned() } else { self.page.clone() },
            how: How::Checkbox,
            at: self.at.min(now),
            evidence: format!("record:{}", self.statement),
            identifier: String::new(),
            actor: "system".to_owned(),
            key: Some(self.key()),
        }
    }
}

/// The value of a property in a row of a block.
pub(super) fn value_at(block: &Block, property: &str, row: usize) -> Option<Value> {
    match block.columns.get(property)? {
        Column::Number(numbers) => Some(numbers[row]).filter(|n| !n.is_nan()).map(Value::Number),
        Column::Bool(flags) => Some(flags[row]).filter(|b| *b != BOOL_MISSING).map(|b| Value::Bool(b == 1)),
        Column::Text { codes, dictionary, .. } => {
            let code = codes[row];
            (code != TEXT_MISSING).then(|| Value::Text(dictionary[code as usize].to_string()))
        }
    }
}
