//! The same question has the same number wherever it is asked: in the chart, in the list of people
//! behind it, in the segment made of them, in the file, and in SQL written for the question.

mod cells;
mod edges;
mod pitfalls;
mod world;

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::json;

use crate::shop::Shop;
use cells::Asked;

/// What a file says in the cells that were asked for; an empty column is not in the file.
fn filed(text: &str, asked: &Asked) -> Vec<Option<f64>> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let titles = reader.headers().expect("titles").clone();
    let place = |title: &str| {
        titles.iter().position(|own| own == title).unwrap_or_else(|| panic!("no {title} in {titles:?}"))
    };
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let wanted = |row: &&csv::StringRecord| {
        asked.file_row.iter().all(|(title, value)| row.get(place(title)) == Some(value))
    };
    let number = |column: &str| {
        let at = place(column);
        let cells: Vec<f64> =
            rows.iter().filter(wanted).filter_map(|row| row.get(at)?.parse().ok()).collect();
        assert!(!cells.is_empty(), "{column} {:?} is not in {text}", asked.file_row);
        // A file has whole units of money.
        let unit = if column.ends_with("(CNY)") { 100.0 } else { 1.0 };
        (cells.iter().sum::<f64>() * unit * 1e6).round() / 1e6
    };
    asked.file_columns.iter().map(|column| (!column.is_empty()).then(|| number(column))).collect()
}

/// Asks one question in all five ways; answers with the numbers, and says what differs.
async fn ask(shop: &Shop, asked: &Asked, wrong: &mut Vec<String>) -> Vec<f64> {
    let Shop { app, owner, .. } = shop;
    let answer = owner.post(app, "/api/v1/analyses/answer", asked.query.clone()).await.ok();
    assert_eq!(answer["about"]["exact"], true);
    let chart = (asked.chart)(&answer["result"]);
    let mut cell = json!({ "kind": asked.query["kind"], "query": asked.query, "cell": asked.cell });
    cell["query"].as_object_mut().expect("an object").remove("kind");
    let people = owner.post(app, "/api/v1/analyses/people", cell.clone()).await.ok();
    let new = json!({ "name": asked.name, "people": cell });
    let segment = owner.post(app, "/api/v1/segments/from_people", new).await.ok();
    let export = json!({ "query": asked.query, "format": "csv", "language": "en" });
    let file = owner.send(app, Method::POST, "/api/v1/analyses/export", Some(export)).await.ok();
    let filed = filed(file.as_str().expect("text"), asked);
    let mut differ = |what: &str, number: Option<f64>, place: usize| {
        if number != Some(chart[place]) {
            wrong.push(format!(
                "{}, number {place}: {} in the chart, {number:?} in {what}",
                asked.name, chart[place]
            ));
        }
    };
    differ("the list", people["count"].as_f64(), 0);
    differ("the segment", segment["count"].as_f64(), 0);
    let table =
        json!({ "sql": format!("select count(*) from segments where segment_id = {}", segment["id"]) });
    let table = owner.post(app, "/api/v1/sql/run", table).await.ok();
    differ("the table of segments", table["rows"][0][0].as_f64(), 0);
    for (place, number) in filed.iter().enumerate() {
        if number.is_some() {
            differ("the file", *number, place);
        }
    }
    let sql = owner.post(app, "/api/v1/sql/run", json!({ "sql": asked.sql })).await.ok();
    let row = sql["rows"][0].as_array().expect("one row").clone();
    for (place, number) in row.iter().enumerate() {
        differ("SQL", number.as_f64(), place);
    }
    // The next time the question is asked, the name is free.
    let removed = owner.delete(app, &format!("/api/v1/segments/{}", segment["id"])).await;
    assert_eq!(removed.status, 204);
    chart
}

/// All questions, by name.
async fn ask_all(shop: &Shop) -> BTreeMap<&'static str, Vec<f64>> {
    let (mut numbers, mut wrong) = (BTreeMap::new(), Vec::new());
    for asked in cells::all() {
        numbers.insert(asked.name, ask(shop, &asked, &mut wrong).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    numbers
}

#[tokio::test]
async fn the_same_question_has_the_same_number_everywhere() {
    let shop = world::shop().await;
    let before = ask_all(&shop).await;
    for (name, numbers) in &before {
        assert!(numbers.iter().all(|number| *number > 1.0), "{name} asks for nothing much: {numbers:?}");
    }
    world::merge(&shop).await;
    let after = ask_all(&shop).await;
    for kind in cells::KINDS {
        let asked: Vec<Asked> =
            cells::all().into_iter().filter(|asked| asked.query["kind"] == kind).collect();
        let fell = |asked: &Asked| after[asked.name][0] < before[asked.name][0];
        assert!(asked.iter().any(fell), "two people who are one are one less in no {kind}");
    }
}
