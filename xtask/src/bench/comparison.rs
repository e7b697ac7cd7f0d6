//! What the engines answered, side by side. Times count only where the answers are equal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::Outcome;

const OWN: &str = "siyu";
pub const PEERS: [&str; 2] = ["chdb", "duckdb"];
const ENGINES: [&str; 3] = [OWN, PEERS[0], PEERS[1]];
const MEGABYTE: f64 = 1_048_576.0;

/// What one engine said to one question.
enum Said {
    /// Milliseconds of the first run, the median of the later ones, and the answer.
    Answered { cold: f64, hot: f64, answer: Value },
    /// Why it was not asked.
    LeftOut(String),
}

/// A question before and after something came; times are in milliseconds.
struct Again {
    question: String,
    /// What came, and how much of it.
    what: String,
    count: f64,
    /// The longest round in which it was put in its place.
    round: f64,
    /// Asked a second after others, and several times in a row.
    before: [f64; 2],
    after: [f64; 2],
}

/// The lines of all engines' runs.
#[derive(Default)]
pub struct Comparison {
    /// In the order in which they were told first.
    questions: Vec<String>,
    /// By engine and question.
    said: BTreeMap<(String, String), Said>,
    /// By engine and name.
    facts: BTreeMap<(String, String), f64>,
    again: Vec<Again>,
}

/// The questions that some peer answered, and how many times faster than the faster one siyu was.
type Ratios<'q> = Vec<(&'q str, f64)>;

