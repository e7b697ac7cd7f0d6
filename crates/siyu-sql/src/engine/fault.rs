//! What the engine says went wrong, as one of our errors. Its words may quote values, but
//! only such as the author of the statement sees: others never reach it.

use datafusion::common::{DataFusionError, SchemaError};
use datafusion::sql::sqlparser::parser::ParserError;
use siyu_types::{Error, ErrorCode};

/// Letters of the engine's words that are passed on.
const REASON_CHARS_MAX: usize = 300;
/// Columns offered instead of one that is not there.
const OFFERED_MAX: usize = 3;

/// The engine's error for the author of a statement.
pub(crate) fn told(error: &DataFusionError) -> Error {
    match error {
        DataFusionError::SQL(error, _) => syntax(error),
        DataFusionError::ResourcesExhausted(_) => {
            Error::new(ErrorCode::SqlTooMuchMemory, "the statement needs more memory than it may use")
                .at("sql")
        }
        DataFusionError::SchemaError(error, _) => schema(error),
        DataFusionError::Context(_, inner) => told(inner),
        DataFusionError::Shared(inner) => told(inner),
        DataFusionError::Collection(all) => match all.first() {
            Some(first) => told(first),
            None => failed("the statement cannot be carried out"),
        },
        DataFusionError::Diagnostic(diagnostic, inner) => {
            let error = told(inner);
            match diagnostic.span {
                Some(span) => placed(error, span.start.line, span.start.column),
                None => error,
            }
        }
        DataFusionError::External(cause) => match cause.downcast_ref::<Error>() {
            Some(own) => own.clone(),
            None => failed(&cause.to_string()),
        },
        DataFusionError::ArrowError(cause, _) => failed(&cause.to_string()),
        DataFusionError::Plan(text) => plan(text),
        DataFusionError::Execution(text)
        | DataFusionError::NotImplemented(text)
        | DataFusionError::Configuration(text) => failed(text),
        // Its words are for those who build the engine; values may stand in them.
        DataFusionError::Internal(text) if text.contains("exceeded") => failed(text),
        _ => failed("the engine cannot carry out this statement"),
    }
}

fn placed(error: Error, line: u64, column: u64) -> Error {
    if line == 0 || error.params.contains_key("line") {
        return error;
    }
    error.with("line", line.to_string()).with("column", column.to_string())
}

fn syntax(error: &ParserError) -> Error {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => {
            return Error::new(ErrorCode::TooComplex, "the statement is nested too deeply")
                .with("limit", super::NESTING_MAX.to_string())
                .at("sql");
        }
    };
    // "Expected: …, found: FORM at Line: 1, Column: 10"
    let (said, place) = text.rsplit_once(" at Line: ").map_or((text, None), |(said, at)| {
        let numbers = at.split_once(", Column: ");
        let read = |text: &str| text.trim().parse::<u64>().ok();
        (said, numbers.and_then(|(line, column)| Some((read(line)?, read(column)?))))
    });
    let error = Error::new(ErrorCode::SqlSyntax, short(said)).with("reason", short(said)).at("sql");
    match place {
        Some((line, column)) => placed(error, line, column),
        None => error,
    }
}

fn schema(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let lower = field.name.to_lowercase();
            let mut near: Vec<&str> = valid_fields
                .iter()
                .map(|known| known.name.as_str())
                .filter(|known| {
                    let known = known.to_lowercase();
                    known.contains(&lower) || lower.contains(&known)
                })
                .collect();
            near.dedup();
            near.truncate(OFFERED_MAX);
            let error = unknown("column", &field.flat_name());
            if near.is_empty() { error } else { error.with("near", near.join(", ")) }
        }
        other => failed(&other.to_string()),
    }
}

fn plan(text: &str) -> Error {
    // "table 'siyu.public.nothing' not found"
    let table = text.strip_prefix("table '").and_then(|rest| rest.split_once("' not found"));
    if let Some((name, _)) = table {
        return unknown("table", name.rsplit('.').next().unwrap_or(name));
    }
    let function = text.split_once("Invalid function '").and_then(|(_, rest)| rest.split_once('\''));
    if let Some((name, _)) = function {
        return unknown("function", name);
    }
    failed(text)
}

fn unknown(what: &str, name: &str) -> Error {
    Error::new(ErrorCode::UnknownName, format!("there is no {what} {name}"))
        .with("what", what)
        .with("name", name)
        .at("sql")
}

fn failed(reason: &str) -> Error {
    Error::new(ErrorCode::SqlFailed, short(reason)).with("reason", short(reason)).at("sql")
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    line.chars().take(REASON_CHARS_MAX).collect()
}
