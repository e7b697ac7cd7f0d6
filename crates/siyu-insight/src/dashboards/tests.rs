//! Dashboards through the API, on both databases.

use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use siyu_db::Db;
use siyu_testkit::databases;
use siyu_types::Role;

use crate::testing::Setup;

async fn shop(db: &Db) -> Setup {
    let setup = Setup::new(db).await;
    setup.person("u1", "13800138001", "上海");
    setup.event("u1", "2026-11-20T09:00:00+08:00", "seen", json!({}));
    setup
}

fn seen() -> Json {
    json!({"kind": "trend", "series": [{"event": "seen", "filters": [], "measure": {"kind": "count"}}],
        "range": {"kind": "last_days", "days": 3}, "interval": "day"})
}

fn own() -> Json {
    json!({"asks": {"kind": "question", "query": seen()}, "width": "full", "show": "number"})
}

#[tokio::test]
async fn dashboards_live() {
    databases::both(async |db| {
        let shop = shop(&db).await;
        let owner = || shop.viewer(Role::Owner);
        let (_, saved) = shop.post("/analyses", json!({"name": "每日访客", "query": seen()})).await;
        let shown = json!({"asks": {"kind": "analysis", "analysis": saved["id"]}, "title": "访客"});
        let new = json!({"name": "老板看板", "tiles": [shown, own()]});
        let (status, made) = shop.post("/dashboards", new.clone()).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        let tiles = &made["tiles"];
        assert_eq!((&tiles[0]["id"], &tiles[0]["width"], &tiles[0]["show"]), (&json!(1), &json!("half"), &json!("chart")));
        assert_eq!(tiles[0]["question"]["name"], json!("每日访客"));
        assert_eq!(tiles[0]["question"]["query"], tiles[1]["question"]["query"]);
        let (status, answer) = shop.post("/dashboards", new).await;
        assert_eq!((status, &answer["error"]["field"]), (StatusCode::CONFLICT, &json!("name")));

        let path = format!("/dashboards/{}", made["id"]);
        let (status, more) = shop.post(&format!("{path}/tiles"), own()).await;
        assert_eq!((status, &more["tiles"][2]["id"]), (StatusCode::CREATED, &json!(3)), "{more}");
        let (_, listed) = shop.call(shop.viewer(Role::Viewer), Method::GET, "/dashboards", Json::Null).await;
        assert_eq!((&listed["items"][0]["tiles"], &listed["items"][0]["name"]), (&json!(3), &json!("老板看板")));

        // The scope comes, stays while others change, and goes.
        let week = json!({"kind": "last_days", "days": 7});
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, json!({"range": week})).await;
        assert_eq!(changed["range"], week, "{changed}");
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, json!({"name": "早会"})).await;
        assert_eq!((&changed["range"], &changed["name"]), (&week, &json!("早会")));
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, json!({"range": null})).await;
        assert_eq!(changed["range"], Json::Null);

        // Moved tiles keep who they are.
        let part = |at: usize| {
            let tile = &changed["tiles"][at];
            json!({"id": tile["id"], "title": tile["title"], "asks": tile["asks"], "width": "third", "show": tile["show"]})
        };
        let order = json!({"tiles": [part(2), part(0)]});
        let (_, changed) = shop.call(owner(), Method::PATCH, &path, order).await;
        let ids: Vec<_> = changed["tiles"].as_array().expect("tiles").iter().map(|tile| tile["id"].clone()).collect();
        assert_eq!(ids, [json!(3), json!(1)]);

        let (status, _) = shop.call(owner(), Method::DELETE, &path, Json::Null).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (status, _) = shop.call(owner(), Method::GET, &path, Json::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, _) = shop.call(owner(), Method::GET, &format!("/analyses/{}", saved["id"]), Json::Null).await;
        assert_eq!(status, StatusCode::OK, "what it showed stays");
        assert_eq!(siyu_govern::audit::verify(&db, shop.project.id).await.expect("reads"), None);
    })
    .await;
}

