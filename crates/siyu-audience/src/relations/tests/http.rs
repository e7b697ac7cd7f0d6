//! Relations over HTTP, and over merges of people.

use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::Role;

use crate::testing::Setup;

async fn relations(setup: &Setup, number: u32) -> Json {
    let (status, body) =
        setup.call(Role::Viewer, "GET", &format!("/people/{number}/relations"), json!({})).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn begin(setup: &Setup, number: u32, body: Json) -> (u16, Json) {
    setup.call(Role::Owner, "POST", &format!("/people/{number}/relations"), body).await
}

#[tokio::test]
async fn begun_shown_and_ended_by_hand() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let [ann, bob, eve] = ["ann", "bob", "eve"].map(|name| setup.person(&format!("login:{name}"), json!({"name": name})).0);
        let said = json!({"kind": "inviter", "side": "to", "other": ann, "reason": "扫码"});
        let (status, shown) = begin(&setup, bob, said.clone()).await;
        assert_eq!(status, 200, "{shown}");
        assert_eq!(shown["groups"][0]["kind"], "inviter");
        assert_eq!(shown["groups"][0]["items"][0]["other"]["person"], ann);
        assert_eq!(shown["groups"][0]["items"][0]["reason"], "扫码");
        assert_eq!(relations(&setup, ann).await["groups"][0]["side"], "from");

        let refused = [
            (409, "relation_taken", json!({"kind": "inviter", "side": "to", "other": eve, "reason": "x"})),
            (409, "relation_to_itself", json!({"kind": "staff", "side": "to", "other": bob, "reason": "x"})),
            (409, "relation_circle", json!({"kind": "inviter", "side": "from", "other": ann, "reason": "x"})),
            (422, "unknown_name", json!({"kind": "nonsense", "side": "to", "other": eve, "reason": "x"})),
            (422, "invalid_input", json!({"kind": "staff", "side": "to", "other": eve, "reason": " "})),
            (404, "not_found", json!({"kind": "staff", "side": "to", "other": 99, "reason": "x"})),
            (422, "invalid_input",
                json!({"kind": "staff", "side": "to", "other": eve, "since": "2099-01-01T00:00:00Z", "reason": "x"})),
        ];
        for (status, code, body) in refused {
            let (found, answer) = begin(&setup, bob, body).await;
            assert_eq!((found, &answer["error"]["code"]), (status, &json!(code)), "{answer}");
        }
        let (_, conflicts) = setup.call(Role::Viewer, "GET", "/relations/conflicts", json!({})).await;
        assert_eq!(conflicts["total"], 3, "{conflicts}");
        let viewer = setup.call(Role::Viewer, "POST", &format!("/people/{bob}/relations"), said.clone()).await;
        assert_eq!(viewer.0, 403);

        let path = format!("/people/{bob}/relations/end");
        let ending = json!({"kind": "inviter", "side": "to", "other": ann, "reason": "弄错了"});
        let (status, shown) = setup.call(Role::Owner, "POST", &path, ending.clone()).await;
        assert_eq!((status, &shown["groups"], &shown["past_total"]), (200, &json!([]), &json!(1)));
        setup.clock.advance(1_000);
        let (status, again) = setup.call(Role::Owner, "POST", &path, ending).await;
        assert_eq!((status, &again["error"]["code"]), (409, &json!("not_related")));
        let actions = setup.audit_actions().await;
        assert!(actions.contains(&"relations.begin".to_owned()) && actions.contains(&"relations.end".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn customers_are_listed_by_pages_and_trees_counted() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let people: Vec<u32> = (0..6).map(|at| setup.person(&format!("login:user{at}"), json!({})).0).collect();
        for customer in &people[1..] {
            let body = json!({"kind": "staff", "side": "to", "other": people[0], "reason": "分配"});
            assert_eq!(begin(&setup, *customer, body).await.0, 200);
        }
        let path = format!("/people/{}/relations/staff?limit=2", people[0]);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..3 {
            let (_, page) = setup.call(Role::Viewer, "GET", &format!("{path}{cursor}"), json!({})).await;
            assert_eq!(page["total"], 5);
            let items = page["items"].as_array().expect("items").clone();
            seen.extend(items.iter().map(|item| item["other"]["person"].as_u64().expect("a number") as u32));
            cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap_or_default());
        }
        assert_eq!(seen, people[1..]);

        for (from, to) in [(0, 1), (1, 2), (1, 3)] {
            let body = json!({"kind": "inviter", "side": "from", "other": people[to], "reason": "x"});
            assert_eq!(begin(&setup, people[from], body).await.0, 200);
        }
        let path = format!("/people/{}/relations/inviter/tree", people[0]);
        let (_, tree) = setup.call(Role::Viewer, "GET", &path, json!({})).await;
        assert_eq!((&tree["levels"], &tree["total"], &tree["cut"]), (&json!([1, 2]), &json!(3), &json!(false)));
        assert_eq!((&tree["branches"][0]["direct"], &tree["branches"][0]["below"]), (&json!(2), &json!(2)));
        let staff = format!("/people/{}/relations/staff/tree", people[0]);
        assert_eq!(setup.call(Role::Viewer, "GET", &staff, json!({})).await.0, 422);

        // "Invited at least two", "was invited by somebody of the segment".
        let two = json!({"kind": "relation", "relation": "inviter", "side": "from", "compare": "at_least", "value": 2});
        let count = async |condition: &Json| {
            let (status, found) =
                setup.call(Role::Owner, "POST", "/segments/count", json!({"condition": condition})).await;
            assert_eq!(status, 200, "{found}");
            found["count"].clone()
        };
        assert_eq!(count(&two).await, 1);
        let new = json!({"name": "邀请达人", "condition": two});
        let (_, segment) = setup.call(Role::Owner, "POST", "/segments", new).await;
        let by_them = json!({"kind": "relation", "relation": "inviter", "side": "to", "compare": "at_least",
            "value": 1, "with": {"kind": "segment", "segment": segment["id"]}});
        assert_eq!(count(&by_them).await, 2);
        let of_staff = json!({"kind": "relation", "relation": "staff", "side": "to", "compare": "at_least",
            "value": 1, "with": {"kind": "people", "numbers": [people[0]]}});
        assert_eq!(count(&of_staff).await, 5);
    })
    .await;
}

