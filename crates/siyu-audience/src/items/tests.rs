//! Items in memory, what a change may say, declared types on both databases, over HTTP.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use siyu_analytics::ItemValue;
use siyu_testkit::databases;
use siyu_types::ItemField;
use siyu_types::Role::{Analyst, Viewer};
use siyu_types::record::ItemChange;
use siyu_types::value::{Value, props_from_json};

use super::model::ItemPatch;
use super::table::Items;
use super::{rules, store};
use crate::testing::Setup;

fn set(props: Json) -> ItemChange {
    let Json::Object(props) = props else { panic!("an object") };
    ItemChange::Set(props_from_json(props))
}

fn tag(add: &[&str], remove: &[&str]) -> ItemChange {
    let own = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    ItemChange::Tag { add: own(add), remove: own(remove) }
}

#[test]
fn items_follow_event_time() {
    let mut items = Items::default();
    let price = |n: f64| set(json!({ "price_minor": n }));
    items.change("sku", "1", &price(5.0), 2);
    items.change("sku", "1", &price(4.0), 1);
    assert_eq!(items.get("sku", "1").expect("known")["price_minor"], Value::Number(5.0));
    items.change("sku", "1", &tag(&["new"], &[]), 2);
    items.change("sku", "1", &ItemChange::Delete, 3);
    assert_eq!((items.get("sku", "1"), items.types["sku"].living()), (None, 0));
    items.change("sku", "1", &price(6.0), 2);
    assert_eq!(items.get("sku", "1"), None, "older than the deletion");
    items.change("sku", "1", &price(7.0), 4);
    assert_eq!(items.get("sku", "1").expect("back")["price_minor"], Value::Number(7.0));
    items.change("sku", "1", &ItemChange::Unset(vec!["price_minor".to_owned()]), 6);
    items.change("sku", "1", &price(8.0), 5);
    assert_eq!(items.get("sku", "1"), None, "older than it was taken away");
    items.change("sku", "1", &tag(&["new"], &[]), 7);
    assert_eq!(items.types["sku"].living(), 1, "a tag is enough to be known");
}

#[test]
fn fields_are_read_by_id() {
    let mut items = Items::default();
    items.change("product", "1", &set(json!({ "category": "bakery", "price": 3, "kinds": ["a", "b"] })), 1);
    items.change("product", "1", &tag(&["new", "hot"], &[]), 1);
    items.change("product", "1", &tag(&[], &["new"]), 2);
    let value = |name: &str, id: &str| {
        let field = ItemField::Attribute { item_type: "product".to_owned(), name: name.to_owned() };
        items.column(&field).and_then(|column| column.table.value(column.field, id).into_value())
    };
    assert_eq!(value("category", "1"), Some(Value::Text("bakery".to_owned())));
    assert_eq!(value("price", "1"), Some(Value::Number(3.0)));
    assert_eq!(value("kinds", "1"), Some(Value::List(vec!["a".to_owned(), "b".to_owned()])));
    assert_eq!(value("category", "2"), None);
    assert_eq!(value("colour", "1"), None);
    let tags = items.column(&ItemField::Tags { item_type: "product".to_owned() }).expect("always");
    assert_eq!(tags.table.value(tags.field, "1"), ItemValue::List(vec!["hot".into()]));
    assert_eq!(items.types["product"].tags(), [("hot".to_owned(), 1)]);
    assert!(items.column(&ItemField::Tags { item_type: "store".to_owned() }).is_none());
}

fn change() -> impl Strategy<Value = ItemChange> {
    let name = || prop::sample::select(vec!["a", "b"]);
    prop_oneof![
        4 => (name(), 0..4u8).prop_map(|(name, n)| set(json!({ name: n }))),
        2 => name().prop_map(|name| ItemChange::Unset(vec![name.to_owned()])),
        2 => (name(), any::<bool>()).prop_map(|(name, on)| if on { tag(&[name], &[]) } else { tag(&[], &[name]) }),
        1 => Just(ItemChange::Delete),
    ]
}

