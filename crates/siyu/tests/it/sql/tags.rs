//! A tag of an answer: who gets which value, what may not become one, and what becomes of it.

use serde_json::{Value, json};
use siyu_types::Role;

use super::{PHONE, Shop};

impl Shop {
    async fn tag(&self, sql: &str, more: Value) -> crate::support::Answer {
        let mut body = json!({ "sql": sql, "name": format!("来自 SQL {}", sql.len()) });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let answer = self.owner.post(&self.app, "/api/v1/sql/tag", body).await;
        self.app.run_jobs().await;
        answer
    }

    async fn given(&self, id: &Value) -> Value {
        self.owner.get(&self.app, &format!("/api/v1/tags/{id}")).await.ok()
    }
}

#[tokio::test]
async fn people_get_the_value_beside_them() {
    let shop = Shop::start().await;
    let statement = "select person_no, case when net_minor > 9000 then '大单' else '小单' end as size
        from orders where counts order by time";
    let made =
        shop.tag(statement, json!({ "value": "size", "display": "订单大小", "directory": "会员" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!((&made.body["people"], &made.body["several"]), (&json!(1), &json!(1)), "{}", made.body);
    let tag = shop.given(&made.body["id"]).await;
    assert_eq!((&tag["coverage"], &tag["state"]), (&json!(1), &json!("ready")), "{tag}");
    assert_eq!(tag["values"], json!([{ "value": "小单", "people": 1 }]), "the last order counts: {tag}");
    assert_eq!(tag["definition"], json!({ "kind": "given", "of": "sql", "column": "size" }));
    let rows = shop.rows("select value from tags where display = '订单大小'").await;
    assert_eq!(rows, json!([["小单"]]), "it is a tag like any other");
    let audit = shop.owner.get(&shop.app, "/api/v1/audit?limit=20").await.ok().to_string();
    assert!(audit.contains("tags.create") && audit.contains("\"given\""), "{audit}");

    // Numbers stay numbers, nothing is no value, and a plain tag is called as it is.
    let ages = shop.tag("select person_no, age from people", json!({ "value": "age" })).await;
    assert_eq!((ages.status, &ages.body["people"]), (201, &json!(2)), "{}", ages.body);
    let plain = shop.tag("select person_no from people where city is not null", json!({})).await;
    let plain = shop.given(&plain.body["id"]).await;
    assert_eq!(plain["values"], json!([{ "value": plain["display"], "people": 2 }]), "{plain}");
}

#[tokio::test]
async fn what_is_personal_is_no_tag() {
    let shop = Shop::start().await;
    for (sql, value) in [
        ("select person_no, mobile from people", "mobile"),
        ("select person_no, substr(mobile, 1, 7) as head from people", "head"),
        (
            "select person_no, case when mobile like '139%' then 'a' else 'b' end as guess from people",
            "guess",
        ),
        (
            "select p.person_no, 'x' as x from people p join identities i on i.person_no = p.person_no where i.value > '1'",
            "x",
        ),
    ] {
        let refused = shop.tag(sql, json!({ "value": value })).await;
        assert_eq!((refused.status, refused.code()), (422, "personal_values"), "{sql}: {}", refused.body);
        let analyst = shop.app.user(Role::Analyst).await;
        let body = json!({ "sql": sql, "name": "试探", "value": value });
        let refused = analyst.post(&shop.app, "/api/v1/sql/tag", body).await;
        assert_eq!(
            (refused.status, refused.code()),
            (422, "personal_values"),
            "masked, too: {}",
            refused.body
        );
    }
    let tags = shop.owner.get(&shop.app, "/api/v1/tags").await.ok().to_string();
    assert!(!tags.contains(PHONE) && !tags.contains("1398765"), "{tags}");
    for (sql, value) in [
        ("select person_no, city from people", "town"),
        ("select person_no from people", "person_no"),
        ("select city from people", "city"),
    ] {
        let refused = shop.tag(sql, json!({ "value": value })).await;
        assert_eq!((refused.status, refused.code()), (422, "unknown_name"), "{sql}: {}", refused.body);
    }
    let body = json!({ "name": "空", "definition": { "kind": "given", "of": "sql" } });
    let refused = shop.owner.post(&shop.app, "/api/v1/tags", body).await;
    assert_eq!(refused.status, 422, "a definition gives nobody a value: {}", refused.body);
}

#[tokio::test]
async fn given_values_outlive_a_restart_and_end_with_an_erasure() {
    let shop = Shop::start().await;
    let made = shop
        .tag("select person_no, city from people where city is not null", json!({ "value": "city" }))
        .await;
    let id = made.body["id"].clone();
    assert_eq!(shop.given(&id).await["coverage"], json!(2));
    let Shop { app, owner, site } = shop;
    let app = app.restart().await;
    let shop = Shop { app, owner, site };
    let compute = format!("/api/v1/tags/{id}/compute");
    shop.owner.post(&shop.app, &compute, json!({})).await.ok();
    shop.app.run_jobs().await;
    assert_eq!(shop.given(&id).await["coverage"], json!(2), "they are kept");
    let bob = shop.find("bob").await;
    shop.owner
        .post(&shop.app, &format!("/api/v1/people/{bob}/erasure"), json!({ "reason": "本人要求" }))
        .await
        .ok();
    shop.app.run_jobs().await;
    shop.app.drain().await;
    shop.owner.post(&shop.app, &compute, json!({})).await.ok();
    shop.app.run_jobs().await;
    let tag = shop.given(&id).await;
    assert_eq!(tag["values"], json!([{ "value": "杭州", "people": 1 }]), "{tag}");
}
