//! Cells at the edges of their kinds: without a value, with an empty one, by city, what ends, who
//! went away, and cohorts that are watched for as long.

use serde_json::{Value, json};

use super::cells::{Asked, TENTH, done, number, one, query, whole};

pub(super) fn all() -> Vec<Asked> {
    let mut all = without_values();
    all.extend(of_a_city());
    all.extend(who_went_on());
    all
}

fn without_values() -> Vec<Asked> {
    let series = |measure: &str| json!({ "event": "visit", "measure": { "kind": measure } });
    let values = |by: Value| json!({ "kind": "values", "by": by, "top": 10 });
    vec![
        Asked {
            name: "trend of an empty text",
            query: query(
                "trend",
                json!({ "series": [series("people"), series("count")], "interval": "day",
                    "breakdown": { "kind": "property", "name": "channel" } }),
            ),
            cell: json!({ "series": 0, "group": { "kind": "value", "value": "" } }),
            chart: |result| {
                let is = |line: &Value, series: u32| line["series"] == series && line["group"]["value"] == "";
                [0, 1].map(|series| number(&one(&result["lines"], |line| is(line, series))["total"])).to_vec()
            },
            file_row: &[("Date", "Total")],
            file_columns: &["A (empty text)", "B (empty text)"],
            sql: "select count(distinct person_no), count(*) from events
                where event = 'visit' and channel = '' and time >= '2026-11-02' and time < '2026-11-16'",
        },
        Asked {
            name: "crosstab without a value",
            query: query(
                "crosstab",
                json!({ "event": done("visit"), "measure": "people",
                    "rows": values(json!({ "kind": "property", "name": "channel" })),
                    "columns": values(json!({ "kind": "attribute", "name": "city" })) }),
            ),
            cell: json!({ "row": { "kind": "missing" }, "column": { "kind": "missing" } }),
            chart: |result| {
                let place = |keys: &Value| {
                    let keys = keys.as_array().expect("keys");
                    keys.iter().position(|key| key["kind"] == "missing").expect("some without a value")
                };
                let (row, column) = (place(&result["rows"]), place(&result["columns"]));
                vec![number(&result["cells"][row][column]), number(&result["row_totals"][row])]
            },
            file_row: &[("", "(no value)")],
            file_columns: &["(no value)", "Total"],
            sql:
                "select count(distinct e.person_no) filter (where p.city is null), count(distinct e.person_no)
                from events e join people p on p.person_no = e.person_no
                where event = 'visit' and channel is null and time >= '2026-11-02' and time < '2026-11-16'",
        },
        Asked {
            name: "distribution without a city",
            query: query(
                "distribution",
                json!({ "event": done("visit"), "measure": { "kind": "count" }, "edges": [2, 8],
                    "breakdown": { "kind": "attribute", "name": "city" } }),
            ),
            cell: json!({ "bin": { "from": 2, "to": 8 }, "group": { "kind": "missing" } }),
            chart: |result| {
                let group = one(&result["groups"], |group| group["group"]["kind"] == "missing");
                vec![number(&group["people"][1])]
            },
            file_row: &[("Breakdown", "(no value)"), ("Range", "2 – 8")],
            file_columns: &["People"],
            sql: "select count(*) from (select e.person_no from events e
                join people p on p.person_no = e.person_no and p.city is null
                where event = 'visit' and time >= '2026-11-02' and time < '2026-11-16'
                group by 1 having count(*) >= 2 and count(*) < 8)",
        },
    ]
}

