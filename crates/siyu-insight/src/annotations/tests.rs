//! Annotations through the API, on both databases.

use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::Role;

use crate::testing::Setup;

#[tokio::test]
async fn annotations_live() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let owner = || setup.viewer(Role::Owner);
        let (status, promotion) =
            setup.post("/annotations", json!({"day": "2026-11-11", "note": " 双11 大促 "})).await;
        assert_eq!((status, &promotion["note"]), (StatusCode::CREATED, &json!("双11 大促")), "{promotion}");
        let (_, outage) =
            setup.post("/annotations", json!({"day": "2026-11-20", "note": "短信通道故障"})).await;
        let (_, listed) = setup.call(owner(), Method::GET, "/annotations", Json::Null).await;
        assert_eq!(listed["items"], json!([outage, promotion]), "latest first");
        let some = "/annotations?from=2026-11-01&to=2026-11-11";
        let (_, listed) = setup.call(setup.viewer(Role::Viewer), Method::GET, some, Json::Null).await;
        assert_eq!(listed["items"], json!([promotion]), "both ends belong to it");

        let path = format!("/annotations/{}", outage["id"]);
        let (_, changed) = setup.call(owner(), Method::PATCH, &path, json!({"day": "2026-11-19"})).await;
        assert_eq!((&changed["day"], &changed["note"]), (&json!("2026-11-19"), &json!("短信通道故障")));
        for (body, field) in [
            (json!({"day": "11-11", "note": "x"}), "day"),
            (json!({"day": "2026-11-11", "note": " "}), "note"),
            (json!({"day": "2026-11-11", "note": "长".repeat(201)}), "note"),
        ] {
            let (status, answer) = setup.post("/annotations", body).await;
            assert_eq!(
                (status, &answer["error"]["field"]),
                (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
                "{answer}"
            );
        }
        for method in [Method::PATCH, Method::DELETE] {
            let (status, _) = setup.call(setup.stranger(), method.clone(), &path, json!({})).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{method}");
            let (status, _) = setup.call(setup.viewer(Role::Viewer), method.clone(), &path, json!({})).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method}");
        }
        let (status, _) = setup.call(owner(), Method::DELETE, &path, Json::Null).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (_, listed) = setup.call(owner(), Method::GET, "/annotations", Json::Null).await;
        assert_eq!(listed["items"], json!([promotion]));
        assert_eq!(siyu_govern::audit::verify(&db, setup.project.id).await.expect("reads"), None);
    })
    .await;
}
