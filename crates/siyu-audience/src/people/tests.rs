//! People over HTTP: search, masking, paging.

use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::Role::{Operator, Viewer};
use siyu_types::record::Evidence;

use crate::testing::{Setup, ids_of};

fn fill(setup: &Setup) {
    setup.person(
        "login:alice phone:13800138000 email:alice@example.com",
        json!({ "name": "王小红", "city": "杭州" }),
    );
    setup.person("login:alina phone:13900138000", json!({ "name": "李小明" }));
    setup.person("device:d-phone-1", json!({ "likes": ["茶", "咖啡"] }));
}

fn persons(page: &Json) -> Vec<u64> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["person"].as_u64().expect("number"))
        .collect()
}

#[tokio::test]
async fn finding_people() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    let cases: [(&str, &[u64]); 10] = [
        ("", &[2, 1, 0]),
        ("alice@example.com", &[0]),
        ("13800138000", &[0]),
        ("138000", &[1, 0]),
        ("8000", &[1, 0]),
        ("ali", &[1, 0]),
        ("%E5%B0%8F", &[1, 0]),
        ("%E7%8E%8B", &[0]),
        ("%231", &[1]),
        ("nobody", &[]),
    ];
    for (query, expected) in cases {
        let (status, page) =
            setup.call(Operator, "GET", &format!("/people?query={query}"), json!(null)).await;
        assert_eq!((status, persons(&page)), (200, expected.to_vec()), "{query}");
    }
    // Who sees a value masked finds it whole, or by what is shown of it.
    let masked: [(&str, &[u64]); 6] = [
        ("13800138000", &[0]),
        ("138000", &[]),
        ("8000", &[1, 0]),
        ("ali", &[]),
        ("%E5%B0%8F", &[]),
        ("%E7%8E%8B%E5%B0%8F%E7%BA%A2", &[0]),
    ];
    for (query, expected) in masked {
        let (status, page) = setup.call(Viewer, "GET", &format!("/people?query={query}"), json!(null)).await;
        assert_eq!((status, persons(&page)), (200, expected.to_vec()), "{query} masked");
    }
    let (_, first) = setup.call(Viewer, "GET", "/people?limit=2", json!(null)).await;
    assert_eq!(
        (persons(&first), &first["next_cursor"], &first["total"]),
        (vec![2, 1], &json!("1"), &json!(3))
    );
    let (_, rest) = setup.call(Viewer, "GET", "/people?limit=2&cursor=1", json!(null)).await;
    assert_eq!((persons(&rest), &rest["next_cursor"]), (vec![0], &json!(null)));
}

#[tokio::test]
async fn personal_values_are_for_those_who_may_see_them() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    setup.event(
        setup.person("login:alice", json!({})),
        "order_paid",
        1,
        json!({ "phone": "13800138000", "amount_minor": 990 }),
    );
    let secrets = ["13800138000", "alice@example.com", "王小红"];
    for path in ["/people", "/people/0", "/people/0/events"] {
        let (status, clear) = setup.call(Operator, "GET", path, json!(null)).await;
        assert_eq!(status, 200, "{clear}");
        assert!(clear.to_string().contains("13800138000"), "{path} for an operator");
        let (_, masked) = setup.call(Viewer, "GET", path, json!(null)).await;
        for secret in secrets {
            assert!(!masked.to_string().contains(secret), "{path} shows {secret} to a viewer");
        }
    }
    assert_eq!(setup.call(Viewer, "GET", "/attributes/name/values", json!(null)).await.0, 403);
    let (_, values) =
        setup.call(Operator, "GET", "/attributes/name/values?prefix=%E7%8E%8B", json!(null)).await;
    assert_eq!(values["items"], json!([{ "value": "王小红", "count": 1 }]));
    let (_, values) = setup.call(Viewer, "GET", "/attributes/likes/values", json!(null)).await;
    assert_eq!(values["items"], json!([{ "value": "咖啡", "count": 1 }, { "value": "茶", "count": 1 }]));
}