#[tokio::test]
async fn own_kinds_are_declared() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let doctor = json!({"name": "doctor", "from_title": "医生", "to_title": "患者", "holders": "latest"});
        let body = json!({"kinds": [doctor], "reason": "诊所"});
        let (status, kinds) = setup.call(Role::Owner, "PUT", "/relations/kinds", body).await;
        assert_eq!((status, kinds["total"].as_u64()), (200, Some(5)), "{kinds}");
        let [ann, bob] = ["ann", "bob"].map(|name| setup.person(&format!("login:{name}"), json!({})).0);
        let said = json!({"kind": "doctor", "side": "to", "other": ann, "reason": "初诊"});
        assert_eq!(begin(&setup, bob, said.clone()).await.0, 200);
        setup.clock.advance(1_000);
        let none = json!({"kinds": [], "reason": "不再用"});
        let (_, kinds) = setup.call(Role::Owner, "PUT", "/relations/kinds", none).await;
        assert_eq!((&kinds["items"][4]["active"], &kinds["items"][4]["ties"]), (&json!(false), &json!(1)));
        assert_eq!(relations(&setup, bob).await["groups"][0]["kind"], "doctor", "what holds goes on");
        let (status, answer) =
            begin(&setup, ann, json!({"kind": "doctor", "side": "to", "other": bob, "reason": "x"})).await;
        assert_eq!((status, &answer["error"]["code"]), (409, &json!("wrong_state")));
    })
    .await;
}
