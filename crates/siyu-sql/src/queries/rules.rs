//! What a saved statement must fulfil.

use std::collections::BTreeSet;

use siyu_types::{Error, ErrorCode, Result};

use super::model::{QueryParam, QueryView};
use crate::sql::{PARAMS_MAX, TEXT_CHARS_MAX};

/// Longest names, descriptions, defaults of parameters, in characters.
const NAME_CHARS_MAX: usize = 100;
const DESCRIPTION_CHARS_MAX: usize = 2_000;
const DEFAULT_CHARS_MAX: usize = 500;
/// Columns drawn.
const DRAWN_MAX: usize = 8;

pub(super) fn name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_CHARS_MAX {
        return Err(Error::invalid("name", format!("needs 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(name.to_owned())
}

pub(super) fn description(text: &str) -> Result<String> {
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(Error::invalid("description", format!("at most {DESCRIPTION_CHARS_MAX} characters")));
    }
    Ok(text.trim().to_owned())
}

/// One may save what does not run yet.
pub(super) fn text(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid("sql", "is empty"));
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Error::new(ErrorCode::TooLarge, "the statement is too long")
            .with("limit", TEXT_CHARS_MAX.to_string())
            .at("sql"));
    }
    Ok(())
}

pub(super) fn params(params: &[QueryParam]) -> Result<()> {
    if params.len() > PARAMS_MAX {
        return Err(Error::invalid("params", format!("at most {PARAMS_MAX}")));
    }
    let mut names = BTreeSet::new();
    for (at, param) in params.iter().enumerate() {
        let field = |part: &str| format!("params[{at}].{part}");
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let starts = param.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !starts || !param.name.chars().all(letters) || param.name.len() > NAME_CHARS_MAX {
            return Err(Error::invalid(field("name"), "needs Latin letters, digits and _"));
        }
        if !names.insert(&param.name) {
            return Err(Error::new(ErrorCode::Conflict, "there are two of this name").at(field("name")));
        }
        if param.default.chars().count() > DEFAULT_CHARS_MAX {
            return Err(Error::invalid(field("default"), format!("at most {DEFAULT_CHARS_MAX} characters")));
        }
    }
    Ok(())
}

pub(super) fn view(view: &QueryView) -> Result<()> {
    let long = |name: &String| name.chars().count() > DESCRIPTION_CHARS_MAX;
    if view.y.len() > DRAWN_MAX || view.y.iter().any(long) || long(&view.x) {
        return Err(Error::invalid("view", format!("at most {DRAWN_MAX} columns")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::model::ParamKind;
    use super::*;

    #[test]
    fn parameters() {
        let param =
            |name: &str| QueryParam { name: name.into(), kind: ParamKind::Text, default: String::new() };
        let cases: [(&[&str], bool); 6] = [
            (&["city"], true),
            (&["_a1", "b_2"], true),
            (&["1a"], false),
            (&[""], false),
            (&["城市"], false),
            (&["a", "a"], false),
        ];
        for (names, passes) in cases {
            let all: Vec<QueryParam> = names.iter().map(|name| param(name)).collect();
            assert_eq!(params(&all).is_ok(), passes, "{names:?}");
        }
        let long = QueryParam { default: "x".repeat(DEFAULT_CHARS_MAX + 1), ..param("a") };
        assert_eq!(params(&[long]).expect_err("too long").field.as_deref(), Some("params[0].default"));
    }

    #[test]
    fn names_and_texts() {
        assert_eq!(name("  每日订单 ").expect("fits"), "每日订单");
        assert!(name(" ").is_err() && name(&"字".repeat(101)).is_err());
        assert!(text("select 1").is_ok() && text(" \n").is_err() && text(&"x".repeat(20_001)).is_err());
        assert!(description(&"字".repeat(2_001)).is_err());
        let wide = QueryView { y: vec!["a".into(); 9], ..QueryView::default() };
        assert!(view(&QueryView::default()).is_ok() && view(&wide).is_err());
    }
}
