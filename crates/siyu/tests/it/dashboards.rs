//! Dashboards, annotations and files of answers, on a shop with people whose values are personal.

use std::io::Cursor;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use calamine::{DataType, Reader, Xlsx};
use serde_json::{Value, json};
use siyu_types::Role;
use tower::ServiceExt;

use crate::shop::Shop;
use crate::support::Client;

async fn start() -> Shop {
    let shop = Shop::start().await;
    shop.collect(json!([
        {"type": "identify", "id": "i1", "login": "u1", "identifiers": {"phone": "13800138001"},
            "properties": {"city": "上海", "mobile": "13800138001", "remark": "=HYPERLINK(1)"}},
        {"type": "identify", "id": "i2", "login": "u2", "identifiers": {"phone": "13800138002"},
            "properties": {"city": "北京", "mobile": "13800138002", "remark": "13800138002"}},
        {"type": "track", "id": "e1", "login": "u1", "event": "order_paid",
            "properties": {"order_id": "o1", "amount_minor": 123_450}},
        {"type": "track", "id": "e0", "login": "u1", "event": "page_view", "time": "2026-11-21T07:59:30Z"},
        {"type": "track", "id": "e2", "login": "u2", "event": "order_paid",
            "properties": {"order_id": "o2", "amount_minor": 50}},
    ]))
    .await;
    shop
}

fn paid(breakdown: Value) -> Value {
    let measure = json!({"kind": "sum", "property": "amount_minor"});
    let mut query = json!({"kind": "trend", "series": [{"event": "order_paid", "filters": [], "measure": measure}],
        "range": {"kind": "last_days", "days": 3}, "interval": "day"});
    if !breakdown.is_null() {
        query["breakdown"] = breakdown;
    }
    query
}

fn by(attribute: &str) -> Value {
    json!({"kind": "attribute", "name": attribute})
}

/// A file of an answer, as bytes.
async fn file(shop: &Shop, who: &Client, body: Value) -> (u16, Vec<u8>) {
    let mut request = Request::builder().method("POST").uri("/api/v1/analyses/export");
    for (name, value) in &who.headers {
        request = request.header(*name, value);
    }
    let request = request.header("content-type", "application/json").body(Body::from(body.to_string()));
    let router = shop.app.app.router.clone();
    let response = router.oneshot(request.expect("a request")).await.expect("infallible");
    let status = response.status().as_u16();
    (status, to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec())
}

#[tokio::test]
async fn files_hold_what_the_answer_says() {
    let shop = start().await;
    let query = paid(by("city"));
    let answer = shop.owner.post(&shop.app, "/api/v1/analyses/answer", query.clone()).await.ok();
    let lines = answer["result"]["lines"].as_array().expect("lines");
    let asked = json!({"query": query, "language": "en", "names": {"上海": "Shanghai"}});
    let table = shop.owner.post(&shop.app, "/api/v1/analyses/table", asked.clone()).await.ok();
    let last = table["rows"].as_array().expect("rows").len() - 2;
    for (at, line) in lines.iter().enumerate() {
        let said = table["rows"][last][at + 1].as_f64();
        assert_eq!(said, line["values"][last].as_f64(), "{table}");
        let total = table["rows"][last + 1][at + 1].as_f64();
        assert_eq!(total, line["total"].as_f64(), "{table}");
    }
    assert!(table["columns"].to_string().contains("Shanghai"), "{table}");

    let mut wanted = asked;
    wanted["format"] = json!("csv");
    let (status, bytes) = file(&shop, &shop.owner, wanted.clone()).await;
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert_eq!(status, 200, "{text}");
    assert!(text.starts_with("\u{feff}Date,"), "{text}");
    assert!(text.contains("(CNY)") && text.contains("1234.5"), "{text}");
    assert!(!text.contains("siyu_export"), "counts are nobody's: {text}");

    wanted["format"] = json!("xlsx");
    let (_, bytes) = file(&shop, &shop.owner, wanted).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheet = book.worksheet_range("siyu").expect("a sheet");
    let total = sheet.get_value((last as u32 + 2, 1)).and_then(DataType::get_float);
    assert_eq!(total, lines[0]["total"].as_f64().map(|minor| minor / 100.0));
    let exports = shop.get("/api/v1/personal/exports").await;
    assert_eq!(exports["items"], json!([]), "nothing personal left");
}

#[tokio::test]
async fn files_that_name_people_are_registered() {
    let shop = start().await;
    let wanted = json!({"query": paid(by("remark")), "format": "csv", "title": "备注"});
    let (status, bytes) = file(&shop, &shop.owner, wanted.clone()).await;
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("'=HYPERLINK(1)"), "a value that is no formula: {text}");
    assert!(text.contains("13800138002") && text.contains("siyu_export"), "{text}");
    let exports = shop.get("/api/v1/personal/exports").await;
    assert_eq!(exports["items"][0]["title"], json!("备注"), "{exports}");

    // Who sees such values masked takes them masked, and nothing personal leaves.
    let viewer = shop.app.user(Role::Viewer).await;
    let (status, bytes) = file(&shop, &viewer, wanted).await;
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert_eq!(status, 200, "{text}");
    assert!(!text.contains("13800138002") && !text.contains("siyu_export"), "{text}");
    let phones = json!({"query": paid(by("mobile")), "format": "csv"});
    let (status, _) = file(&shop, &viewer, phones).await;
    assert_eq!(status, 403, "not even the number of them");
}

