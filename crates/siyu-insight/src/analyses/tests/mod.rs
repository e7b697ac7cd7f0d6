//! Analyses through the API, on both databases.

mod kinds;

use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use siyu_audience::{Named, References};
use siyu_db::Db;
use siyu_testkit::databases;
use siyu_types::Role;

use crate::testing::Setup;

async fn shop(db: &Db) -> Setup {
    let setup = Setup::new(db).await;
    setup.person("u1", "13800138001", "上海");
    setup.person("u2", "13800138002", "北京");
    setup.person("u3", "13800138003", "上海");
    setup.event("u1", "2026-11-20T09:00:00+08:00", "seen", json!({"channel": "wx"}));
    setup.event("u1", "2026-11-20T09:10:00+08:00", "paid", json!({"amount_minor": 1200, "gift": true}));
    setup.event("u2", "2026-11-20T23:00:00+08:00", "seen", json!({"channel": "web"}));
    setup.event("u2", "2026-11-21T01:00:00+08:00", "paid", json!({"amount_minor": 800, "gift": false}));
    setup.event("u3", "2026-11-21T11:00:00+08:00", "seen", json!({}));
    setup
}

fn trend(more: Json) -> Json {
    let mut query = json!({
        "kind": "trend",
        "series": [{"event": "seen", "measure": {"kind": "people"}}],
        "range": {"kind": "last_days", "days": 3},
        "interval": "day",
    });
    query.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    query
}

fn funnel(more: Json) -> Json {
    let mut query = json!({
        "kind": "funnel",
        "steps": [{"event": "seen"}, {"event": "paid"}],
        "range": {"kind": "last_days", "days": 3},
        "window": {"kind": "elapsed", "seconds": 86400},
    });
    query.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    query
}

#[tokio::test]
async fn questions_are_answered_with_their_people() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let (status, answer) = shop.post("/analyses/answer", trend(json!({}))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["result"]["lines"][0]["values"], json!([0.0, 2.0, 1.0]));
    assert_eq!(answer["result"]["lines"][0]["total"], json!(3.0));
    assert_eq!(answer["result"]["buckets"][2], json!({"start": "2026-11-21", "complete": false}));

    let cell = json!({"series": 0, "bucket": "2026-11-20", "group": {"kind": "whole"}});
    let asked = json!({"kind": "trend", "query": trend(json!({})), "cell": cell});
    let (_, found) = shop.post("/analyses/people", asked.clone()).await;
    assert_eq!(found["count"], json!(2));
    assert_eq!(found["people"].as_array().map(Vec::len), Some(2));

    let by_city = json!({"breakdown": {"kind": "attribute", "name": "city"}});
    let (_, answer) = shop.post("/analyses/answer", funnel(by_city)).await;
    let people = |group: usize| -> Vec<u64> {
        let steps = answer["result"]["groups"][group]["steps"].as_array().expect("steps");
        steps.iter().map(|step| step["people"].as_u64().expect("a number")).collect()
    };
    assert_eq!([people(0), people(1), people(2)], [[3, 2], [2, 1], [1, 1]], "{answer}");
    assert_eq!(answer["result"]["groups"][1]["group"], json!({"kind": "value", "value": "上海"}));
    assert_eq!(answer["about"]["complete"], json!(false));
    let cell = json!({"step": 0, "dropped": true, "group": {"kind": "whole"}});
    let (_, found) = shop
        .post("/analyses/people", json!({"kind": "funnel", "query": funnel(json!({})), "cell": cell}))
        .await;
    assert_eq!(found["count"], json!(1));
    assert!(found["people"][0]["identifiers"].to_string().contains("13800138003"), "{found}");
    // An analyst sees who it is, but not how to reach them.
    let masked = shop.call(shop.viewer(Role::Analyst), Method::POST, "/analyses/people", asked).await.1;
    assert_eq!(masked["count"], json!(2));
    assert!(!masked.to_string().contains("13800138001"), "{masked}");
}

