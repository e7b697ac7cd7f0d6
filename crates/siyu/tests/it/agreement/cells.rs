//! One question and one of its cells for every kind of analysis, and SQL that asks the same.
//!
//! SQL has no order of arrival, so what depends on it (paths, sequences, the pairs of intervals) is
//! asked of events that share no instant; the others may. What a model makes of journeys is not
//! asked in SQL: Markov solves a linear system, which statements cannot.

use serde_json::{Value, json};

/// One cell, asked in five ways. Every list has the number of people first.
pub(super) struct Asked {
    pub name: &'static str,
    pub query: Value,
    pub cell: Value,
    /// The numbers of the cell in the answer.
    pub chart: fn(&Value) -> Vec<f64>,
    /// Which rows of the file: titles and values; their numbers add up.
    pub file_row: &'static [(&'static str, &'static str)],
    /// Where each number stands in the file; empty if the file does not say it.
    pub file_columns: &'static [&'static str],
    /// One row with the numbers, or with the first of them.
    pub sql: &'static str,
}

pub(super) const KINDS: [&str; 15] = [
    "trend",
    "funnel",
    "retention",
    "lifecycle",
    "stickiness",
    "distribution",
    "interval",
    "session",
    "path",
    "attribution",
    "revenue",
    "crosstab",
    "rfm",
    "sequence",
    "heatmap",
];

/// The place of 10 November, a Tuesday, among the buckets.
pub(super) const TENTH: usize = 8;
const HOURS: u32 = 3_600;

pub(super) fn all() -> Vec<Asked> {
    let mut all = over_time();
    all.extend(cohorts());
    all.extend(chains());
    all.extend(spreads());
    all.extend(super::edges::all());
    all
}

/// A question about the two weeks from Monday, 2 November.
pub(super) fn query(kind: &str, more: Value) -> Value {
    let mut query = json!({ "kind": kind,
        "range": { "kind": "between", "from": "2026-11-02", "to": "2026-11-15" } });
    query.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    query
}

pub(super) fn done(event: &str) -> Value {
    json!({ "event": event })
}

pub(super) fn whole(more: Value) -> Value {
    let mut cell = json!({ "group": { "kind": "whole" } });
    cell.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    cell
}

#[track_caller]
pub(super) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The element of a list of which a field is so.
pub(super) fn one(list: &Value, is: impl Fn(&Value) -> bool) -> &Value {
    list.as_array().and_then(|list| list.iter().find(|element| is(element))).expect("such an element")
}

