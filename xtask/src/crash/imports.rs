//! A file that is imported while the server is killed: it must go on by itself, and end
//! with each of its rows applied once and each refused row listed.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::clients::EVENT;
use super::sender::Random;
use crate::Outcome;
use crate::http::Client;
use crate::server::pause;

/// Rows of a file: some chunks of the import, so that a kill finds it between two.
const ROWS: std::ops::Range<u64> = 6_000..14_000;
/// A row in so many names nobody and is refused.
const BAD_EVERY: u64 = 101;
const END_MAX: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The file of a round.
pub struct File {
    pub round: u32,
    name: String,
    text: String,
    /// Person and number of every good row.
    pub rows: Vec<(String, String)>,
    /// Numbers of the others, as the server counts rows.
    bad: Vec<u64>,
}

impl File {
    /// Its events happen now, so that they stand among those of their round.
    pub fn make(round: u32, now: u64, random: &mut Random) -> File {
        let mut file = File {
            round,
            name: format!("round-{round}.csv"),
            text: "who,number,at\n".to_owned(),
            rows: Vec::new(),
            bad: Vec::new(),
        };
        let rows = ROWS.start + random.draw() % (ROWS.end - ROWS.start);
        for row in 1..=rows {
            let (login, number) = (random.login(), format!("r{round}-file-{row}"));
            if random.draw().is_multiple_of(BAD_EVERY) {
                file.text += &format!(",{number},{now}\n");
                file.bad.push(row);
            } else {
                file.text += &format!("{login},{number},{now}\n");
                file.rows.push((login, number));
            }
        }
        file
    }

    /// Uploads it, which starts the import.
    pub fn upload(&self, api: &Client) -> Outcome<Value> {
        let mapping = json!({"kind": "events", "event": EVENT, "columns": {
            "who": {"to": "login"}, "number": {"to": "property"}, "at": {"to": "time"}}});
        let file = (self.name.as_str(), self.text.as_bytes());
        api.upload("/api/v1/imports", file, ("mapping", &mapping.to_string()))
    }

    /// Waits until its import has ended; uploads it first if the server died before it had
    /// it. Answers every difference to the file as a sentence.
    pub fn settle(&self, api: &Client) -> Outcome<Vec<String>> {
        let id = match self.find(api)? {
            Some(id) => id,
            None => self.upload(api)?["id"].clone(),
        };
        let began = Instant::now();
        loop {
            let import = api.get(&format!("/api/v1/imports/{id}"))?;
            match import["state"].as_str() {
                Some("done") => return self.differences(api, &import),
                Some("queued" | "running") if began.elapsed() < END_MAX => pause(LOOK_EVERY),
                _ => return Ok(vec![format!("the import of {} did not end: {import}", self.name)]),
            }
        }
    }

    fn find(&self, api: &Client) -> Outcome<Option<Value>> {
        let imports = api.get("/api/v1/imports?limit=10")?;
        let mut items = imports["items"].as_array().into_iter().flatten();
        Ok(items.find(|item| item["name"] == self.name.as_str()).map(|item| item["id"].clone()))
    }

    fn differences(&self, api: &Client, import: &Value) -> Outcome<Vec<String>> {
        let mut problems = Vec::new();
        let (good, bad) = (self.rows.len() as u64, self.bad.len() as u64);
        for (name, expected) in [("rows", good + bad), ("accepted", good), ("rejected", bad)] {
            if import[name].as_u64() != Some(expected) {
                problems.push(format!("{} has {expected} {name}, {} are shown", self.name, import[name]));
            }
        }
        let table = api.send("GET", &format!("/api/v1/imports/{}/errors.csv", import["id"]), "", &[])?;
        let listed = refused_rows(&String::from_utf8_lossy(&table.body));
        if listed != self.bad {
            problems.push(format!("{} lists {} refused rows of {bad}", self.name, listed.len()));
        }
        Ok(problems)
    }
}

/// The numbers in the first column.
fn refused_rows(table: &str) -> Vec<u64> {
    let lines = table.lines().skip(1);
    lines.filter_map(|line| line.split(',').next()?.trim_matches('"').parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_knows_its_rows() {
        let file = File::make(3, 1_795_302_808_861, &mut Random::new(1));
        let lines: Vec<&str> = file.text.lines().skip(1).collect();
        assert_eq!(lines.len(), file.rows.len() + file.bad.len());
        let bad = |row: &u64| lines[*row as usize - 1].starts_with(',');
        assert!(!file.bad.is_empty() && file.bad.iter().all(bad));
        assert_eq!(refused_rows("\u{feff}row,column,code\n7,,x\n\"12\",\"a\",x\n"), [7, 12]);
    }
}