proptest! {
    /// Changes at different times come to the same in any order of arrival, and twice.
    #[test]
    fn the_order_of_arrival_does_not_matter(
        changes in prop::collection::vec(change(), 0..12),
        turn in 0usize..12,
    ) {
        let apply = |changes: &[(i64, &ItemChange)]| {
            let mut items = Items::default();
            changes.iter().for_each(|(time, change)| items.change("t", "1", change, *time));
            let table = items.types.get("t").cloned().unwrap_or_default();
            let row = table.find("1");
            (row.map(|row| table.values(row)), row.map(|row| table.tags_of(row)), table.living())
        };
        let timed: Vec<_> = changes.iter().enumerate().map(|(at, change)| (at as i64, change)).collect();
        let mut turned = timed.clone();
        turned.rotate_left(turn.min(timed.len()));
        turned.extend(&timed);
        let sorted = |(values, tags, living): (Option<Vec<super::SetValue>>, Option<Vec<super::SetTag>>, usize)| {
            let mut values = values.unwrap_or_default();
            values.sort_by(|a, b| a.name.cmp(&b.name));
            (values, tags.unwrap_or_default(), living)
        };
        prop_assert_eq!(sorted(apply(&timed)), sorted(apply(&turned)));
    }
}

#[test]
fn what_a_change_may_say() {
    let patch = |json: Json| serde_json::from_value::<ItemPatch>(json).expect("reads");
    let long = "x".repeat(61);
    let cases = [
        (json!({}), Ok(0)),
        (json!({ "set": { "a": 1 }, "unset": ["b"], "tag": [" new "], "untag": ["old"] }), Ok(3)),
        (json!({ "tag": [""] }), Err("tag")),
        (json!({ "untag": [long] }), Err("untag")),
        (json!({ "set": { "": 1 } }), Err("set")),
        (json!({ "set": { "a": "y".repeat(8_193) } }), Err("set.a")),
        (json!({ "unset": vec!["a"; 101] }), Err("unset")),
    ];
    for (json, expected) in cases {
        let found = rules::changes(patch(json.clone()));
        match expected {
            Ok(count) => assert_eq!(found.expect("allowed").len(), count, "{json}"),
            Err(field) => assert_eq!(found.expect_err("refused").field.as_deref(), Some(field), "{json}"),
        }
    }
    let types = [("store", "store_id"), ("sku", "item_id"), ("brand", "brand_id"), ("coupon", "coupon_id")];
    for (name, property) in types {
        assert_eq!(rules::usual_property(name), property);
    }
    for name in ["", "Store", "1a", "a-b", "é"] {
        assert!(rules::check_type(name).is_err(), "{name}");
    }
}

#[tokio::test]
async fn declared_types_are_kept() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let brand = json!({ "display": "品牌", "property": "brand" });
        let (status, found) = setup.call(Analyst, "PUT", "/items/types/brand", brand).await;
        assert_eq!((status, &found["property"], &found["declared"]), (200, &json!("brand"), &json!(true)));
        let (_, found) = setup.call(Analyst, "PUT", "/items/types/brand", json!({ "display": "牌子" })).await;
        assert_eq!((&found["display"], &found["property"]), (&json!("牌子"), &json!("brand_id")));
        let (_, all) = setup.call(Viewer, "GET", "/items/types", json!(null)).await;
        let names: Vec<_> =
            all["items"].as_array().expect("types").iter().map(|t| t["name"].clone()).collect();
        assert_eq!(names, ["product", "store", "staff", "content", "coupon", "brand"]);
        let stored = store::types(setup.audience.db(), setup.project.id).await.expect("reads");
        assert_eq!(stored["brand"].display, "牌子");
        assert_eq!(setup.call(Viewer, "PUT", "/items/types/brand", json!({ "display": "x" })).await.0, 403);
        assert_eq!(setup.call(Analyst, "PUT", "/items/types/No", json!({ "display": "x" })).await.0, 422);
        assert_eq!(setup.call(Analyst, "DELETE", "/items/types/brand", json!(null)).await.0, 204);
        assert_eq!(setup.call(Analyst, "DELETE", "/items/types/brand", json!(null)).await.0, 404);
        let actions = setup.audit_actions().await;
        assert_eq!(actions[1..], ["items.declare", "items.declare", "items.undeclare"]);
    })
    .await;
}

