//! What somebody sees masked they cannot learn by any statement: the values that expressions
//! see are the masked ones. The world is asked by three roles.

use serde_json::{Value, json};
use siyu_types::Role;

use super::{EMAIL, NAME, PHONE, Shop};

/// Statements that would find, compare or print a hidden value if they saw it.
const TRICKS: &[&str] = &[
    "select * from people",
    "select * from events",
    "select * from identities",
    "select * from items",
    "select * from orders",
    "select name, mobile, remark, tel_no from people",
    "select count(*) from people where name = '欧阳锦瑟'",
    "select count(*) from people where mobile = '13987654321'",
    "select count(*) from people where mobile like '13987%'",
    "select count(*) from people where remark like '%13987654321%'",
    "select count(*) from people where remark ~ '1398765[0-9]+'",
    "select count(*) from people where cast(tel_no as bigint) = 13987654321",
    "select count(*) from people where cast(tel_no as bigint) between 13987654320 and 13987654322",
    "select count(*) from identities where value like '%13987654321%'",
    "select count(*) from identities where value like 'jinse%'",
    "select count(*) from identities where starts_with(value, 'jinse.')",
    "select count(*) from identities where md5(value) = md5('+8613987654321')",
    "select count(*) from identities where strpos(value, '98765') > 0",
    "select count(*) from identities where substr(value, 7, 2) = '76'",
    "select case when mobile = '13987654321' then 'found' else 'no' end from people",
    "select coalesce(nullif(mobile, '13987654321'), 'found') from people where mobile is not null",
    "select count(*) from people join (values ('13987654321')) as v(x) on mobile = x",
    "select count(*) from identities i join (values ('+8613987654321')) as v(x) on i.value = x",
    "select count(*) from people where mobile in (select '13987654321')",
    "select count(*) from people where exists (select 1 where mobile = '13987654321')",
    "select mobile, count(*) from people group by mobile",
    "select count(*) from (select mobile from people group by mobile having mobile = '13987654321')",
    "select person_no from people order by mobile > '13987654320', person_no",
    "select max(mobile), min(mobile), max(name) from people",
    "select string_agg(name, ',') from people",
    "select array_agg(mobile) from people",
    "select ascii(substr(mobile, 5, 1)), char_length(name) from people",
    "select reverse(mobile), upper(name) from people",
    "select distinct receiver from events where receiver is not null",
    "select count(*) from events where receiver = '欧阳锦瑟'",
    "select count(*) from events where mobile >= '139876' and mobile < '139877'",
    "select first_value(mobile) over (order by person_no) from people",
    "select lag(name) over (order by person_no) from people",
    "select cast(mobile as int) from people",
    "select 1 / (case when mobile = '13987654321' then 0 else 1 end) from people",
    "select to_timestamp(mobile) from people",
    "select * from (select value as v from identities) where v = 'jinse.ouyang@example.com'",
    "with p as (select mobile as m from people) select count(*) from p where m = '13987654321'",
    "select mobile from people union select receiver from events",
    "select mobile from people intersect select '13987654321'",
    "select count(*) from items where mobile = '13987654321'",
    "explain analyze select * from people where mobile = '13987654321'",
    "select value from tags",
    "select arrow_cast(tel_no, 'Utf8') from people",
];

/// What a masked answer must not hold, unless the statement itself said so.
const NEEDLES: [&str; 5] = [PHONE, NAME, EMAIL, "锦瑟", "ouyang"];

fn holds(answer: &Value, sql: &str) -> Option<&'static str> {
    let text = answer.to_string();
    NEEDLES.into_iter().find(|needle| text.contains(needle) && !sql.contains(needle))
}

