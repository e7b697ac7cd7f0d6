//! Each kind that speaks of more than one event and its breakdown, through the API.

use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use siyu_audience::Named;
use siyu_db::Db;
use siyu_testkit::databases;
use siyu_types::Role;
use siyu_types::analysis::AnalysisQuery;

use crate::testing::Setup;

/// Two buyers: u1 clicked twice and ordered for 100.00, of which 30.00 went back; u2 came by
/// themselves and ordered for 8.00. u3 only clicked.
async fn shop(db: &Db) -> Setup {
    let setup = Setup::new(db).await;
    setup.person("u1", "13800138001", "上海");
    setup.person("u2", "13800138002", "北京");
    setup.person("u3", "13800138003", "上海");
    setup.event("u1", "2026-11-19T09:00:00+08:00", "click", json!({"channel": "wx"}));
    setup.event("u1", "2026-11-20T09:00:00+08:00", "click", json!({"channel": "13900139000"}));
    let paid = |id: &str, amount: u32| json!({"order_id": id, "amount_minor": amount});
    setup.event("u1", "2026-11-20T09:10:00+08:00", "order_paid", paid("o1", 10_000));
    setup.event("u1", "2026-11-21T09:10:00+08:00", "order_refunded", paid("o1", 3_000));
    setup.event("u2", "2026-11-20T23:00:00+08:00", "order_paid", paid("o2", 800));
    setup.event("u3", "2026-11-21T11:00:00+08:00", "click", json!({"channel": "wx"}));
    setup
}

fn with(kind: &str, more: Json) -> Json {
    let mut query = json!({"kind": kind, "range": {"kind": "last_days", "days": 5}});
    query.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    query
}

fn attribution() -> Json {
    with(
        "attribution",
        json!({
            "target": {"kind": "orders"},
            "touches": [{"event": "click", "property": "channel"}],
            "window_seconds": 604_800,
            "models": [{"kind": "linear"}, {"kind": "markov"}],
        }),
    )
}

fn revenue() -> Json {
    with(
        "revenue",
        json!({"start": {"event": "order_paid"}, "entry": "first_ever", "gain": {"kind": "orders"},
            "interval": "day", "periods": 2, "breakdown": {"kind": "attribute", "name": "city"}}),
    )
}

fn crosstab() -> Json {
    let by = |by: Json| json!({"kind": "values", "by": by, "top": 5});
    with(
        "crosstab",
        json!({"event": {"event": "click"}, "measure": "people",
            "rows": by(json!({"kind": "property", "name": "channel"})),
            "columns": by(json!({"kind": "attribute", "name": "city"}))}),
    )
}

fn rfm() -> Json {
    let mean = json!({"kind": "mean"});
    with("rfm", json!({"gain": {"kind": "orders"}, "recency": mean, "frequency": mean, "monetary": mean}))
}

fn sequence() -> Json {
    with(
        "sequence",
        json!({"steps": [{"event": "click"}, {"event": "order_paid", "within_seconds": 3600}],
            "interval": "day", "least_times": 1}),
    )
}

fn heatmap() -> Json {
    with("heatmap", json!({"event": {"event": "order_paid"}, "worth": "amount_minor"}))
}

/// The answer of a question.
async fn answer(shop: &Setup, query: &Json) -> Json {
    let (status, mut answer) = shop.post("/analyses/answer", query.clone()).await;
    assert_eq!(status, StatusCode::OK, "{query} {answer}");
    answer["result"].take()
}

/// How many people a cell has, and that they can be kept.
async fn people(shop: &Setup, query: &Json, cell: Json) -> u64 {
    let kind = query["kind"].as_str().expect("a kind");
    let asked = json!({"kind": kind, "query": query, "cell": cell});
    let (status, found) = shop.post("/analyses/people", asked).await;
    assert_eq!(status, StatusCode::OK, "{query} {found}");
    found["count"].as_u64().expect("a number")
}

#[tokio::test]
async fn conversions_are_shared_by_touches() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let found = answer(&shop, &attribution()).await;
    assert_eq!((&found["conversions"], &found["value"]), (&json!(2), &json!(7_800)), "{found}");
    let credit = |row: usize, model: usize| found["rows"][row]["credits"][model].clone();
    assert_eq!(found["rows"][0]["key"], json!({"kind": "value", "value": "wx"}));
    assert_eq!(credit(0, 0), json!({"conversions": 5_000, "value": 3_500}));
    let last = found["rows"].as_array().expect("rows").len() - 1;
    assert_eq!(found["rows"][last]["key"], json!({"kind": "none"}));
    assert_eq!(credit(last, 1), json!({"conversions": 10_000, "value": 800}));
    let cell = json!({"key": {"kind": "value", "value": "wx"}, "what": {"kind": "touched"}});
    assert_eq!(people(&shop, &attribution(), cell).await, 2);
    let cell = json!({"key": {"kind": "value", "value": "wx"}, "what": {"kind": "credited", "model": 0}});
    assert_eq!(people(&shop, &attribution(), cell).await, 1);
    // A value that looks like a phone number is masked for those who see none.
    let viewer = shop.viewer(Role::Analyst);
    let (_, masked) = shop.call(viewer, Method::POST, "/analyses/answer", attribution()).await;
    assert!(!masked.to_string().contains("13900139000"), "{masked}");
}