fn over_time() -> Vec<Asked> {
    let from_wx = json!([{ "property": "channel", "test": { "op": "is", "values": ["wx"] } }]);
    let series =
        |measure: &str| json!({ "event": "visit", "filters": from_wx, "measure": { "kind": measure } });
    let plain = |measure: &str| json!({ "event": "visit", "measure": { "kind": measure } });
    vec![
        Asked {
            name: "trend of a day",
            query: query("trend", json!({ "series": [series("people"), series("count")], "interval": "day" })),
            cell: whole(json!({ "series": 0, "bucket": "2026-11-10" })),
            chart: |result| [0, 1].map(|line| number(&result["lines"][line]["values"][TENTH])).to_vec(),
            file_row: &[("Date", "2026-11-10")],
            file_columns: &["A visit", "B visit"],
            sql: "select count(distinct person_no), count(*) from events
                where event = 'visit' and channel = 'wx' and time >= '2026-11-10' and time < '2026-11-11'",
        },
        Asked {
            name: "trend of a city until now",
            query: query("trend", json!({ "series": [plain("people"), plain("count")], "interval": "week",
                "range": { "kind": "last_days", "days": 20 }, "breakdown": { "kind": "attribute", "name": "city" } })),
            cell: json!({ "series": 0, "group": { "kind": "value", "value": "上海" } }),
            chart: |result| {
                let total = |series: u32| {
                    one(&result["lines"], |line| line["series"] == series && line["group"]["value"] == "上海")["total"].clone()
                };
                [0, 1].map(|series| number(&total(series))).to_vec()
            },
            file_row: &[("Date", "Total")],
            file_columns: &["A 上海", "B 上海"],
            // What is said to happen tonight has not happened.
            sql: "select count(distinct e.person_no), count(*) from events e join people p on p.person_no = e.person_no
                where event = 'visit' and city = '上海' and time >= '2026-11-02'",
        },
        Asked {
            name: "lifecycle, new",
            query: query("lifecycle", json!({ "event": done("visit"), "interval": "day" })),
            cell: whole(json!({ "bucket": "2026-11-05", "state": "new" })),
            chart: |result| vec![number(&result["groups"][0]["new"][3])],
            file_row: &[("Date", "2026-11-05")],
            file_columns: &["New"],
            sql: "select count(*) from (select min(time) as began from events where event = 'visit' group by person_no)
                where began >= '2026-11-05' and began < '2026-11-06'",
        },
        Asked {
            name: "lifecycle, returning",
            query: query("lifecycle", json!({ "event": done("visit"), "interval": "day" })),
            cell: whole(json!({ "bucket": "2026-11-10", "state": "returning" })),
            chart: |result| vec![number(&result["groups"][0]["returning"][TENTH])],
            file_row: &[("Date", "2026-11-10")],
            file_columns: &["Returning"],
            sql: "select count(*) from (
                    select person_no from events where event = 'visit' and time >= '2026-11-09' and time < '2026-11-10'
                    intersect
                    select person_no from events where event = 'visit' and time >= '2026-11-10' and time < '2026-11-11')",
        },
        Asked {
            name: "session",
            query: query("session", json!({ "event": done("$any"), "interval": "day", "gap_seconds": 1_800 })),
            cell: whole(json!({ "bucket": "2026-11-10" })),
            chart: |result| {
                let counts = &result["groups"][0]["buckets"][TENTH];
                ["people", "sessions"].map(|name| number(&counts[name])).to_vec()
            },
            file_row: &[("Date", "2026-11-10")],
            file_columns: &["People", "Sessions"],
            sql: "with breaks as (select person_no, time, lag(time) over (partition by person_no order by time) as before
                    from events where event not like 'person_%')
                select count(distinct person_no), count(*) from breaks
                where (before is null or time >= before + interval '30 minutes')
                    and time >= '2026-11-10' and time < '2026-11-11'",
        },
        Asked {
            name: "heatmap",
            query: query("heatmap", json!({ "event": done("visit") })),
            cell: whole(json!({ "weekday": 1, "hour": 10 })),
            chart: |result| {
                let counts = &result["groups"][0]["cells"][1][10];
                ["people", "count"].map(|name| number(&counts[name])).to_vec()
            },
            file_row: &[("Hour", "10:00")],
            file_columns: &["", "Tue"],
            sql: "select count(distinct person_no), count(*) from events
                where event = 'visit' and time >= '2026-11-02' and time < '2026-11-16'
                    and date_part('dow', time) = 2 and date_part('hour', time) = 10",
        },
    ]
}

fn cohorts() -> Vec<Asked> {
    vec![
        Asked {
            name: "retention",
            query: query("retention", json!({ "start": done("visit"), "back": done("order_paid"),
                "interval": "day", "periods": 5, "entry": "first_in_range" })),
            cell: whole(json!({ "cohort": "2026-11-05", "what": { "kind": "back", "column": 0 } })),
            chart: |result| {
                let cohort = &result["groups"][0]["cohorts"][3];
                vec![number(&cohort["back"][0]["people"]), number(&cohort["size"])]
            },
            file_row: &[("Started on", "2026-11-05")],
            file_columns: &["day 1 · People", "People"],
            sql: "with began as (select person_no, min(time) as first from events
                    where event = 'visit' and time >= '2026-11-02' and time < '2026-11-16' group by 1)
                select count(distinct e.person_no), count(distinct b.person_no) from began b
                left join events e on e.person_no = b.person_no and e.event = 'order_paid'
                    and e.time >= '2026-11-06' and e.time < '2026-11-07'
                where b.first >= '2026-11-05' and b.first < '2026-11-06'",
        },
        Asked {
            name: "revenue",
            query: query("revenue", json!({ "start": done("visit"), "entry": "first_ever",
                "gain": { "kind": "orders" }, "interval": "day", "periods": 3 })),
            cell: whole(json!({ "cohort": "2026-11-05", "what": { "kind": "paid_so_far", "column": 2 } })),
            chart: |result| {
                let cohort = &result["groups"][0]["cohorts"][3];
                let column = &cohort["columns"][2];
                [&column["people_so_far"], &cohort["size"], &column["value_so_far"]].map(number).to_vec()
            },
            file_row: &[("Started on", "2026-11-05")],
            file_columns: &["", "People", "day 2 · so far (CNY)"],
            sql: "with began as (select person_no, min(time) as first from events where event = 'visit' group by 1),
                    cohort as (select * from began where first >= '2026-11-05' and first < '2026-11-06')
                select count(distinct o.person_no), count(distinct c.person_no), sum(o.net_minor) from cohort c
                left join orders o on o.person_no = c.person_no and o.counts and o.time >= c.first
                    and o.time < '2026-11-08'",
        },
        Asked {
            name: "stickiness",
            query: query("stickiness", json!({ "event": done("visit"), "interval": "day" })),
            cell: whole(json!({ "intervals": 3 })),
            chart: |result| vec![number(&result["groups"][0]["people"][2])],
            file_row: &[("Active intervals", "3 day")],
            file_columns: &["People"],
            sql: "select count(*) from (select person_no from events
                where event = 'visit' and time >= '2026-11-02' and time < '2026-11-16'
                group by 1 having count(distinct date_trunc('day', time)) = 3)",
        },
    ]
}

