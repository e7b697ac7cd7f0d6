//! What becomes of statements and answers: parameters, saved ones, files, segments.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use siyu_types::Role;
use tower::ServiceExt;

use super::{NAME, Shop};
use crate::support::Client;

#[tokio::test]
async fn parameters_are_values_and_never_text() {
    let shop = Shop::start().await;
    let ask = async |sql: &str, params: Value| {
        shop.owner.post(&shop.app, "/api/v1/sql/run", json!({ "sql": sql, "params": params })).await
    };
    for (sql, params, expected) in [
        ("select count(*) from people where city = $city", json!({"city": "杭州"}), json!([[1]])),
        ("select count(*) from people where city = $city", json!({"city": "x' or '1' = '1"}), json!([[0]])),
        ("select count(*) from people where age > $least", json!({"least": 35}), json!([[1]])),
        ("select count(*) from people where age > $least", json!({"least": 30.5, "unused": 1}), json!([[2]])),
        ("select count(*) from people where vip = $vip", json!({"vip": true}), json!([[1]])),
        ("select count(*) from people where $any is null", json!({"any": null}), json!([[2]])),
        (
            "select count(*) from events where time >= $since and event = $event",
            json!({"since": "2026-11-21", "event": "page_view"}),
            json!([[1]]),
        ),
        (
            "select $a::text || $a::text",
            json!({"a": "; drop table people --"}),
            json!([["; drop table people --; drop table people --"]]),
        ),
    ] {
        let answer = ask(sql, params.clone()).await;
        assert_eq!(answer.body["rows"], expected, "{sql} {params}: {}", answer.body);
    }
    let list = ask("select $a", json!({"a": [1]})).await;
    assert_eq!((list.status, list.body["error"]["field"].clone()), (422, json!("params.a")));
}

#[tokio::test]
async fn statements_are_saved_with_their_parameters() {
    let shop = Shop::start().await;
    let Shop { app, owner, .. } = &shop;
    let path = "/api/v1/sql/queries";
    let new = json!({ "name": "每日浏览", "sql": "select count(*) from events where event = $event",
        "params": [{ "name": "event", "kind": "text", "default": "page_view" }], "view": { "kind": "bar" } });
    let made = owner.post(app, path, new.clone()).await.ok();
    let one = format!("{path}/{}", made["id"]);
    assert_eq!(made["view"], json!({ "kind": "bar", "x": "", "y": [] }));
    assert_eq!(owner.get(app, &one).await.ok(), made);
    let taken = owner.post(app, path, new).await;
    assert_eq!(
        (taken.status, taken.code(), &taken.body["error"]["field"]),
        (409, "conflict", &json!("name"))
    );
    for (bad, field) in [
        (json!({ "name": " ", "sql": "select 1" }), "name"),
        (json!({ "name": "a", "sql": " " }), "sql"),
        (
            json!({ "name": "a", "sql": "select 1", "params": [{ "name": "1", "kind": "text" }] }),
            "params[0].name",
        ),
    ] {
        let answer = owner.post(app, path, bad).await;
        assert_eq!((answer.status, &answer.body["error"]["field"]), (422, &json!(field)), "{}", answer.body);
    }
    let changed = owner.patch(app, &one, json!({ "description": "每天看" })).await.ok();
    assert_eq!((&changed["description"], &changed["sql"]), (&json!("每天看"), &made["sql"]));
    let viewer = app.program(Role::Viewer).await;
    assert_eq!(viewer.get(app, path).await.ok()["items"][0]["name"], "每日浏览");
    viewer.delete(app, &one).await.refused(axum::http::StatusCode::FORBIDDEN, "forbidden");
    assert_eq!(owner.delete(app, &one).await.status, 204);
    assert_eq!(owner.get(app, &one).await.status, 404);
    let audit = owner.get(app, "/api/v1/audit").await.ok();
    let actions: Vec<&str> = audit["items"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| row["action"].as_str())
        .filter(|action| action.starts_with("sql."))
        .take(3)
        .collect();
    assert_eq!(actions, ["sql.delete", "sql.change", "sql.create"]);
}