#[tokio::test]
async fn a_removed_analysis_leaves_a_tile_that_says_so() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let owner = || shop.viewer(Role::Owner);
    let (_, saved) = shop.post("/analyses", json!({"name": "每日访客", "query": seen()})).await;
    let tile = json!({"asks": {"kind": "analysis", "analysis": saved["id"]}});
    let (_, made) = shop.post("/dashboards", json!({"name": "看板", "tiles": [tile]})).await;
    shop.call(owner(), Method::DELETE, &format!("/analyses/{}", saved["id"]), Json::Null).await;
    let path = format!("/dashboards/{}", made["id"]);
    let (_, found) = shop.call(owner(), Method::GET, &path, Json::Null).await;
    assert_eq!(found["tiles"][0]["question"], Json::Null, "{found}");

    // The rest can still be changed, but nobody puts a new tile of it anywhere.
    let mut kept = tile.clone();
    kept["id"] = json!(1);
    let (status, _) = shop.call(owner(), Method::PATCH, &path, json!({"tiles": [own(), kept]})).await;
    assert_eq!(status, StatusCode::OK);
    let (status, answer) = shop.post(&format!("{path}/tiles"), tile).await;
    assert_eq!(
        (status, &answer["error"]["field"]),
        (StatusCode::NOT_FOUND, &json!("tiles[0].asks.analysis"))
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_kept() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let mut unknown = own();
    unknown["asks"]["query"]["series"][0]["event"] = json!("vanished");
    let too_many: Vec<_> = std::iter::repeat_n(own(), 41).collect();
    for (body, field) in [
        (json!({"name": "x", "tiles": [own(), unknown]}), json!("tiles[1].asks.query.series[0].event")),
        (json!({"name": "x", "segment": 9}), json!("segment")),
        (
            json!({"name": "x", "range": {"kind": "between", "from": "2026-11-02", "to": "2026-11-01"}}),
            json!("range"),
        ),
        (json!({"name": "x", "tiles": too_many}), json!("tiles")),
        (json!({"name": " "}), json!("name")),
    ] {
        let (status, answer) = shop.post("/dashboards", body).await;
        assert!(status.is_client_error(), "{answer}");
        assert_eq!(answer["error"]["field"], field, "{answer}");
    }
}

#[tokio::test]
async fn roles_and_projects_are_kept_apart() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let (_, made) = shop.post("/dashboards", json!({"name": "看板", "tiles": [own()]})).await;
    let path = format!("/dashboards/{}", made["id"]);
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let (status, _) = shop.call(shop.stranger(), method.clone(), &path, json!({})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{method}");
    }
    let viewer = || shop.viewer(Role::Viewer);
    for (method, path, body) in [
        (Method::POST, "/dashboards".to_owned(), json!({"name": "x"})),
        (Method::PATCH, path.clone(), json!({"name": "x"})),
        (Method::DELETE, path.clone(), Json::Null),
        (Method::POST, format!("{path}/tiles"), own()),
    ] {
        let (status, _) = shop.call(viewer(), method, &path, body).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    let (status, _) = shop.call(viewer(), Method::GET, &path, Json::Null).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn what_a_tile_asks_for_is_in_use() {
    use siyu_audience::{Named, References};
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let mut query = seen();
    query["segment"] = json!(5);
    let dashboard = super::Dashboard {
        id: 1,
        name: "看板".to_owned(),
        description: String::new(),
        tiles: serde_json::from_value(json!([{"id": 1, "asks": {"kind": "question", "query": query}}]))
            .expect("tiles"),
        range: None,
        segment: Some(6),
        created_by: "system".to_owned(),
        created_at: 0,
        updated_at: 0,
    };
    let mut tx = database.db.begin().await.expect("begins");
    super::store::insert(&mut tx, shop.project.id, &dashboard).await.expect("inserts");
    tx.commit().await.expect("commits");
    for (segment, users) in
        [(5, vec!["dashboard:看板".to_owned()]), (6, vec!["dashboard:看板".to_owned()]), (7, vec![])]
    {
        let found = shop.insight.users(shop.project.id, Named::Segment(segment)).await.expect("reads");
        assert_eq!(found, users, "{segment}");
    }
}