fn of_a_city() -> Vec<Asked> {
    vec![
        Asked {
            name: "funnel of a city on one day",
            query: query(
                "funnel",
                json!({ "steps": [done("visit"), done("order_paid")], "window": { "kind": "days", "days": 1 },
                    "breakdown": { "kind": "attribute", "name": "city" } }),
            ),
            cell: json!({ "step": 1, "group": { "kind": "value", "value": "北京" } }),
            chart: |result| {
                let group = one(&result["groups"], |group| group["group"]["value"] == "北京");
                vec![number(&group["steps"][1]["people"])]
            },
            file_row: &[("Breakdown", "北京"), ("Step", "2")],
            file_columns: &["People"],
            sql: "select count(distinct a.person_no) from events a
                join people p on p.person_no = a.person_no and p.city = '北京'
                join events b on b.person_no = a.person_no and b.event = 'order_paid' and b.time >= a.time
                    and date_trunc('day', b.time) = date_trunc('day', a.time)
                where a.event = 'visit' and a.time >= '2026-11-02' and a.time < '2026-11-16'",
        },
        Asked {
            name: "revenue of a city",
            query: query(
                "revenue",
                json!({ "start": done("visit"), "entry": "first_in_range", "interval": "week", "periods": 1,
                    "gain": { "kind": "event", "event": done("view"), "worth": "price_minor" },
                    "breakdown": { "kind": "attribute", "name": "city" } }),
            ),
            cell: json!({ "cohort": "2026-11-02", "what": { "kind": "paid_so_far", "column": 1 },
                "group": { "kind": "value", "value": "北京" } }),
            chart: |result| {
                let group = one(&result["groups"], |group| group["group"]["value"] == "北京");
                let column = &group["cohorts"][0]["columns"][1];
                [&column["people_so_far"], &column["value_so_far"]].map(number).to_vec()
            },
            file_row: &[("Breakdown", "北京"), ("Started on", "2026-11-02")],
            file_columns: &["", "week 1 · so far (CNY)"],
            sql: "with began as (select e.person_no, min(time) as first from events e
                    join people p on p.person_no = e.person_no and p.city = '北京'
                    where event = 'visit' and time >= '2026-11-02' and time < '2026-11-16' group by 1)
                select count(distinct b.person_no), sum(v.price_minor) from began b
                join events v on v.person_no = b.person_no and v.event = 'view' and v.time >= b.first
                    and v.time < '2026-11-16' where b.first < '2026-11-09'",
        },
    ]
}

fn who_went_on() -> Vec<Asked> {
    vec![
        Asked {
            name: "lifecycle, dormant",
            query: query("lifecycle", json!({ "event": done("visit"), "interval": "day" })),
            cell: whole(json!({ "bucket": "2026-11-10", "state": "dormant" })),
            chart: |result| vec![number(&result["groups"][0]["dormant"][TENTH])],
            file_row: &[("Date", "2026-11-10")],
            file_columns: &["Dormant"],
            sql: "select count(*) from (
                    select person_no from events where event = 'visit' and time >= '2026-11-09' and time < '2026-11-10'
                    except
                    select person_no from events where event = 'visit' and time >= '2026-11-10' and time < '2026-11-11')",
        },
        Asked {
            name: "retention, rolling",
            query: query(
                "retention",
                json!({ "start": done("visit"), "back": done("order_paid"), "interval": "day", "periods": 5,
                    "entry": "recurring", "rolling": true }),
            ),
            cell: whole(json!({ "cohort": "2026-11-10", "what": { "kind": "back", "column": 1 } })),
            chart: |result| vec![number(&result["groups"][0]["cohorts"][TENTH]["back"][1]["people"])],
            file_row: &[("Started on", "2026-11-10")],
            file_columns: &["day 2 · People"],
            sql: "select count(distinct b.person_no) from events a join events b on b.person_no = a.person_no
                where a.event = 'visit' and a.time >= '2026-11-10' and a.time < '2026-11-11'
                    and b.event = 'order_paid' and b.time >= '2026-11-12' and b.time < '2026-11-16'",
        },
        Asked {
            name: "path, ends",
            query: query(
                "path",
                json!({ "events": [done("share"), done("order_paid")],
                    "anchor": { "kind": "beginning" }, "steps": 4, "nodes": 10 }),
            ),
            cell: json!({ "step": 1, "name": { "kind": "event", "event": "share" }, "ends": true }),
            chart: |result| {
                let node = one(&result["nodes"], |node| node["step"] == 1 && node["name"]["event"] == "share");
                vec![number(&node["ends"])]
            },
            file_row: &[("Step", "2"), ("From", "share"), ("To", "(ends here)")],
            file_columns: &["Sessions"],
            sql: "with walk as (select event, lead(event) over mine as after, row_number() over mine as step
                    from events where event in ('share', 'order_paid') and time >= '2026-11-02' and time < '2026-11-16'
                    window mine as (partition by person_no order by time))
                select count(*) from walk where step = 2 and event = 'share' and after is null",
        },
    ]
}
