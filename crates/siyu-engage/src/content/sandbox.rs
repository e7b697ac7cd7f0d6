//! What a template may do: decide, repeat and print. Everything that could build
//! large texts in memory is refused before the template engine sees it, because
//! the engine counts steps but not bytes.

use siyu_types::error::{Error, ErrorCode, Result};

/// Bytes of one template.
pub const SOURCE_MAX: usize = 256 << 10;
/// Steps of one rendering.
pub const FUEL: u64 = 50_000;
/// Bytes of one rendered text.
pub const OUTPUT_MAX: usize = 1 << 20;
/// Bytes a filter may make out of one value.
pub const VALUE_MAX: usize = 64 << 10;

const TAGS: &[&str] = &["if", "elif", "else", "endif", "for", "endfor", "raw", "endraw"];

/// Checks every tag and expression of a template.
pub fn check(field: &str, source: &str) -> Result<()> {
    if source.len() > SOURCE_MAX {
        return Err(Error::new(ErrorCode::TemplateTooCostly, "the template is too long")
            .with("limit_bytes", SOURCE_MAX.to_string())
            .at(field));
    }
    let mut rest = source;
    while let Some(start) = rest.find('{') {
        let after = &rest[start + 1..];
        rest = match after.as_bytes().first() {
            Some(b'#') => after.split_once("#}").map_or("", |(_, rest)| rest),
            Some(b'%') => {
                let (inside, rest) = expression(&after[1..], "%}");
                check_tag(field, inside)?;
                check_expression(field, inside)?;
                rest
            }
            Some(b'{') => {
                let (inside, rest) = expression(&after[1..], "}}");
                check_expression(field, inside)?;
                rest
            }
            _ => after,
        };
    }
    Ok(())
}

fn refuse(field: &str, message: String) -> Error {
    Error::new(ErrorCode::TemplateSyntax, message).at(field)
}

fn check_tag(field: &str, inside: &str) -> Result<()> {
    let name = inside.trim_start_matches(['-', '+']).trim_start();
    let name = name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    if TAGS.contains(&name) {
        return Ok(());
    }
    Err(refuse(field, format!("the tag {name:?} is not available in messages")).with("tag", name))
}

fn check_expression(field: &str, inside: &str) -> Result<()> {
    // `{%+`, `-%}` and the like control white space.
    let inside = inside.trim_start_matches(['-', '+']).trim_end_matches(['-', '+']);
    let mut quote = None;
    let mut escaped = false;
    for c in inside.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if matches!(c, '~' | '+' | '*') => {
                return Err(refuse(
                    field,
                    format!("{c:?} is not available in messages; print the parts one after another"),
                )
                .with("operator", c.to_string()));
            }
            None => {}
        }
    }
    Ok(())
}

/// Splits at `end`, not counting those inside quotes.
fn expression<'a>(text: &'a str, end: &str) -> (&'a str, &'a str) {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if text[at..].starts_with(end) => return (&text[..at], &text[at + end.len()..]),
            None => {}
        }
    }
    (text, "")
}