#[tokio::test]
async fn lists_pages_and_changes() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    for n in 0..7 {
        let mut people = setup.project.people.write();
        let category = if n % 2 == 0 { "烘焙" } else { "茶" };
        people.change_item(
            "product",
            &format!("p{n}"),
            &set(json!({ "name": format!("商品{n}"), "category": category })),
            1,
        );
    }
    let ids = |page: &Json| -> Vec<String> {
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["item_id"].as_str().expect("text").to_owned()).collect()
    };
    let (_, first) = setup.call(Viewer, "GET", "/items?item_type=product&limit=3", json!(null)).await;
    assert_eq!((ids(&first), &first["total"]), (vec!["p6".into(), "p5".into(), "p4".into()], &json!(7)));
    let next = first["next_cursor"].as_str().expect("more");
    let (_, second) = setup
        .call(Viewer, "GET", &format!("/items?item_type=product&limit=3&cursor={next}"), json!(null))
        .await;
    assert_eq!(ids(&second), ["p3", "p2", "p1"]);
    let bakery = "/items?item_type=product&attribute=category&value=%E7%83%98%E7%84%99";
    assert_eq!(ids(&setup.call(Viewer, "GET", bakery, json!(null)).await.1), ["p6", "p4", "p2", "p0"]);
    let named = "/items?item_type=product&query=%E5%95%86%E5%93%813";
    assert_eq!(ids(&setup.call(Viewer, "GET", named, json!(null)).await.1), ["p3"]);
    let (status, item) = setup
        .call(
            Analyst,
            "PATCH",
            "/items/product/p1",
            json!({ "tag": ["新品"], "set": { "price_minor": 900 }, "unset": ["category"] }),
        )
        .await;
    assert_eq!((status, &item["tags"][0]["tag"], &item["known"]), (200, &json!("新品"), &json!(true)));
    let names: Vec<_> =
        item["attributes"].as_array().expect("some").iter().map(|a| a["name"].clone()).collect();
    assert_eq!(names, ["name", "price_minor"]);
    let (_, tagged) =
        setup.call(Viewer, "GET", "/items?item_type=product&tag=%E6%96%B0%E5%93%81", json!(null)).await;
    assert_eq!(ids(&tagged), ["p1"]);
    assert_eq!(setup.call(Viewer, "PATCH", "/items/product/p1", json!({})).await.0, 403);
    assert_eq!(setup.call(Analyst, "DELETE", "/items/product/p1", json!(null)).await.0, 204);
    assert_eq!(setup.call(Analyst, "DELETE", "/items/product/p1", json!(null)).await.0, 404);
    let (_, gone) = setup.call(Viewer, "GET", "/items/product/p1", json!(null)).await;
    assert_eq!(gone["known"], json!(false));
    // Staff are people.
    setup.project.people.write().change_item(
        "staff",
        "s1",
        &set(json!({ "name": "小王", "phone": "13800138000" })),
        1,
    );
    let (_, staff) = setup.call(Viewer, "GET", "/items/staff/s1", json!(null)).await;
    assert_eq!((&staff["name"], &staff["attributes"][1]["value"]), (&json!("小王"), &json!("138****8000")));
}

#[tokio::test]
async fn what_an_item_sold() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    let (a, b) = (setup.person("login:a", json!({})), setup.person("login:b", json!({})));
    for (person, order, store, back) in [(a, "o1", "s1", 0), (a, "o2", "s1", 300), (b, "o3", "s2", 0)] {
        setup.event(
            person,
            "order_paid",
            2,
            json!({ "order_id": order, "amount_minor": 1_000, "store_id": store }),
        );
        setup.event(
            person,
            "order_line",
            2,
            json!({ "order_id": order, "item_id": "p1", "quantity": 2, "amount_minor": 600 }),
        );
        if back > 0 {
            setup.event(
                person,
                "order_refunded",
                1,
                json!({ "order_id": order, "amount_minor": back, "item_id": "p1" }),
            );
        }
    }
    let (status, product) = setup.call(Viewer, "GET", "/items/product/p1/sales?days=10", json!(null)).await;
    assert_eq!(status, 200, "{product}");
    assert_eq!(
        (&product["orders"], &product["people"], &product["net_minor"]),
        (&json!(3), &json!(2), &json!(2_700))
    );
    assert_eq!(product["lines"], json!({ "lines": 3, "quantity": 6.0, "amount_minor": 1_800 }));
    assert_eq!(product["days"].as_array().map(Vec::len), Some(10));
    let (_, shop) = setup.call(Viewer, "GET", "/items/store/s1/sales", json!(null)).await;
    assert_eq!(
        (&shop["orders"], &shop["people"], &shop["net_minor"], &shop["lines"]),
        (&json!(2), &json!(1), &json!(1_700), &json!(null))
    );
    assert_eq!(setup.call(Viewer, "GET", "/items/store/s1/sales?days=0", json!(null)).await.0, 422);
}