impl Comparison {
    /// Takes in what an engine printed; lines that are not its own are passed over.
    pub fn read(&mut self, text: &str) {
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let Some(engine) = line["engine"].as_str() else { continue };
            if let Some(question) = line["query"].as_str() {
                self.read_question(engine, question, &line);
            } else if let (Some(fact), Some(value)) = (line["fact"].as_str(), line["value"].as_f64()) {
                self.facts.insert((engine.to_owned(), fact.to_owned()), value);
            } else if let Some(question) = line["again"].as_str() {
                self.again.push(Again::read(question, &line));
            }
        }
    }

    fn read_question(&mut self, engine: &str, question: &str, line: &Value) {
        let said = match (line["cold_millis"].as_f64(), line["millis"].as_f64(), line["reason"].as_str()) {
            (Some(cold), Some(hot), _) => Said::Answered { cold, hot, answer: line["answer"].clone() },
            (_, _, Some(reason)) => Said::LeftOut(reason.to_owned()),
            _ => return,
        };
        if !self.questions.iter().any(|known| known == question) {
            self.questions.push(question.to_owned());
        }
        self.said.insert((engine.to_owned(), question.to_owned()), said);
    }

    fn said(&self, engine: &str, question: &str) -> Option<&Said> {
        self.said.get(&(engine.to_owned(), question.to_owned()))
    }

    fn hot(&self, engine: &str, question: &str) -> Option<f64> {
        match self.said(engine, question)? {
            Said::Answered { hot, .. } => Some(*hot),
            Said::LeftOut(_) => None,
        }
    }

    fn fact(&self, engine: &str, name: &str) -> Option<f64> {
        self.facts.get(&(engine.to_owned(), name.to_owned())).copied()
    }

    /// All that is to be said; an error names every answer that differs or is missing.
    pub fn told(&self) -> Outcome<String> {
        let wrong: Vec<String> = self.questions.iter().flat_map(|question| self.wrong(question)).collect();
        if !wrong.is_empty() || self.questions.is_empty() {
            return Err(format!("no time counts:\n{}", wrong.join("\n")));
        }
        let mut told = String::new();
        let ratios = self.times(&mut told);
        summary(&ratios, &mut told);
        self.memory(&mut told);
        self.asked_again(&mut told);
        self.reasons(&mut told);
        Ok(told)
    }

    /// What is wrong with the answers to a question.
    fn wrong(&self, question: &str) -> Vec<String> {
        let Some(Said::Answered { answer: own, .. }) = self.said(OWN, question) else {
            return vec![format!("{question}: {OWN} did not answer")];
        };
        let of = |peer: &&str| match self.said(peer, question) {
            None => Some(format!("{question}: {peer} did not answer and gives no reason")),
            Some(Said::Answered { answer, .. }) if answer != own => {
                Some(format!("{question}: {OWN} and {peer} do not agree{}", difference(own, answer)))
            }
            Some(_) => None,
        };
        PEERS.iter().filter_map(of).collect()
    }

    /// A row for each question.
    fn times(&self, told: &mut String) -> Ratios<'_> {
        let mut ratios = Vec::new();
        let mut head = format!("{:24}", "question, first / hot ms");
        ENGINES.iter().for_each(|engine| head.push_str(&format!("  {engine:>17}")));
        told.push_str(&format!("{head}  times the faster peer\n"));
        for question in &self.questions {
            let mut row = format!("{question:24}");
            for engine in ENGINES {
                let cell = match self.said(engine, question) {
                    Some(Said::Answered { cold, hot, .. }) => format!("{cold:.1} / {hot:.1}"),
                    _ => "–".to_owned(),
                };
                row.push_str(&format!("  {cell:>17}"));
            }
            let best = PEERS.iter().filter_map(|peer| self.hot(peer, question)).reduce(f64::min);
            let ratio = best.zip(self.hot(OWN, question)).map(|(best, own)| best / own);
            let shown = ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.1}"));
            told.push_str(&format!("{row}  {shown:>6}\n"));
            ratios.extend(ratio.map(|ratio| (question.as_str(), ratio)));
        }
        ratios
    }

    fn memory(&self, told: &mut String) {
        let events = self.fact(OWN, "events").unwrap_or(f64::NAN);
        for engine in ENGINES {
            let number = |name: &str| self.fact(engine, name).unwrap_or(f64::NAN);
            // Writing to a text cannot fail.
            let _ = writeln!(
                told,
                "{engine:8} {:.2} bytes per event on disk, peak {:.0} MB loading and {:.0} MB asking, loaded in {:.0} s",
                number("disk_bytes") / events,
                number("load_peak_bytes") / MEGABYTE,
                number("peak_bytes") / MEGABYTE,
                number("load_millis") / 1_000.0,
            );
        }
    }

    fn asked_again(&self, told: &mut String) {
        for Again { question, what, count, round, before: [once, hot], after: [first, next] } in &self.again {
            let _ = writeln!(
                told,
                "{question}, after {count:.0} {what} in ten seconds and a round of at most {round:.0} ms after each: \
                 first {first:.2} ms, then {next:.2} ms; before, a second after others {once:.2} ms, in a row {hot:.2} ms \
                 ({OWN} only)",
            );
        }
    }

    fn reasons(&self, told: &mut String) {
        for ((engine, question), said) in &self.said {
            if let Said::LeftOut(reason) = said {
                let _ = writeln!(told, "– {question}, {engine}: {reason}");
            }
        }
    }
}

impl Again {
    fn read(question: &str, line: &Value) -> Again {
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        let came = &line["came"];
        Again {
            question: question.to_owned(),
            what: came["what"].as_str().unwrap_or_default().to_owned(),
            count: number(&came["count"]),
            round: number(&came["round_millis"]),
            before: ["once_before_millis", "before_millis"].map(|name| number(&line[name])),
            after: ["first_millis", "millis"].map(|name| number(&line[name])),
        }
    }
}