fn chains() -> Vec<Asked> {
    vec![
        Asked {
            name: "funnel",
            query: query("funnel", json!({ "steps": [done("visit"), done("cart"), done("order_paid")],
                "window": { "kind": "elapsed", "seconds": 72 * HOURS } })),
            cell: whole(json!({ "step": 2 })),
            chart: |result| [2, 0].map(|step: usize| number(&result["groups"][0]["steps"][step]["people"])).to_vec(),
            file_row: &[("Step", "3")],
            file_columns: &["People", ""],
            sql: "select count(distinct c.person_no), count(distinct a.person_no) from events a
                left join events b on b.person_no = a.person_no and b.event = 'cart'
                    and b.time >= a.time and b.time <= a.time + interval '72 hours'
                left join events c on c.person_no = a.person_no and c.event = 'order_paid'
                    and c.time >= b.time and c.time <= a.time + interval '72 hours'
                where a.event = 'visit' and a.time >= '2026-11-02' and a.time < '2026-11-16'",
        },
        Asked {
            name: "interval",
            query: query("interval", json!({ "from": done("visit"), "to": done("order_paid"),
                "interval": "day", "limit_seconds": 1_800 })),
            cell: whole(json!({})),
            chart: |result| {
                ["people", "count"].map(|name| number(&result["groups"][0]["total"][name])).to_vec()
            },
            file_row: &[],
            file_columns: &["", "Times"],
            sql: "with pairs as (select person_no, event, time, lag(event) over mine as before, lag(time) over mine as began
                    from events where event in ('visit', 'order_paid') window mine as (partition by person_no order by time))
                select count(distinct person_no), count(*) from pairs
                where event = 'order_paid' and before = 'visit' and time <= began + interval '30 minutes'
                    and began >= '2026-11-02' and began < '2026-11-16'",
        },
        Asked {
            name: "sequence",
            query: query("sequence", json!({ "interval": "day", "least_times": 1,
                "steps": [done("visit"), { "event": "order_paid", "within_seconds": 1_800 }] })),
            cell: whole(json!({ "what": { "kind": "completed", "bucket": "2026-11-10" } })),
            chart: |result| {
                let counts = &result["groups"][0]["buckets"][TENTH];
                ["people", "matches"].map(|name| number(&counts[name])).to_vec()
            },
            file_row: &[("Date", "2026-11-10")],
            file_columns: &["People", "Times"],
            // With two steps, each order that has a visit since the order before it is another time.
            sql: "with pairs as (select person_no, event, time, lag(event) over mine as before, lag(time) over mine as began
                    from events where event in ('visit', 'order_paid') and time >= '2026-11-02' and time < '2026-11-16'
                    window mine as (partition by person_no order by time))
                select count(distinct person_no), count(*) from pairs
                where event = 'order_paid' and before = 'visit' and time <= began + interval '30 minutes'
                    and time >= '2026-11-10' and time < '2026-11-11'",
        },
        Asked {
            name: "path",
            query: query("path", json!({ "events": [done("visit"), done("share"), done("order_paid")],
                "anchor": { "kind": "from", "event": done("visit") }, "steps": 3, "nodes": 10, "collapse": false })),
            cell: json!({ "step": 1, "name": { "kind": "event", "event": "visit" },
                "to": { "kind": "event", "event": "share" } }),
            chart: |result| {
                let edge = one(&result["edges"], |edge| {
                    edge["step"] == 1 && edge["from"]["event"] == "visit" && edge["to"]["event"] == "share"
                });
                vec![number(&edge["count"])]
            },
            file_row: &[("Step", "2"), ("From", "visit"), ("To", "share")],
            // Without a gap, everybody has one session.
            file_columns: &["Sessions"],
            sql: "with began as (select person_no, min(time) as first from events
                    where event = 'visit' and time >= '2026-11-02' and time < '2026-11-16' group by 1),
                walk as (select e.event, lead(e.event) over mine as after, row_number() over mine as step
                    from events e join began b on b.person_no = e.person_no
                    where e.event in ('visit', 'share', 'order_paid') and e.time >= b.first and e.time < '2026-11-16'
                    window mine as (partition by e.person_no order by e.time))
                select count(*) from walk where step = 2 and event = 'visit' and after = 'share'",
        },
        Asked {
            name: "attribution",
            query: query("attribution", json!({
                "target": { "kind": "event", "event": done("order_paid"), "worth": "amount_minor" },
                "touches": [{ "event": "visit", "property": "channel" }], "window_seconds": 72 * HOURS,
                "models": [{ "kind": "last" }, { "kind": "markov" }] })),
            cell: json!({ "key": { "kind": "value", "value": "wx" }, "what": { "kind": "touched" } }),
            chart: |result| {
                let row = one(&result["rows"], |row| row["key"]["value"] == "wx");
                let mut numbers = ["people", "touches", "conversions"].map(|name| number(&row[name])).to_vec();
                numbers.extend([0, 1].map(|model: usize| number(&row["credits"][model]["conversions"]) / 1e4));
                numbers
            },
            file_row: &[("Touch", "wx")],
            file_columns: &["People", "Touches", "Conversions after it", "Last · Conversions", "Markov · Conversions"],
            sql: "with bought as (select person_no, time from events
                    where event = 'order_paid' and time >= '2026-11-02' and time < '2026-11-16'),
                pairs as (select v.person_no, v.time as touched, v.channel, b.time as converted,
                        row_number() over (partition by v.person_no, b.time order by v.time desc) as back
                    from events v join bought b on b.person_no = v.person_no
                        and v.time < b.time and v.time >= b.time - interval '72 hours' where v.event = 'visit'),
                touches as (select person_no, time from events
                    where event = 'visit' and channel = 'wx' and time >= '2026-11-02' and time < '2026-11-16'
                    union select person_no, touched from pairs where channel = 'wx')
                select (select count(distinct person_no) from touches) as people, (select count(*) from touches) as touches,
                    (select count(*) from (select distinct person_no, converted from pairs where channel = 'wx')) as conversions,
                    (select count(*) from pairs where channel = 'wx' and back = 1) as credited",
        },
    ]
}