#[tokio::test]
async fn people_of_an_answer_become_a_segment() {
    let shop = Shop::start().await;
    let Shop { app, owner, .. } = &shop;
    let keep = async |sql: &str| {
        owner
            .post(
                app,
                "/api/v1/sql/segment",
                json!({ "sql": sql, "name": format!("来自 SQL {}", sql.len()) }),
            )
            .await
    };
    let made = keep("select city, p.person_no as who from people p where exists (select 1 from orders o where o.person_no = p.person_no and o.counts)").await.ok();
    assert_eq!(made["count"], 1);
    let members = owner.get(app, &format!("/api/v1/people?segment={}", made["id"])).await.ok();
    assert_eq!(members["items"][0]["person"], json!(shop.find("ann").await));
    // Of numbers that were reckoned by name; of those nobody has, nobody.
    let named = keep("select max(person_no) as person_no from people").await.ok();
    assert_eq!(named["count"], 1);
    assert_eq!(keep("select 4000000000 as person_no").await.ok()["count"], 0);
    let none = keep("select city from people").await;
    assert_eq!((none.status, none.code()), (422, "unknown_name"), "{}", none.body);
    assert_eq!(none.body["error"]["params"]["name"], "person_no");
}

/// The bytes of a file, and its headers.
async fn file(shop: &Shop, client: &Client, format: &str, sql: &str) -> (u16, String, Vec<u8>) {
    let body = json!({ "sql": sql, "format": format, "title": "月报" }).to_string();
    let mut request = Request::post("/api/v1/sql/export").header("content-type", "application/json");
    for (name, value) in &client.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(body)).expect("a request");
    let answer = shop.app.app.router.clone().oneshot(request).await.expect("infallible");
    let (parts, body) = answer.into_parts();
    let kind = parts.headers["content-type"].to_str().expect("text").to_owned();
    (parts.status.as_u16(), kind, to_bytes(body, usize::MAX).await.expect("a body").to_vec())
}

#[tokio::test]
async fn files_are_marked_registered_and_run_nothing() {
    let shop = Shop::start().await;
    let Shop { app, owner, .. } = &shop;
    let sql = "select person_no, name, age, vip, first_seen, -5 as less from people order by age";
    let (status, kind, csv) = file(&shop, owner, "csv", sql).await;
    assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
    let csv = String::from_utf8(csv).expect("UTF-8");
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "person_no,name,age,vip,first_seen,less,siyu_export");
    assert!(lines[1].contains(&format!(",{NAME},31,true,2026-11-19 18:00:00.000+08:00,-5,")), "{}", lines[1]);
    // A name that a spreadsheet would run is quoted, a number below zero is none.
    assert!(lines[2].contains(",'=1+2,40,false,"), "{}", lines[2]);

    let register = owner.get(app, "/api/v1/personal/exports").await.ok();
    let entry = &register["items"][0];
    assert_eq!((&entry["what"], &entry["title"], &entry["rows"]), (&json!("sql"), &json!("月报"), &json!(2)));
    let code = entry["code"].as_str().expect("a code");
    assert!(lines[1..].iter().all(|line| line.contains(code)), "{csv}");
    let ann = shop.find("ann").await;
    let looks = owner.get(app, &format!("/api/v1/people/{ann}/looks")).await.ok();
    assert!(looks.to_string().contains(code), "{looks}");

    let (status, _, book) = file(&shop, owner, "xlsx", sql).await;
    assert!(status == 200 && book.starts_with(b"PK"));
    let (status, _, parquet) = file(&shop, owner, "parquet", sql).await;
    assert!(status == 200 && parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));

    // Who may not take files, does not; and what is refused is registered nowhere.
    let analyst = app.program(Role::Analyst).await;
    assert_eq!(file(&shop, &analyst, "csv", sql).await.0, 403);
    assert_eq!(file(&shop, owner, "csv", "select nothing").await.0, 422);
    let after = owner.get(app, "/api/v1/personal/exports").await.ok();
    assert_eq!(after["items"].as_array().map(Vec::len), Some(3));
}
