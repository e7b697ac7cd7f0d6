//! Statements and their answers, and that these agree with charts, lists and segments.

use serde_json::{Value, json};

use super::Shop;

/// Numbers of people differ between runs of the world; they are compared by what they do.
const CASES: &[(&str, &str)] = &[
    // Constants, and what the engine itself does.
    ("select 1 + 1 as two, 'x' || 'y' as xy, null as nothing, true as yes", r#"[[2, "xy", null, true]]"#),
    ("values (1, 'a'), (2, 'b')", r#"[[1, "a"], [2, "b"]]"#),
    (
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 4) select sum(i) from n",
        "[[10]]",
    ),
    ("select date_trunc('day', now())::date, current_date", r#"[["2026-11-21", "2026-11-21"]]"#),
    // Events: merged people are one, erased ones nobody, what is of tomorrow is not there yet.
    ("select count(*) from events where event = 'page_view'", "[[4]]"),
    ("select count(*), count(distinct person_no) from events where event = 'page_view'", "[[4, 2]]"),
    (
        "SELECT event, COUNT(*) AS n FROM Events WHERE event LIKE 'order%' GROUP BY event ORDER BY event",
        r#"[["order_line", 3], ["order_paid", 3], ["order_refunded", 1]]"#,
    ),
    (
        "select url, count(*) from events where event in ('page_view', 'other') group by 1 order by 2 desc, 1",
        r#"[["/a", 3], ["/b", 1]]"#,
    ),
    ("select count(*) from events where url = '/z' or url = '/tomorrow'", "[[0]]"),
    (
        "select sum(amount_minor), max(amount_minor) from events where event = 'order_paid'",
        "[[18000, 10000]]",
    ),
    (
        "select avg(seconds), count(seconds) from events where event = 'page_view'",
        "[[2.6666666666666665, 3]]",
    ),
    ("select first from events where first is not null", "[[true]]"),
    (
        "select tags, array_length(tags), tags[1] from events where array_has(tags, 'y')",
        r#"[["[x, y]", 2, "x"]]"#,
    ),
    ("select t from (select unnest(tags) as t from events) order by t", r#"[["x"], ["y"]]"#),
    // Days are those of the project: 16:30 UTC is the next day in Shanghai.
    (
        "select date_trunc('day', time)::date as day, count(*) from events where event = 'page_view' group by 1 order by 1",
        r#"[["2026-11-19", 1], ["2026-11-20", 2], ["2026-11-21", 1]]"#,
    ),
    ("select time from events where url = '/b'", r#"[["2026-11-20T10:00:00.000Z"]]"#),
    ("select count(*) from events where event = 'page_view' and time >= '2026-11-21'", "[[1]]"),
    (
        "select count(*) from events where event = 'page_view' and time between '2026-11-20 18:00:00' and '2026-11-20 19:00:00'",
        "[[2]]",
    ),
    ("select count(*) from events where time > now() - interval '1 day' and event = 'page_view'", "[[3]]"),
    // Persons and what is known of them.
    ("select count(*) from people", "[[2]]"),
    (
        "select city, age, vip, likes from people order by age",
        r#"[["杭州", 31, true, "[茶, 咖啡]"], ["上海", 40, false, null]]"#,
    ),
    (
        "select p.city, count(*) from people p join events e on e.person_no = p.person_no where e.event = 'page_view' group by 1 order by 1 desc",
        r#"[["杭州", 3], ["上海", 1]]"#,
    ),
    (
        "select namespace, count(*) from identities group by 1 order by 1",
        r#"[["device", 1], ["email", 1], ["login", 2], ["phone", 1]]"#,
    ),
    ("select value from identities where namespace = 'phone'", r#"[["+8613987654321"]]"#),
    // Orders are put together, lines by their number.
    (
        "select order_id, state, counts, paid_minor, refunded_minor, net_minor, channel, store_id from orders order by order_id",
        r#"[["A1", "paid", true, 10000, 0, 10000, "小程序", "s1"], ["A2", "paid", true, 5000, 0, 5000, null, null], ["B1", "refunded", false, 3000, 3000, 0, null, null]]"#,
    ),
    (
        "select line_id, item_id, quantity, amount_minor from order_lines order by line_id",
        r#"[["1", "p1", 3, 6000], ["2", "p2", 1, 4000]]"#,
    ),
    (
        "select i.category, sum(l.amount_minor) from order_lines l join items i on i.item_id = l.item_id and i.item_type = 'product' group by 1 order by 2",
        r#"[["茶", 4000], ["烘焙", 6000]]"#,
    ),
    (
        "select name, category, price_minor, tags from items where item_type = 'product' order by item_id",
        r#"[["可颂", "烘焙", 2000, "[新品]"], ["红茶", "茶", null, "[]"]]"#,
    ),
    // Windows, sets, subqueries.
    (
        "select order_id, sum(net_minor) over (order by order_id) from orders order by 1",
        r#"[["A1", 10000], ["A2", 15000], ["B1", 15000]]"#,
    ),
    (
        "select city from people where person_no in (select person_no from orders where counts)",
        r#"[["杭州"]]"#,
    ),
    (
        "select city from people p where not exists (select 1 from orders o where o.person_no = p.person_no and o.counts)",
        r#"[["上海"]]"#,
    ),
    ("select city from people union select 'x' order by 1", r#"[["x"], ["上海"], ["杭州"]]"#),
    ("select (select max(net_minor) from orders) - min(net_minor) from orders", "[[10000]]"),
    // A common table may be called like one of ours, and read itself.
    (
        "with recursive orders as (select 1 as n union all select n + 1 from orders where n < 3) select count(*) from orders",
        "[[3]]",
    ),
    ("select count(*) from sends", "[[0]]"),
];

#[tokio::test]
async fn statements_answer_what_is_there() {
    let shop = Shop::start().await;
    let mut wrong = Vec::new();
    for (sql, expected) in CASES {
        let answer = shop.ask_as(&shop.owner, sql).await;
        let expected: Value = serde_json::from_str(expected).expect("JSON");
        if answer.status != 200 || !alike(&answer.body["rows"], &expected) {
            wrong.push(format!("{sql}\n  {}\n  not {expected}", answer.body));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `3` and `3.0` are one number.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}

async fn number(shop: &Shop, sql: &str) -> Value {
    shop.rows(sql).await[0][0].clone()
}

#[tokio::test]
async fn the_chart_the_list_the_segment_and_sql_agree() {
    let shop = Shop::start().await;
    let Shop { app, owner, .. } = &shop;
    for (event, measure, sql) in [
        ("page_view", json!({"kind": "count"}), "count(*)"),
        ("page_view", json!({"kind": "people"}), "count(distinct person_no)"),
        ("order_paid", json!({"kind": "sum", "property": "amount_minor"}), "sum(amount_minor)"),
        ("order_paid", json!({"kind": "people"}), "count(distinct person_no)"),
    ] {
        let trend = json!({ "kind": "trend", "series": [{ "event": event, "filters": [], "measure": measure }],
            "range": { "kind": "last_days", "days": 30 }, "interval": "day" });
        let chart = owner.post(app, "/api/v1/analyses/answer", trend).await.ok();
        let total = chart["result"]["lines"][0]["total"].as_f64();
        let asked = number(&shop, &format!("select {sql} from events where event = '{event}'")).await;
        assert_eq!(asked.as_f64(), total, "{event} {measure}");
    }
    let totals = owner.get(app, "/api/v1/orders/totals").await.ok();
    let sql = "select count(*) filter (where counts), sum(paid_minor), sum(refunded_minor), sum(net_minor),
        count(distinct person_no) filter (where counts) from orders";
    let expected =
        ["orders", "paid_minor", "refunded_minor", "net_minor", "people"].map(|name| totals[name].clone());
    assert_eq!(shop.rows(sql).await[0], json!(expected));
    let overview = owner.get(app, "/api/v1/overview").await.ok();
    assert_eq!(number(&shop, "select count(*) from people").await, overview["people"]);

    let condition = json!({ "kind": "event", "event": "page_view", "filters": [],
        "window": { "kind": "all" }, "measure": { "kind": "count" }, "compare": "at_least", "value": 2 });
    let new = json!({ "name": "常客", "condition": condition });
    let segment = owner.post(app, "/api/v1/segments", new).await.ok();
    let members = shop.rows("select person_no from segments where segment = '常客'").await;
    assert_eq!(members, json!([[shop.find("ann").await]]));
    assert_eq!(segment["count"], 1);
    let by_hand = "select person_no from events where event = 'page_view' group by 1 having count(*) >= 2";
    assert_eq!(shop.rows(by_hand).await, members);

    // A tag of its own, whatever it is computed from.
    let rules = json!({ "kind": "rule", "values": [{ "value": "老客", "condition": condition }] });
    let tag = json!({ "name": "stage", "display": "阶段", "definition": rules });
    owner.post(app, "/api/v1/tags", tag).await.ok();
    app.run_jobs().await;
    let tagged = "select tag, display, value, count(*) from tags group by 1, 2, 3";
    assert_eq!(shop.rows(tagged).await, json!([["stage", "阶段", "老客", 1]]));
}

#[tokio::test]
async fn what_is_said_later_is_seen_and_what_is_erased_is_gone() {
    let shop = Shop::start().await;
    let text = |rows: Value| rows.to_string();
    for table in ["events", "people", "identities", "orders", "order_lines", "tags", "segments", "sends"] {
        let all = text(shop.rows(&format!("select * from {table}")).await);
        assert!(!all.contains("zoe") && !all.contains("左伊") && !all.contains("Z1"), "{table}: {all}");
    }
    let sql = "select count(*) from events where url = '/late'";
    assert_eq!(shop.rows(sql).await, json!([[0]]));
    let late = super::event("n1", "bob", "page_view", "18T10:00", json!({ "url": "/late", "colour": "红" }));
    shop.collect(json!([late])).await;
    assert_eq!(shop.rows(sql).await, json!([[1]]));
    assert_eq!(shop.rows("select colour from events where colour is not null").await, json!([["红"]]));
    // Tomorrow's event is there tomorrow.
    shop.app.clock.advance(24 * 3_600_000);
    assert_eq!(shop.rows("select count(*) from events where url = '/tomorrow'").await, json!([[1]]));
}

#[tokio::test]
async fn columns_are_described_as_they_are() {
    let shop = Shop::start().await;
    let schema = shop.owner.get(&shop.app, "/api/v1/sql/schema").await.ok();
    let names: Vec<&str> = schema["tables"]
        .as_array()
        .expect("tables")
        .iter()
        .filter_map(|table| table["name"].as_str())
        .collect();
    assert_eq!(
        names,
        ["events", "people", "identities", "orders", "order_lines", "items", "tags", "segments", "sends"]
    );
    let column = |table: usize, name: &str| -> Value {
        let columns = schema["tables"][table]["columns"].as_array().expect("columns");
        columns.iter().find(|column| column["name"] == name).cloned().unwrap_or_default()
    };
    for (table, name, kind) in [
        (0, "time", "time"),
        (0, "amount_minor", "integer"),
        (0, "seconds", "number"),
        (0, "tags", "list"),
        (0, "first", "bool"),
        (1, "likes", "list"),
        (1, "vip", "bool"),
        (3, "net_minor", "integer"),
        (5, "tags", "list"),
    ] {
        assert_eq!(column(table, name)["type"], kind, "{name}");
    }
    assert_eq!(schema["events"][0], "page_view");
    let functions = schema["functions"].to_string();
    assert!(functions.contains("\"date_trunc\"") && !functions.contains("\"repeat\""), "{functions}");
    assert_eq!(schema["zone"], "Asia/Shanghai");
}