#[tokio::test]
async fn cohorts_bring_what_is_left_of_their_orders() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let found = answer(&shop, &revenue()).await;
    assert_eq!(found["groups"][0]["value"], json!(7_800), "{found}");
    assert_eq!(found["groups"].as_array().map(Vec::len), Some(3));
    let whole = json!({"kind": "whole"});
    let cell = json!({"cohort": "2026-11-20", "what": {"kind": "paid", "column": 0}, "group": whole});
    assert_eq!(people(&shop, &revenue(), cell).await, 2);
    let (_, totals) = shop.post("/analyses/answer", heatmap()).await;
    let counts = &totals["result"]["groups"][0]["total"];
    assert_eq!(counts, &json!({"count": 2, "people": 2, "value": 10_800}));
    // 2026-11-20 is a Friday.
    let cell = json!({"weekday": 4, "hour": 23, "group": {"kind": "whole"}});
    assert_eq!(people(&shop, &heatmap(), cell).await, 1);
}

#[tokio::test]
async fn tables_classes_and_sequences_open_their_people() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let found = answer(&shop, &crosstab()).await;
    assert_eq!((&found["total"], &found["row_totals"]), (&json!(2), &json!([2, 1])), "{found}");
    let cell = json!({"row": {"kind": "value", "value": "wx"}, "column": {"kind": "value", "value": "上海"}});
    assert_eq!(people(&shop, &crosstab(), cell).await, 2);

    let found = answer(&shop, &rfm()).await;
    assert_eq!(found["total"], json!({"people": 2, "count": 2, "value": 7_800}), "{found}");
    assert_eq!(people(&shop, &rfm(), json!({"monetary": 2})).await, 1);

    let found = answer(&shop, &sequence()).await;
    assert_eq!((&found["groups"][0]["people"], &found["groups"][0]["matches"]), (&json!(1), &json!(1)));
    let cell = json!({"what": {"kind": "all"}, "group": {"kind": "whole"}});
    assert_eq!(people(&shop, &sequence(), cell).await, 1);
    // Without an event the table is of all people.
    let by = json!({"kind": "values", "by": {"kind": "attribute", "name": "city"}, "top": 5});
    let all = with("crosstab", json!({"measure": "people", "rows": by, "columns": by}));
    assert_eq!(answer(&shop, &all).await["total"], json!(3));
}

#[tokio::test]
async fn what_they_name_is_checked_and_in_use() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let set = |mut query: Json, field: &str, value: Json| {
        query[field] = value;
        query
    };
    let segments = json!({"kind": "segments", "segments": [99]});
    let cases = [
        (
            set(attribution(), "touches", json!([{"event": "click", "property": "colour"}])),
            "touches[0].property",
        ),
        (
            set(
                revenue(),
                "gain",
                json!({"kind": "event", "event": {"event": "order_paid"}, "worth": "price"}),
            ),
            "gain.worth",
        ),
        (set(crosstab(), "rows", segments.clone()), "rows.segments[0]"),
        (
            set(crosstab(), "columns", json!({"kind": "values", "by": {"kind": "tag", "tag": 7}, "top": 5})),
            "columns.by.tag",
        ),
        (
            set(rfm(), "gain", json!({"kind": "event", "event": {"event": "vanished"}, "worth": "price"})),
            "gain.event.event",
        ),
        (
            set(
                sequence(),
                "steps",
                json!([{"event": "click"}, {"event": "click", "without": {"event": "x"}}]),
            ),
            "steps[1].without.event",
        ),
        (set(heatmap(), "worth", json!("price")), "worth"),
    ];
    for (query, field) in cases {
        let (status, answer) = shop.post("/analyses/answer", query.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query} {answer}");
        let error = (&answer["error"]["code"], &answer["error"]["field"]);
        assert_eq!(error, (&json!("unknown_name"), &json!(field)), "{query}");
    }
    let named = set(crosstab(), "rows", segments);
    let named = set(named, "columns", json!({"kind": "values", "by": {"kind": "tag", "tag": 7}, "top": 5}));
    let query: AnalysisQuery = serde_json::from_value(named).expect("a query");
    assert_eq!(super::super::model::names(&query), [Named::Segment(99), Named::Tag(7)]);
}