#[tokio::test]
async fn every_kind_is_a_table() {
    let shop = start().await;
    let any = json!({"event": "$any", "filters": []});
    let range = json!({"kind": "last_days", "days": 3});
    let orders = json!({"kind": "orders", "filters": []});
    let paid_event = json!({"event": "order_paid", "filters": []});
    for query in [
        paid(Value::Null),
        json!({"kind": "funnel", "steps": [any, paid_event], "range": range, "window": {"kind": "days", "days": 1}}),
        json!({"kind": "retention", "start": any, "back": any, "range": range, "interval": "day", "periods": 2}),
        json!({"kind": "lifecycle", "event": any, "range": range, "interval": "day"}),
        json!({"kind": "stickiness", "event": any, "range": range, "interval": "day"}),
        json!({"kind": "distribution", "event": paid_event, "range": range, "measure": {"kind": "sum", "property": "amount_minor"}}),
        json!({"kind": "interval", "from": any, "to": paid_event, "range": range, "interval": "day", "limit_seconds": 60}),
        json!({"kind": "session", "event": any, "range": range, "interval": "day", "gap_seconds": 60}),
        json!({"kind": "path", "events": [any], "anchor": {"kind": "beginning"}, "range": range, "steps": 3, "nodes": 3}),
        json!({"kind": "attribution", "target": orders, "touches": [paid_event], "range": range, "window_seconds": 60, "models": [{"kind": "linear"}, {"kind": "markov"}]}),
        json!({"kind": "revenue", "start": paid_event, "entry": "first_ever", "gain": orders, "range": range, "interval": "day", "periods": 2}),
        json!({"kind": "crosstab", "event": paid_event, "measure": "people", "range": range,
            "rows": {"kind": "values", "by": by("city"), "top": 3}, "columns": {"kind": "values", "by": by("city"), "top": 3}}),
        json!({"kind": "rfm", "gain": orders, "range": range, "recency": {"kind": "mean"}, "frequency": {"kind": "mean"}, "monetary": {"kind": "mean"}}),
        json!({"kind": "sequence", "steps": [paid_event], "range": range, "interval": "day", "least_times": 1}),
        json!({"kind": "heatmap", "event": any, "range": range}),
    ] {
        let body = json!({"query": query});
        let table = shop.owner.post(&shop.app, "/api/v1/analyses/table", body).await.ok();
        let columns = table["columns"].as_array().expect("columns").len();
        let rows = table["rows"].as_array().expect("rows");
        assert!(!rows.is_empty(), "{query}");
        assert!(rows.iter().all(|row| row.as_array().map(Vec::len) == Some(columns)), "{query}: {table}");
        for format in ["csv", "xlsx"] {
            let (status, bytes) = file(&shop, &shop.owner, json!({"query": query, "format": format})).await;
            assert_eq!((status, bytes.is_empty()), (200, false), "{query} as {format}");
        }
    }
}

#[tokio::test]
async fn tiles_are_answered_as_their_reader_may_see() {
    let shop = start().await;
    let saved = json!({"name": "按电话", "query": paid(by("mobile"))});
    let saved = shop.owner.post(&shop.app, "/api/v1/analyses", saved).await.ok();
    let tile = json!({"asks": {"kind": "analysis", "analysis": saved["id"]}});
    let board =
        json!({"name": "看板", "tiles": [tile, {"asks": {"kind": "question", "query": paid(by("remark"))}}]});
    let board = shop.owner.post(&shop.app, "/api/v1/dashboards", board).await.ok();
    let path = format!("/api/v1/dashboards/{}", board["id"]);

    let viewer = shop.app.user(Role::Viewer).await;
    let seen = viewer.get(&shop.app, &path).await.ok();
    let ask = async |at: usize| {
        let query = seen["tiles"][at]["question"]["query"].clone();
        viewer.post(&shop.app, "/api/v1/analyses/answer", query).await
    };
    ask(0).await.refused(StatusCode::FORBIDDEN, "forbidden");
    let answer = ask(1).await.ok();
    assert!(!answer.to_string().contains("13800138002"), "{answer}");
    let body = json!({"name": "我的"});
    viewer.post(&shop.app, "/api/v1/dashboards", body).await.refused(StatusCode::FORBIDDEN, "forbidden");
    let day = json!({"day": "2026-11-11", "note": "双11 大促"});
    viewer
        .post(&shop.app, "/api/v1/annotations", day.clone())
        .await
        .refused(StatusCode::FORBIDDEN, "forbidden");
    shop.owner.post(&shop.app, "/api/v1/annotations", day).await.ok();
    assert_eq!(viewer.get(&shop.app, "/api/v1/annotations").await.ok()["items"][0]["note"], "双11 大促");

    let removed = format!("/api/v1/analyses/{}", saved["id"]);
    assert_eq!(shop.owner.delete(&shop.app, &removed).await.status, 204);
    let left = viewer.get(&shop.app, &path).await.ok();
    assert_eq!(
        left["tiles"][0]["question"],
        Value::Null,
        "the tile is there, and says that its question is not"
    );
    assert_eq!(left["tiles"][1]["question"], seen["tiles"][1]["question"]);
}