#[tokio::test]
async fn nothing_masked_is_learned_by_any_statement() {
    let shop = Shop::start().await;
    for role in [Role::Viewer, Role::Analyst] {
        let masked = shop.app.program(role).await;
        for sql in TRICKS {
            let answer = shop.ask_as(&masked, sql).await;
            assert_ne!(answer.status, 500, "{sql}: {}", answer.body);
            assert_eq!(holds(&answer.body, sql), None, "{role:?} {sql}: {}", answer.body);
            let found = answer.body["rows"].to_string();
            assert!(!found.contains("found"), "{role:?} {sql}: {found}");
            if sql.starts_with("select count(*)") && answer.status == 200 {
                assert_eq!(answer.body["rows"], json!([[0]]), "{role:?} {sql}");
            }
        }
    }
}

#[tokio::test]
async fn who_sees_in_the_clear_does_so_here_too() {
    let shop = Shop::start().await;
    let operator = shop.app.program(Role::Operator).await;
    let sql = "select name, mobile, remark, cast(tel_no as bigint) from people where mobile = '13987654321'";
    let answer = shop.ask_as(&operator, sql).await.ok();
    assert_eq!(answer["rows"], json!([[NAME, PHONE, format!("电话 {PHONE}"), 13_987_654_321_u64]]));
    assert_eq!(answer["masked"], json!([]));
    let email = shop.ask_as(&operator, "select value from identities where namespace = 'email'").await.ok();
    assert_eq!(email["rows"], json!([[EMAIL]]));

    // Who does not sees what is left of it, and is told.
    let viewer = shop.app.program(Role::Viewer).await;
    let answer =
        shop.ask_as(&viewer, "select name as n, mobile, remark from people where city = '杭州'").await.ok();
    assert_eq!(answer["rows"], json!([["欧阳**", "139****4321", "电话 139****4321"]]));
    assert_eq!(answer["masked"], json!(["people.mobile", "people.name"]));
    let flags: Vec<&Value> =
        answer["columns"].as_array().expect("columns").iter().map(|c| &c["masked"]).collect();
    assert_eq!(flags, [&json!(true), &json!(true), &json!(false)]);
    let ids = shop.ask_as(&viewer, "select value from identities where namespace = 'phone'").await.ok();
    assert_eq!(ids["rows"], json!([["+86139****4321"]]));
    // A number that looks like a phone is no number to them.
    let count = shop.ask_as(&viewer, "select count(tel_no) from people").await.ok();
    assert_eq!(count["rows"], json!([[0]]));
}

/// A declaration holds from the next statement on.
#[tokio::test]
async fn what_is_declared_personal_is_masked_from_then_on() {
    let shop = Shop::start().await;
    let viewer = shop.app.program(Role::Viewer).await;
    let cities = "select city from people order by city";
    let before = shop.ask_as(&viewer, cities).await.ok();
    assert_eq!(before["rows"], json!([["上海"], ["杭州"]]));
    let path = "/api/v1/personal/fields/attribute/city";
    let declared = shop.owner.put(&shop.app, path, json!({ "class": "address", "sensitive": false })).await;
    assert!(declared.status < 300, "{}", declared.body);
    let after = shop.ask_as(&viewer, cities).await.ok();
    assert!(
        !after["rows"].to_string().contains("杭州") || after["masked"] == json!(["people.city"]),
        "{after}"
    );
    assert_eq!(after["masked"], json!(["people.city"]));
}

#[tokio::test]
async fn who_was_looked_at_is_noted() {
    let shop = Shop::start().await;
    let operator = shop.app.program(Role::Operator).await;
    let ann = shop.find("ann").await;
    // By whatever name the column goes in the end.
    shop.ask_as(&operator, "select p.person_no as who, name from people p where city = '杭州'").await.ok();
    let looks = shop.owner.get(&shop.app, &format!("/api/v1/people/{ann}/looks")).await;
    assert!(looks.ok().to_string().contains("\"sql\""), "nobody noted it");
    // Where the answer does not say whom, that personal values were read stands in the audit.
    shop.ask_as(&operator, "select name from people").await.ok();
    let audit = shop.owner.get(&shop.app, "/api/v1/audit").await.ok();
    let row = &audit["items"][0];
    assert_eq!(row["action"], "sql.read_personal", "{row}");
    assert_eq!(row["detail"]["columns"], json!(["people.name"]));
    assert!(!audit.to_string().contains(NAME));
}