#[tokio::test]
async fn one_person_whole() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    let device = setup.person("device:d-phone-1", json!({}));
    setup.event(device, "page_view", 2, json!({}));
    let alice = setup.person("login:alice", json!({}));
    for days in [3, 1] {
        setup.event(alice, "order_paid", days, json!({ "amount_minor": 990 }));
    }
    let both = ids_of("login:alice device:d-phone-1");
    setup.project.people.write().identify(&both, Evidence::Strong, "test", 1);
    // The merged number leads to the person it is part of.
    let (status, person) = setup.call(Operator, "GET", "/people/2", json!(null)).await;
    assert_eq!(status, 200);
    assert_eq!((&person["person"], &person["members"]), (&json!(0), &json!([0, 2])));
    assert_eq!((&person["stats"]["events"], &person["value"]["orders"]), (&json!(3), &json!(2)));
    assert_eq!(person["value"]["net_minor"], 1980);
    assert_eq!(person["attributes"]["likes"], json!(["茶", "咖啡"]));
    assert_eq!(person["identifiers"].as_array().expect("list").len(), 4);
    let (_, first) = setup.call(Viewer, "GET", "/people/0/events?limit=2", json!(null)).await;
    let names = |page: &Json| {
        page["items"].as_array().expect("list").iter().map(|e| e["event"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&first), ["order_paid", "page_view"]);
    let next = first["next_cursor"].as_str().expect("more");
    let (_, rest) =
        setup.call(Viewer, "GET", &format!("/people/0/events?limit=2&before={next}"), json!(null)).await;
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec![json!("order_paid")], &json!(null)));
    assert_eq!(setup.call(Viewer, "GET", "/people/77", json!(null)).await.0, 404);
    let (_, attributes) = setup.call(Viewer, "GET", "/attributes", json!(null)).await;
    assert_eq!(
        attributes["items"][1],
        json!({ "name": "name", "kind": "text", "count": 2, "policy": "latest" })
    );
}

#[tokio::test]
async fn refused_links_are_shown() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    let contested = ids_of("login:alice phone:13900138000");
    setup.project.people.write().identify(&contested, Evidence::Strong, "shop", 5);
    let (_, page) = setup.call(Viewer, "GET", "/identity/conflicts", json!(null)).await;
    assert_eq!((&page["total"], &page["items"][0]["kind"]), (&json!(1), &json!("two_values")));
    assert!(!page.to_string().contains("13900138000"));
    let (_, stats) = setup.call(Viewer, "GET", "/identity", json!(null)).await;
    assert_eq!(
        (&stats["people"], &stats["conflicts"], &stats["identifiers"]),
        (&json!(3), &json!(1), &json!(6))
    );
}

#[tokio::test]
async fn origins_history_and_policies() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    setup.person("device:d-phone-1", json!({ "points": 30, "phone": "13800138000" }));
    setup.person("login:alice", json!({ "points": 12 }));
    let both = ids_of("login:alice device:d-phone-1");
    setup.project.people.write().identify(&both, Evidence::Strong, "test", 1);
    let policy = json!({ "policy": "sum" });
    assert_eq!(setup.call(Viewer, "PUT", "/attributes/points/policy", policy.clone()).await.0, 403);
    assert_eq!(setup.call(Operator, "PUT", "/attributes/nothing/policy", policy.clone()).await.0, 422);
    let (status, changed) = setup.call(Operator, "PUT", "/attributes/points/policy", policy).await;
    assert_eq!((status, &changed["policy"]), (200, &json!("sum")));
    assert!(setup.audit_actions().await.contains(&"attributes.policy".to_owned()));
    let (_, person) = setup.call(Operator, "GET", "/people/1", json!(null)).await;
    assert_eq!(person["attributes"]["points"], 42.0);
    let origin = &person["origins"]["points"];
    assert_eq!((&origin["source"], &origin["has_history"]), (&json!("test"), &json!(true)));
    let path = "/people/0/attributes/points/history";
    let (_, history) = setup.call(Viewer, "GET", path, json!(null)).await;
    assert_eq!(history["items"].as_array().expect("changes").len(), 2);
    assert_eq!(history["items"][0]["kind"], "set");
    let (_, phone) = setup.call(Viewer, "GET", "/people/0/attributes/phone/history", json!(null)).await;
    assert!(!phone.to_string().contains("13800138000"), "{phone}");
    assert_eq!(setup.call(Viewer, "GET", "/people/0/attributes/none/history", json!(null)).await.0, 422);
    // A project that is opened again has its policies before its tags.
    setup.project.people.write().set_policies(Default::default());
    setup.audience.start(&setup.project).await.expect("starts");
    assert_eq!(setup.project.people.read().policy("points"), crate::profiles::Policy::Sum);
}