#[tokio::test]
async fn options_of_funnels_and_trends() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let people = |answer: &Json, group: usize| -> Vec<u64> {
        let steps = answer["result"]["groups"][group]["steps"].as_array().expect("steps");
        steps.iter().map(|step| step["people"].as_u64().expect("a number")).collect()
    };
    // Back to front, in any order; and by the day of the first step.
    let steps = json!([{"event": "paid"}, {"event": "seen"}]);
    let any =
        json!({"steps": steps, "order": "any", "trend": "day", "range": {"kind": "last_days", "days": 2}});
    let (status, answer) = shop.post("/analyses/answer", funnel(any.clone())).await;
    assert_eq!((status, people(&answer, 0)), (StatusCode::OK, vec![3, 2]), "{answer}");
    assert_eq!(answer["result"]["groups"][0]["trend"], json!([[2, 2], [2, 0]]), "{answer}");
    let cell = json!({"step": 1, "bucket": "2026-11-20", "group": {"kind": "whole"}});
    let asked = json!({"kind": "funnel", "query": funnel(any), "cell": cell});
    let (_, found) = shop.post("/analyses/people", asked.clone()).await;
    assert_eq!(found["count"], json!(2), "{found}");
    // The one who left at the web has nothing held, and nobody did both at one place.
    let (_, answer) =
        shop.post("/analyses/answer", funnel(json!({"hold": ["channel", "amount_minor"]}))).await;
    assert_eq!(people(&answer, 0), [2, 0], "{answer}");

    let paid =
        |measure: &str| json!({"event": "paid", "measure": {"kind": measure, "property": "amount_minor"}});
    let more = json!({
        "series": [paid("sum"), {"event": "seen", "measure": {"kind": "trailing_people", "days": 2}}],
        "formulas": ["A / B"],
        "compare": "week",
        "breakdown": {"kind": "ranges", "property": "amount_minor", "edges": [1000]},
        "range": {"kind": "last_days", "days": 2},
    });
    let (status, answer) = shop.post("/analyses/answer", trend(more)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let line = &answer["result"]["lines"][0];
    assert_eq!(line["group"], json!({"kind": "value", "value": "1000.."}), "{answer}");
    assert_eq!(
        (&line["values"], &line["earlier"]["total"]),
        (&json!([1200.0, 0.0]), &json!(0.0)),
        "{answer}"
    );
    for (query, field) in [
        (trend(json!({"formulas": ["A / B"]})), "formulas[0]"),
        (trend(json!({"then_by": [{"kind": "attribute", "name": "city"}]})), "then_by"),
        (trend(json!({"breakdown": {"kind": "segments", "segments": [9]}})), "breakdown.segments[0]"),
        (funnel(json!({"exclusions": [{"event": "gone"}]})), "exclusions[0].event"),
        (funnel(json!({"hold": ["colour"]})), "hold[0]"),
        (
            funnel(json!({"steps": [{"event": "seen", "or": [{"event": "no"}]}, {"event": "paid"}]})),
            "steps[0].or[0].event",
        ),
    ] {
        let (status, answer) = shop.post("/analyses/answer", query.clone()).await;
        assert_eq!(
            (status, &answer["error"]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn unknown_names_say_where() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let filter = json!([{"property": "colour", "test": {"op": "is_present"}}]);
    let sum = |property: &str| json!([{"event": "paid", "measure": {"kind": "sum", "property": property}}]);
    let cases = [
        (trend(json!({"series": [{"event": "vanished", "measure": {"kind": "count"}}]})), "series[0].event"),
        (trend(json!({"series": sum("price")})), "series[0].measure.property"),
        (trend(json!({"segment": 99})), "segment"),
        (trend(json!({"breakdown": {"kind": "tag", "tag": 7}})), "breakdown.tag"),
        (trend(json!({"breakdown": {"kind": "attribute", "name": "star"}})), "breakdown.name"),
        (funnel(json!({"steps": [{"event": "seen"}, {"event": "payed"}]})), "steps[1].event"),
        (
            funnel(json!({"steps": [{"event": "seen", "filters": filter}, {"event": "paid"}]})),
            "steps[0].filters[0].property",
        ),
        (funnel(json!({"breakdown": {"kind": "property", "name": "colour"}})), "breakdown.name"),
    ];
    for (query, field) in cases {
        let (status, answer) = shop.post("/analyses/answer", query.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer["error"]["code"], json!("unknown_name"), "{query}");
        assert_eq!(answer["error"]["field"], json!(field), "{query}");
        // Nor is such a question saved.
        let (_, answer) = shop.post("/analyses", json!({"name": "x", "query": query})).await;
        assert_eq!(answer["error"]["field"], json!(format!("query.{field}")), "{answer}");
    }
    let (_, answer) = shop.post("/analyses/answer", trend(json!({"series": sum("gift")}))).await;
    assert_eq!(answer["error"]["code"], json!("type_mismatch"), "{answer}");
    // A known event without rows in the range is a real nothing.
    let earlier = json!({"range": {"kind": "between", "from": "2026-11-01", "to": "2026-11-02"}});
    let (status, answer) = shop.post("/analyses/answer", trend(earlier)).await;
    assert_eq!((status, &answer["result"]["lines"][0]["total"]), (StatusCode::OK, &json!(0.0)));
}

#[tokio::test]
async fn saved_analyses_live() {
    databases::both(async |db| {
        let shop = shop(&db).await;
        let new = json!({"name": " 每日访客 ", "query": trend(json!({}))});
        let (status, saved) = shop.post("/analyses", new.clone()).await;
        assert_eq!((status, &saved["name"]), (StatusCode::CREATED, &json!("每日访客")), "{saved}");
        assert_eq!(saved["created_by"], json!("user:1"));
        let path = format!("/analyses/{}", saved["id"]);
        let (status, answer) = shop.post("/analyses", new).await;
        assert_eq!((status, &answer["error"]["field"]), (StatusCode::CONFLICT, &json!("name")));

        let change = json!({"description": "从看到买", "query": funnel(json!({}))});
        let owner = || shop.viewer(Role::Owner);
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, change).await;
        assert_eq!(changed["name"], json!("每日访客"));
        let (_, found) = shop.call(shop.viewer(Role::Viewer), Method::GET, &path, Json::Null).await;
        assert_eq!((&found, &found["query"]["kind"]), (&changed, &json!("funnel")));
        let (_, listed) = shop.call(owner(), Method::GET, "/analyses", Json::Null).await;
        assert_eq!(listed["items"], json!([changed]));

        // As of when people are told apart comes and goes with the question.
        let then = "2026-11-01T00:00:00Z";
        let asked = json!({"query": trend(json!({})), "identity_as_of": then});
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, asked.clone()).await;
        assert_eq!(changed["identity_as_of"], json!("2026-11-01T00:00:00.000Z"));
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, json!({"name": "那时的访客"})).await;
        assert_eq!(changed["identity_as_of"], json!("2026-11-01T00:00:00.000Z"));
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, json!({"query": trend(json!({}))})).await;
        assert_eq!(changed["identity_as_of"], Json::Null);
        let (status, answer) =
            shop.call(owner(), Method::PATCH, &path, json!({"identity_as_of": then})).await;
        assert_eq!(
            (status, &answer["error"]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("identity_as_of"))
        );
        let mut new = asked;
        new["name"] = json!("合并之前");
        let (_, other) = shop.post("/analyses", new).await;
        assert_eq!(other["identity_as_of"], json!("2026-11-01T00:00:00.000Z"), "{other}");

        let (status, _) = shop.call(owner(), Method::DELETE, &path, Json::Null).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (status, _) = shop.call(owner(), Method::GET, &path, Json::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let whole = siyu_govern::audit::verify(&db, shop.project.id).await.expect("reads");
        assert_eq!(whole, None);
    })
    .await;
}

