//! Alerts through the API, on both databases.

use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use siyu_audience::{Named, References};
use siyu_db::Db;
use siyu_testkit::databases;
use siyu_types::Role;
use siyu_types::analysis::AnalysisCell;

use super::store;
use crate::testing::Setup;

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

/// Noon of the 21st; `seen` three times on the 20th by two people, twice on the 19th.
async fn shop(db: &Db) -> Setup {
    let setup = Setup::new(db).await;
    setup.person("u1", "13800138001", "上海");
    setup.person("u2", "13800138002", "北京");
    for (login, time, city) in [
        ("u1", "2026-11-19T09:00:00+08:00", "上海"),
        ("u2", "2026-11-19T10:00:00+08:00", "北京"),
        ("u1", "2026-11-20T09:00:00+08:00", "上海"),
        ("u1", "2026-11-20T23:59:59+08:00", "上海"),
        ("u2", "2026-11-20T12:00:00+08:00", "北京"),
        ("u2", "2026-11-21T00:00:00+08:00", "北京"),
    ] {
        setup.event(login, time, "seen", json!({ "city": city }));
    }
    setup.event("u1", "2026-11-20T10:00:00+08:00", "paid", json!({}));
    setup
}

fn trend(cell: Json, more: Json) -> Json {
    let mut query = json!({"series": [{"event": "seen", "measure": {"kind": "count"}}], "interval": "day",
        "range": {"kind": "last_days", "days": 7}});
    query.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    json!({"kind": "trend", "query": query, "cell": cell})
}

fn yesterday() -> Json {
    trend(json!({"series": 0, "bucket": "2026-11-20", "group": {"kind": "whole"}}), json!({}))
}

fn above(cell: Json, number: f64) -> Json {
    json!({"name": "浏览太多", "cell": cell, "measure": "number", "rule": {"kind": "above", "number": number},
        "rhythm": {"kind": "hourly"}})
}

impl Setup {
    async fn alert(&self, id: &Json) -> Json {
        self.call(self.viewer(Role::Owner), Method::GET, &format!("/alerts/{id}"), Json::Null).await.1
    }

    async fn preview(&self, cell: Json, measure: &str, rule: Json) -> Json {
        let (status, found) =
            self.post("/alerts/preview", json!({"cell": cell, "measure": measure, "rule": rule})).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        found
    }
}

fn states(detail: &Json) -> Vec<&str> {
    let changes = detail["changes"].as_array().expect("changes").iter();
    changes.map(|change| change["found"]["state"].as_str().expect("a state")).collect()
}

