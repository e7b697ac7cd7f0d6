//! `siyu sql`. It asks a running server, as the console does: permissions, masking, limits
//! and the notes of who looked hold alike, it works from any machine, and two programs never
//! open one data folder.

use std::io::{IsTerminal, Read, Write};

use clap::ValueEnum;
use serde_json::{Map, Value, json};
use siyu_types::{Error, ErrorCode, Result};

use crate::Config;

/// Cells of a table on a terminal are cut after so many letters.
const CELL_CHARS_MAX: usize = 60;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// One statement that reads; from the standard input if absent or `-`.
    statement: Option<String>,
    /// Where the server is reached; the public address of the settings if absent.
    #[arg(long)]
    url: Option<String>,
    /// An API key. Better in the variable SIYU_API_KEY, where other users do not see it.
    #[arg(long)]
    key: Option<String>,
    /// A value for `$name` in the statement: name=value. Numbers, true, false and null are
    /// taken as such unless quoted.
    #[arg(long = "param", value_parser = param)]
    params: Vec<(String, Value)>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// One array of objects.
    Json,
    /// With a line of titles.
    Csv,
}

fn param(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("must be name=value")?;
    let plain =
        serde_json::from_str(value).ok().filter(|value: &Value| !value.is_object() && !value.is_array());
    Ok((name.trim_start_matches('$').to_owned(), plain.unwrap_or_else(|| json!(value))))
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<()> {
    let statement = match arguments.statement.as_deref() {
        Some(text) if text != "-" => text.to_owned(),
        _ => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
    };
    let key = arguments.key.or_else(|| std::env::var(crate::config::KEY_VARIABLE).ok()).ok_or_else(|| {
        Error::invalid("--key", "give an API key, or set SIYU_API_KEY; `siyu key add --kind api` makes one")
    })?;
    let url = arguments.url.unwrap_or_else(|| config.public_url());
    let params: Map<String, Value> = arguments.params.into_iter().collect();
    let answer = ask(url.trim_end_matches('/'), &key, json!({ "sql": statement, "params": params })).await?;
    let text = match arguments.format {
        Format::Table => table(&answer, std::io::stdout().is_terminal()),
        Format::Json => objects(&answer)?,
        Format::Csv => csv_text(&answer),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    if answer["truncated"] == json!(true) {
        eprintln!("siyu: there are more rows than are answered");
    }
    for column in answer["masked"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        eprintln!("siyu: {column} is masked for you");
    }
    Ok(())
}

async fn ask(url: &str, key: &str, body: Value) -> Result<Value> {
    // Somebody may have chosen one already; either will do.
    let _known = rustls::crypto::ring::default_provider().install_default();
    let unreachable =
        |error: reqwest::Error| Error::new(ErrorCode::ProviderUnreachable, format!("{url}: {error}"));
    let client = reqwest::Client::builder().build().map_err(Error::internal)?;
    let sent = client.post(format!("{url}/api/v1/sql/run")).bearer_auth(key).json(&body).send().await;
    let response = sent.map_err(unreachable)?;
    let good = response.status().is_success();
    let answer: Value = response.json().await.map_err(unreachable)?;
    if good { Ok(answer) } else { Err(refused(&answer["error"])) }
}

/// What the server said, with the place in the statement.
fn refused(error: &Value) -> Error {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let params = &error["params"];
    let mut message = text(&error["message"]);
    for (name, word) in [("reason", ""), ("near", "did you mean ")] {
        let more = text(&params[name]);
        if !more.is_empty() && !message.contains(&more) {
            message = format!("{message}: {word}{more}");
        }
    }
    if let (Some(line), Some(column)) = (params["line"].as_str(), params["column"].as_str()) {
        message = format!("{message} (line {line}, column {column})");
    }
    Error::new(ErrorCode::SqlFailed, message)
}

fn titles(answer: &Value) -> Vec<String> {
    let columns = answer["columns"].as_array().into_iter().flatten();
    columns.filter_map(|column| column["name"].as_str()).map(str::to_owned).collect()
}

fn rows(answer: &Value) -> impl Iterator<Item = &Vec<Value>> {
    answer["rows"].as_array().into_iter().flatten().filter_map(Value::as_array)
}

fn objects(answer: &Value) -> Result<String> {
    let titles = titles(answer);
    let object = |row: &Vec<Value>| Value::Object(titles.iter().cloned().zip(row.iter().cloned()).collect());
    let all: Vec<Value> = rows(answer).map(object).collect();
    Ok(serde_json::to_string_pretty(&all).map_err(Error::internal)? + "\n")
}

fn csv_text(answer: &Value) -> String {
    let quoted = |cell: &str| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    };
    let line =
        |cells: Vec<String>| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\n";
    let body = rows(answer).map(|row| {
        line(
            row.iter()
                .map(|cell| if cell.is_string() { harmless(&shown(cell)) } else { shown(cell) })
                .collect(),
        )
    });
    line(titles(answer)) + &body.collect::<String>()
}

/// Spreadsheets would run it otherwise.
fn harmless(text: &str) -> String {
    siyu_govern::personal::harmless(text)
}

fn shown(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn table(answer: &Value, terminal: bool) -> String {
    let titles = titles(answer);
    let cut = |text: String| -> String {
        // What moves the cursor of a terminal is not printed.
        let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        match terminal {
            true => plain.take(CELL_CHARS_MAX).collect(),
            false => plain.collect(),
        }
    };
    let cells: Vec<Vec<String>> =
        rows(answer).map(|row| row.iter().map(|cell| cut(shown(cell))).collect()).collect();
    let width = |at: usize| {
        let column = cells.iter().map(|row| wide(&row[at])).max().unwrap_or(0);
        column.max(wide(&titles[at]))
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let line = |row: &[String]| {
        let padded = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(wide(cell)))));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let body: String = cells.iter().map(|row| line(row)).collect();
    format!("{}{}{body}({} rows)\n", line(&titles), line(&rule), cells.len())
}

/// Places that a text takes on a terminal: Chinese letters take two.
fn wide(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}' | '\u{20000}'..='\u{3ffff}') {
                2
            } else {
                1
            }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Value {
        json!({ "columns": [{"name": "city"}, {"name": "n"}],
            "rows": [["杭州", 12], ["=cmd|' /C calc'!A0", -3], [null, 4.5], ["a,\"b\"\u{1b}[2J", 0]] })
    }

    #[test]
    fn tables_line_up_and_leave_the_terminal_alone() {
        let text = table(&answer(), true);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "city                n");
        assert_eq!(lines[2], "杭州                12");
        assert_eq!(lines.last(), Some(&"(4 rows)"));
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn csv_runs_no_formula() {
        let text = csv_text(&answer());
        assert_eq!(text.lines().next(), Some("city,n"));
        assert!(text.contains("'=cmd|") && text.contains(",-3") && text.contains("\"a,\"\"b\"\""), "{text}");
        assert_eq!(
            serde_json::from_str::<Value>(&objects(&answer()).expect("JSON")).expect("JSON")[2],
            json!({"city": null, "n": 4.5})
        );
    }

    #[test]
    fn parameters_keep_their_kind() {
        for (text, name, value) in [
            ("city=杭州", "city", json!("杭州")),
            ("$n=12", "n", json!(12)),
            ("a=1.5", "a", json!(1.5)),
            ("b=true", "b", json!(true)),
            ("c=\"12\"", "c", json!("12")),
            ("d=[1]", "d", json!("[1]")),
            ("e=x=y", "e", json!("x=y")),
        ] {
            assert_eq!(param(text), Ok((name.to_owned(), value)), "{text}");
        }
        assert!(param("nothing").is_err());
    }

    #[test]
    fn refusals_say_where() {
        let error = json!({ "message": "there is no column citty", "params": {"line": "1", "column": "8", "near": "city"} });
        assert_eq!(refused(&error).message, "there is no column citty: did you mean city (line 1, column 8)");
    }
}