fn spreads() -> Vec<Asked> {
    let values = |by: Value| json!({ "kind": "values", "by": by, "top": 10 });
    let cut = |at: u32| json!({ "kind": "cuts", "cuts": [at] });
    vec![
        Asked {
            name: "distribution",
            query: query("distribution", json!({ "event": done("order_paid"),
                "measure": { "kind": "sum", "property": "amount_minor" }, "edges": [5_000, 11_000] })),
            cell: whole(json!({ "bin": { "from": 5_000, "to": 11_000 } })),
            chart: |result| vec![number(&result["groups"][0]["people"][1])],
            file_row: &[("Range", "50.00 – 110.00")],
            file_columns: &["People"],
            sql: "select count(*) from (select person_no from events
                where event = 'order_paid' and time >= '2026-11-02' and time < '2026-11-16'
                group by 1 having sum(amount_minor) >= 5000 and sum(amount_minor) < 11000)",
        },
        Asked {
            name: "crosstab",
            query: query("crosstab", json!({ "event": done("visit"), "measure": "people",
                "rows": values(json!({ "kind": "property", "name": "channel" })),
                "columns": values(json!({ "kind": "attribute", "name": "city" })) })),
            cell: json!({ "row": { "kind": "value", "value": "wx" }, "column": { "kind": "value", "value": "上海" } }),
            chart: |result| {
                let place = |keys: &Value, value: &str| {
                    let keys = keys.as_array().expect("keys");
                    keys.iter().position(|key| key["value"] == value).expect("such a key")
                };
                let (row, column) = (place(&result["rows"], "wx"), place(&result["columns"], "上海"));
                vec![number(&result["cells"][row][column]), number(&result["row_totals"][row])]
            },
            file_row: &[("", "wx")],
            file_columns: &["上海", "Total"],
            sql: "select count(distinct e.person_no) filter (where p.city = '上海'), count(distinct e.person_no)
                from events e join people p on p.person_no = e.person_no
                where event = 'visit' and channel = 'wx' and time >= '2026-11-02' and time < '2026-11-16'",
        },
        Asked {
            name: "rfm",
            query: query("rfm", json!({ "gain": { "kind": "orders" }, "recency": cut(6), "frequency": cut(2),
                "monetary": cut(8_000) })),
            cell: json!({ "class": "important_value" }),
            chart: |result| {
                ["people", "count", "value"].map(|name| number(&result["classes"][0][name])).to_vec()
            },
            file_row: &[("Class", "Important, valuable")],
            file_columns: &["People", "Purchases", "Value (CNY)"],
            // At most six whole days of 24 hours before the end of the range.
            sql: "select count(*), sum(times), sum(value) from (
                select count(*) as times, sum(net_minor) as value, max(time) as last from orders
                where counts and net_minor > 0 and time >= '2026-11-02' and time < '2026-11-16' group by person_no)
                where times >= 2 and value >= 8000 and last > '2026-11-09'",
        },
    ]
}
