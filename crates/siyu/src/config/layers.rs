//! Laying settings over each other. The defaults say which names exist and of
//! which type they are.

use siyu_types::{Error, Result};
use toml::{Table, Value};

const PREFIX: &str = "SIYU_";
/// Variables of the test suite, of no concern to the settings.
const TEST_PREFIX: &str = "SIYU_TEST_";
/// The key by which commands ask a running server; no setting of this one.
pub(crate) const KEY_VARIABLE: &str = "SIYU_API_KEY";

pub(super) fn parse(text: &str) -> Result<Table> {
    text.parse::<Table>().map_err(|error| Error::invalid("config", error.to_string().trim_end().to_owned()))
}

/// Puts the file's values over the known ones.
pub(super) fn overlay(known: &mut Table, file: Table) -> Result<()> {
    for (name, value) in file {
        match (known.get_mut(&name), value) {
            (Some(Value::Table(section)), Value::Table(values)) => {
                for (inner, value) in values {
                    let path = format!("{name}.{inner}");
                    match section.get_mut(&inner) {
                        Some(old) => set(old, value, &path)?,
                        None => {
                            let names: Vec<String> =
                                section.keys().map(|key| format!("{name}.{key}")).collect();
                            return Err(unknown(&path, &names));
                        }
                    }
                }
            }
            (Some(old), value) => set(old, value, &name)?,
            (None, _) => return Err(unknown(&name, &names(known))),
        }
    }
    Ok(())
}

fn set(old: &mut Value, new: Value, path: &str) -> Result<()> {
    if !old.same_type(&new) {
        return Err(Error::invalid(path, format!("must be a {}", old.type_str())));
    }
    *old = new;
    Ok(())
}

/// Puts `SIYU_…` variables over the known values.
pub(super) fn environment(
    known: &mut Table,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<()> {
    for (variable, text) in variables {
        let other = variable.starts_with(TEST_PREFIX) || variable == KEY_VARIABLE;
        if !variable.starts_with(PREFIX) || other {
            continue;
        }
        let all = names(known);
        let name = all.iter().find(|name| variable_of(name) == variable).cloned();
        let Some(name) = name else {
            let variables: Vec<String> = all.iter().map(|name| variable_of(name)).collect();
            return Err(unknown(&variable, &variables));
        };
        let old = match name.split_once('.') {
            Some((section, inner)) => known.get_mut(section).and_then(|section| section.get_mut(inner)),
            None => known.get_mut(&name),
        };
        if let Some(old) = old {
            *old = read(old, &text)
                .ok_or_else(|| Error::invalid(variable, format!("must be a {}", old.type_str())))?;
        }
    }
    Ok(())
}

fn variable_of(name: &str) -> String {
    format!("{PREFIX}{}", name.replace('.', "_").to_uppercase())
}

/// Reads a text as the type that the default has.
fn read(old: &Value, text: &str) -> Option<Value> {
    Some(match old {
        Value::Boolean(_) => Value::Boolean(text.parse().ok()?),
        Value::Integer(_) => Value::Integer(text.parse().ok()?),
        Value::Float(_) => Value::Float(text.parse().ok()?),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => Value::String(text.to_owned()),
    })
}

/// All names, `section.name` for those in sections.
fn names(known: &Table) -> Vec<String> {
    let all = known.iter().flat_map(|(name, value)| match value {
        Value::Table(section) => section.keys().map(|inner| format!("{name}.{inner}")).collect(),
        _ => vec![name.clone()],
    });
    all.collect()
}

fn unknown(name: &str, names: &[String]) -> Error {
    let nearest = names.iter().min_by_key(|candidate| distance(name, candidate));
    let hint = match nearest {
        Some(nearest) if distance(name, nearest) <= nearest.len() / 2 => format!("; did you mean {nearest}?"),
        _ => String::new(),
    };
    Error::invalid(name, format!("there is no such setting{hint}"))
}

/// Edits between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
