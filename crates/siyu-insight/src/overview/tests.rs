//! The overview of an empty and of a busy project.

use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::Role;

use crate::testing::Setup;

#[tokio::test]
async fn from_empty_to_busy() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    let ask = async || setup.call(setup.viewer(Role::Viewer), Method::GET, "/overview", Json::Null).await;
    let (status, empty) = ask().await;
    assert_eq!(status, StatusCode::OK, "{empty}");
    assert_eq!(empty["series"].as_array().map(Vec::len), Some(30));
    assert_eq!(empty["series"][29], json!({"day": "2026-11-21", "events": 0, "people": 0}));
    assert_eq!(
        empty["checklist"],
        json!({"source": false, "event": false, "segment": false, "campaign": false})
    );

    setup.person("u1", "13800138001", "上海");
    setup.person("u2", "13800138002", "上海");
    setup.event("u1", "2026-11-21T09:00:00+08:00", "seen", json!({}));
    setup.event("u1", "2026-11-21T09:00:00+08:00", "seen", json!({}));
    setup.event("u2", "2026-11-21T09:00:00+08:00", "message_sent", json!({}));
    setup.event("u2", "2026-11-20T23:59:59+08:00", "seen", json!({}));
    setup.event("u2", "2026-09-01T09:00:00+08:00", "seen", json!({}));
    let (_, busy) = ask().await;
    assert_eq!(
        (&busy["people"], &busy["events_today"], &busy["events_total"]),
        (&json!(2), &json!(3), &json!(5))
    );
    assert_eq!(busy["series"][29], json!({"day": "2026-11-21", "events": 3, "people": 1}));
    assert_eq!(busy["series"][28], json!({"day": "2026-11-20", "events": 1, "people": 1}));
    assert_eq!(busy["checklist"], json!({"source": true, "event": true, "segment": false, "campaign": true}));
}