/// The geometric mean and the smallest of the ratios.
fn summary(ratios: &Ratios<'_>, told: &mut String) {
    let Some((question, smallest)) = ratios.iter().min_by(|a, b| a.1.total_cmp(&b.1)) else { return };
    let mean = (ratios.iter().map(|(_, ratio)| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    let _ = writeln!(
        told,
        "of {} questions: geometric mean {mean:.1} times the faster peer, smallest {smallest:.1} ({question})",
        ratios.len(),
    );
}

/// Where two lists begin to differ.
fn difference(own: &Value, other: &Value) -> String {
    let (Value::Array(own), Value::Array(other)) = (own, other) else { return String::new() };
    let at = own.iter().zip(other).take_while(|(own, other)| own == other).count();
    let from = |list: &[Value]| Value::from(list[at..].iter().take(4).cloned().collect::<Vec<_>>());
    format!(
        ": of {} and {} values, from value {at} on {} and {}",
        own.len(),
        other.len(),
        from(own),
        from(other)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(engine: &str, question: &str, hot: f64, answer: &str) -> String {
        format!(
            "{{\"engine\":\"{engine}\",\"query\":\"{question}\",\"cold_millis\":9.5,\"millis\":{hot:?},\"answer\":{answer}}}\n"
        )
    }

    /// Two questions, the second of which DuckDB does not answer.
    fn lines(peer: &str) -> String {
        let mut lines = "noise\n".to_owned();
        lines.push_str(&answered("siyu", "q", 2.0, "[1]"));
        lines.push_str(&answered("siyu", "late_q", 2.0, "[1,\"a\"]"));
        lines.push_str(&answered("chdb", "q", 30.0, peer));
        lines.push_str(&answered("duckdb", "q", 20.0, "[1]"));
        lines.push_str(&answered("chdb", "late_q", 80.0, "[1,\"a\"]"));
        lines.push_str("{\"engine\":\"duckdb\",\"query\":\"late_q\",\"reason\":\"it has no such thing\"}\n");
        lines.push_str("{\"engine\":\"siyu\",\"fact\":\"events\",\"value\":100}\n");
        lines.push_str("{\"engine\":\"siyu\",\"fact\":\"disk_bytes\",\"value\":750}\n");
        lines.push_str(
            "{\"engine\":\"siyu\",\"again\":\"q\",\"came\":{\"what\":\"merges\",\"count\":5,\"round_millis\":4.0},\
             \"first_millis\":7.0,\"millis\":3.0,\"once_before_millis\":6.0,\"before_millis\":2.0}\n",
        );
        lines
    }

    fn told(lines: &str) -> Outcome<String> {
        let mut comparison = Comparison::default();
        comparison.read(lines);
        comparison.told()
    }

    #[test]
    fn times_count_only_when_answers_agree() {
        let table = told(&lines("[1]")).expect("they agree");
        let rows: Vec<&str> = table.lines().collect();
        assert!(rows[1].starts_with("q ") && rows[1].ends_with(" 10.0"), "{table}");
        assert!(rows[1].contains("9.5 / 30.0"), "{table}");
        let wrong = told(&lines("[2]")).expect_err("they differ");
        assert!(
            wrong.contains("siyu and chdb do not agree: of 1 and 1 values, from value 0 on [1] and [2]"),
            "{wrong}"
        );
    }

    #[test]
    fn whoever_is_left_out_gives_a_reason() {
        let table = told(&lines("[1]")).expect("a reason is given");
        let row = table.lines().nth(2).expect("a second question");
        assert!(row.contains(" – ") && row.ends_with(" 40.0"), "{row}");
        assert!(table.contains("– late_q, duckdb: it has no such thing"), "{table}");
        let silent: String = lines("[1]")
            .lines()
            .filter(|line| !line.contains("reason"))
            .fold(String::new(), |all, line| all + line + "\n");
        assert!(told(&silent).expect_err("no reason").contains("late_q: duckdb did not answer"));
    }

    #[test]
    fn a_summary_follows_the_table() {
        let table = told(&lines("[1]")).expect("they agree");
        assert!(
            table.contains("of 2 questions: geometric mean 20.0 times the faster peer, smallest 10.0 (q)"),
            "{table}"
        );
        assert!(table.contains("siyu     7.50 bytes per event on disk"), "{table}");
        assert!(
            table.contains(
                "q, after 5 merges in ten seconds and a round of at most 4 ms after each: first 7.00 ms, then 3.00 ms; \
                 before, a second after others 6.00 ms, in a row 2.00 ms (siyu only)"
            ),
            "{table}"
        );
    }

    #[test]
    fn nothing_said_is_no_agreement() {
        assert!(told("noise\n").is_err());
    }
}