#[tokio::test]
async fn what_an_analysis_asks_for_is_in_use() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let asked = trend(json!({"segment": 5, "breakdown": {"kind": "tag", "tag": 6}}));
    let store: siyu_types::analysis::AnalysisQuery = serde_json::from_value(asked).expect("a query");
    assert_eq!(super::model::names(&store), [Named::Segment(5), Named::Tag(6)]);
    let mut tx = database.db.begin().await.expect("begins");
    let analysis = super::Analysis {
        id: 1,
        name: "老客".to_owned(),
        description: String::new(),
        query: store,
        told_apart: None,
        created_by: "system".to_owned(),
        created_at: 0,
        updated_at: 0,
    };
    super::store::insert(&mut tx, shop.project.id, &analysis).await.expect("inserts");
    tx.commit().await.expect("commits");
    for (named, users) in [
        (Named::Segment(5), vec!["analysis:老客".to_owned()]),
        (Named::Tag(6), vec!["analysis:老客".to_owned()]),
        (Named::Tag(5), vec![]),
    ] {
        assert_eq!(shop.insight.users(shop.project.id, named).await.expect("reads"), users, "{named:?}");
    }
}

#[tokio::test]
async fn roles_and_projects_are_kept_apart() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let new = json!({"name": "x", "query": trend(json!({}))});
    let (status, _) = shop.call(shop.viewer(Role::Viewer), Method::POST, "/analyses", new.clone()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, saved) = shop.post("/analyses", new).await;
    assert_eq!(status, StatusCode::CREATED);
    let path = format!("/analyses/{}", saved["id"]);
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let (status, _) = shop.call(shop.stranger(), method.clone(), &path, json!({})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{method}");
    }
    let (status, _) =
        shop.call(shop.viewer(Role::Viewer), Method::POST, "/analyses/answer", trend(json!({}))).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn as_many_groups_as_are_asked_for() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    for number in 0..40 {
        let login = format!("u{number}");
        setup.person(&login, &format!("138{number:08}"), "上海");
        let place = json!({ "province": format!("省{number:02}") });
        setup.event(&login, "2026-11-20T09:00:00+08:00", "seen", place);
    }
    let groups = async |more: Json| {
        let mut query = trend(json!({"breakdown": {"kind": "property", "name": "province"}}));
        query.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let (status, answer) = setup.post("/analyses/answer", query).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let lines = answer["result"]["lines"].as_array().expect("lines").clone();
        let kinds = |kind: &str| lines.iter().filter(|line| line["group"]["kind"] == kind).count();
        (kinds("value"), kinds("other"))
    };
    assert_eq!(groups(json!({})).await, (25, 1));
    assert_eq!(groups(json!({"top": 50})).await, (40, 0), "more than stand on their own otherwise");
    let distinct = json!([{"event": "seen", "measure": {"kind": "distinct", "property": "province"}}]);
    assert_eq!(groups(json!({"top": 30, "series": distinct})).await, (30, 1));
    let (status, _) = setup.post("/analyses/answer", trend(json!({"top": 51}))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