#[tokio::test]
async fn an_alert_begins_and_ends_to_fire() {
    databases::both(async |db| {
        let shop = shop(&db).await;
        let (status, made) = shop.post("/alerts", above(yesterday(), 2.0)).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        assert_eq!(made["found"]["state"], json!("firing"), "it is looked at as it is made: {made}");
        assert_eq!((&made["found"]["value"], &made["found"]["from"]), (&json!(3.0), &json!("2026-11-20")));
        assert_eq!(made["next_at"], json!("2026-11-21T05:00:00.000Z"));
        let id = &made["id"];

        assert_eq!(shop.watch.check(shop.project.id).await.expect("looks"), 0, "not its time yet");
        shop.clock.advance(HOUR);
        assert_eq!(shop.watch.check(shop.project.id).await.expect("looks"), 1);
        assert_eq!(states(&shop.alert(id).await), ["firing"], "nothing has changed");
        shop.clock.advance(DAY);
        shop.watch.check(shop.project.id).await.expect("looks");
        let detail = shop.alert(id).await;
        assert_eq!(states(&detail), ["ok", "firing"], "{detail}");
        assert_eq!(
            (&detail["alert"]["found"]["value"], &detail["alert"]["found"]["to"]),
            (&json!(1.0), &json!("2026-11-21"))
        );
        assert_eq!(detail["alert"]["since"], json!("2026-11-22T05:00:00.000Z"));
        let list = |path: &'static str| shop.call(shop.viewer(Role::Viewer), Method::GET, path, Json::Null);
        assert_eq!(list("/alerts?open=true").await.1["items"], json!([]));
        assert_eq!(list("/alerts").await.1["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(siyu_govern::audit::verify(&db, shop.project.id).await.expect("reads"), None);
    })
    .await;
}

#[tokio::test]
async fn an_alert_is_paused_edited_and_removed() {
    databases::both(async |db| {
        let shop = shop(&db).await;
        let (_, made) = shop.post("/alerts", above(yesterday(), 2.0)).await;
        let path = format!("/alerts/{}", made["id"]);
        let owner = || shop.viewer(Role::Owner);
        let (_, paused) = shop.call(owner(), Method::PATCH, &path, json!({"enabled": false})).await;
        assert_eq!(
            (&paused["found"]["state"], &paused["next_at"]),
            (&json!("pending"), &Json::Null),
            "{paused}"
        );
        shop.clock.advance(DAY);
        assert_eq!(shop.watch.check(shop.project.id).await.expect("looks"), 0, "nobody looks");
        shop.clock.advance(-DAY);
        let rule = json!({"kind": "changes", "percent": 60.0, "against": "previous"});
        let rhythm = json!({"kind": "daily", "hour": 8});
        let change = json!({"enabled": true, "name": " 变化 ", "rule": rule, "rhythm": rhythm});
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, change).await;
        assert_eq!(
            (&changed["name"], &changed["found"]["state"]),
            (&json!("变化"), &json!("ok")),
            "{changed}"
        );
        assert_eq!((&changed["found"]["value"], &changed["found"]["compared"]), (&json!(3.0), &json!(2.0)));
        assert_eq!(changed["next_at"], json!("2026-11-22T00:00:00.000Z"), "at eight in Shanghai");
        assert_eq!(states(&shop.alert(&made["id"]).await), ["ok", "pending", "firing"]);

        for method in [Method::PATCH, Method::DELETE] {
            let (status, _) = shop.call(shop.stranger(), method.clone(), &path, json!({})).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{method}");
            let (status, _) = shop.call(shop.viewer(Role::Viewer), method.clone(), &path, json!({})).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method}");
        }
        let (status, _) = shop.call(owner(), Method::DELETE, &path, Json::Null).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        assert_eq!(shop.call(owner(), Method::GET, &path, Json::Null).await.0, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn numbers_of_cells() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let previous = || json!({"kind": "changes", "percent": 10.0, "against": "previous"});
    let by_city = || json!({"breakdown": {"kind": "property", "name": "city"}});
    let of_city = |city: &str| {
        let group = json!({"kind": "value", "value": city});
        trend(json!({"series": 0, "bucket": "x", "group": group}), by_city())
    };
    let funnel = |step: usize, dropped: bool| {
        let query = json!({"steps": [{"event": "seen"}, {"event": "paid"}], "range": {"kind": "last_days", "days": 1},
            "window": {"kind": "days", "days": 1}});
        json!({"kind": "funnel", "query": query,
            "cell": {"step": step, "dropped": dropped, "group": {"kind": "whole"}}})
    };
    let total = trend(json!({"series": 0, "group": {"kind": "whole"}}), json!({}));
    let formula = trend(
        json!({"series": 1, "bucket": "x", "group": {"kind": "whole"}}),
        json!({"formulas": ["A * 2"]}),
    );
    for (cell, measure, value, compared) in [
        (yesterday(), "number", json!(3.0), json!(2.0)),
        (total, "number", json!(5.0), json!(0.0)),
        (formula, "number", json!(6.0), json!(4.0)),
        (of_city("上海"), "number", json!(2.0), json!(1.0)),
        (of_city("杭州"), "number", json!(0.0), json!(0.0)),
        (funnel(0, false), "people", json!(2.0), json!(2.0)),
        (funnel(1, false), "people", json!(1.0), json!(0.0)),
        (funnel(1, false), "share", json!(0.5), json!(0.0)),
        (funnel(0, true), "share", json!(0.5), json!(1.0)),
    ] {
        let found = shop.preview(cell.clone(), measure, previous()).await;
        assert_eq!((&found["value"], &found["compared"]), (&value, &compared), "{cell}");
    }
    let lifecycle = json!({"kind": "lifecycle", "query": {"event": {"event": "seen"}, "interval": "day",
            "range": {"kind": "last_days", "days": 7}},
        "cell": {"bucket": "2026-11-21", "state": "returning", "group": {"kind": "whole"}}});
    let found = shop.preview(lifecycle, "people", json!({"kind": "below", "number": 3.0})).await;
    assert_eq!((&found["value"], &found["state"]), (&json!(2.0), &json!("firing")), "{found}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_or_an_error() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let with = |place: &str, value: Json| {
        let mut body = above(yesterday(), 2.0);
        *body.pointer_mut(place).expect("a place") = value;
        body
    };
    let all = {
        let mut total = trend(json!({"series": 0, "group": {"kind": "whole"}}), json!({}));
        total["query"]["range"] = json!({"kind": "all"});
        total
    };
    for (body, field) in [
        (with("/name", json!(" ")), "name"),
        (with("/measure", json!("people")), "measure"),
        (with("/measure", json!("share")), "measure"),
        (with("/cell/cell/series", json!(7)), "cell.cell.series"),
        (with("/cell/query/series/0/event", json!("gone")), "cell.query.series[0].event"),
        (with("/cell", all), "cell.query.range"),
        (with("/rule", json!({"kind": "changes", "percent": 0.0, "against": "week"})), "rule.percent"),
        (with("/rhythm", json!({"kind": "daily", "hour": 24})), "rhythm.hour"),
        (with("/rhythm", json!({"kind": "weekly", "weekday": 0, "hour": 8})), "rhythm.weekday"),
    ] {
        let (status, answer) = shop.post("/alerts", body).await;
        assert_eq!(
            (status, &answer["error"]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{answer}"
        );
    }
    let (_, made) = shop.post("/alerts", above(yesterday(), 2.0)).await;
    let id = made["id"].as_i64().expect("an id");
    let mut alert = store::get(&database.db, shop.project.id, id).await.expect("there");
    let AnalysisCell::Trend { query, .. } = &mut alert.watched.cell else { panic!("a trend") };
    query.series[0].event.event = "gone".to_owned();
    super::look(&shop.watch, shop.project.id, alert.clone()).await.expect("notes");
    let detail = shop.alert(&made["id"]).await;
    let found = &detail["alert"]["found"];
    assert_eq!((&found["state"], &found["value"]), (&json!("error"), &Json::Null), "never well: {detail}");
    assert_eq!(found["error"]["code"], json!("unknown_name"), "{detail}");
    assert_eq!(states(&detail), ["error", "firing"]);
    super::look(&shop.watch, shop.project.id, alert).await.expect("passes by");
    assert_eq!(shop.alert(&made["id"]).await, detail, "who looked at what was before notes nothing");
}

#[tokio::test]
async fn masked_questions_keep_their_numbers() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    shop.event("u1", "2026-11-20T09:00:00+08:00", "called", json!({"mobile": "13800138001"}));
    let measure = json!({"kind": "distinct", "property": "mobile"});
    let cell = trend(
        json!({"series": 0, "bucket": "2026-11-20", "group": {"kind": "whole"}}),
        json!({"series": [{"event": "called", "measure": measure}]}),
    );
    let analyst = || shop.viewer(Role::Analyst);
    let body = above(cell, 0.0);
    let (status, _) = shop.call(analyst(), Method::POST, "/alerts", body.clone()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (_, made) = shop.post("/alerts", body).await;
    assert_eq!(made["found"]["value"], json!(1.0), "{made}");
    let (_, listed) = shop.call(analyst(), Method::GET, "/alerts", Json::Null).await;
    let item = &listed["items"][0];
    assert_eq!((&item["found"]["state"], &item["name"]), (&json!("firing"), &made["name"]), "{listed}");
    assert_eq!((&item["found"]["value"], &item["cell"]), (&Json::Null, &Json::Null), "{listed}");
    let path = format!("/alerts/{}", made["id"]);
    let (_, detail) = shop.call(analyst(), Method::GET, &path, Json::Null).await;
    assert_eq!(detail["changes"][0]["found"]["value"], Json::Null, "{detail}");
    let rule = json!({"rule": {"kind": "above", "number": 5.0}});
    let (status, _) = shop.call(analyst(), Method::PATCH, &path, rule).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "other rules would tell the number");
}

#[tokio::test]
async fn what_an_alert_speaks_of_is_in_use() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let (_, made) = shop.post("/alerts", above(yesterday(), 2.0)).await;
    let id = made["id"].as_i64().expect("an id");
    let mut alert = store::get(&database.db, shop.project.id, id).await.expect("there");
    let users = |named| shop.insight.users(shop.project.id, named);
    assert_eq!(users(Named::Segment(3)).await.expect("reads"), Vec::<String>::new());
    let AnalysisCell::Trend { query, .. } = &mut alert.watched.cell else { panic!("a trend") };
    query.segment = Some(3);
    let mut tx = database.db.begin().await.expect("a transaction");
    alert.id = store::next(&mut tx).await.expect("a number");
    store::insert(&mut tx, shop.project.id, &alert).await.expect("inserts");
    tx.commit().await.expect("commits");
    assert_eq!(users(Named::Segment(3)).await.expect("reads"), ["alert:浏览太多"]);
}
