//! What statements may not do, and how much they may use.

use serde_json::{Value, json};
use siyu::Config;
use siyu_sql::SqlOptions;
use siyu_types::Role;

use super::Shop;
use crate::support::TestApp;

/// Everything that is not reading.
const REFUSED: &[&str] = &[
    "insert into people (person_no) values (1)",
    "update people set city = 'x'",
    "delete from events",
    "truncate table events",
    "create table x as select 1",
    "create view x as select 1",
    "create external table x stored as csv location '/etc/passwd'",
    "create database x",
    "create schema x",
    "create function f(int) returns int return $1 + 1",
    "drop table events",
    "drop view events",
    "alter table events add column x int",
    "copy (select 1) to '/tmp/x.csv'",
    "copy events to '/tmp/x.parquet' stored as parquet",
    "set datafusion.execution.batch_size = 1",
    "reset datafusion.execution.batch_size",
    "show all",
    "show tables",
    "show columns from people",
    "describe people",
    "begin",
    "commit",
    "prepare p as select 1",
    "execute p",
    "deallocate p",
    "explain insert into people (person_no) values (1)",
    "explain create table x as select 1",
    "explain analyze copy (select 1) to '/tmp/x.csv'",
    "select 1; select 2",
    "select 1; drop table events",
    "merge into people using events on true when matched then delete",
    "grant select on events to x",
    "use siyu",
    "call x()",
    "vacuum",
    "kill 1",
];

/// Reading that reaches beyond the tables, or makes much of little.
const BEYOND: &[&str] = &[
    "select * from '/etc/passwd'",
    "select * from \"/etc/passwd\"",
    "select * from 'file.csv'",
    "select * from read_csv('/etc/passwd')",
    "select * from information_schema.tables",
    "select * from information_schema.df_settings",
    "select * from other.public.people",
    "select * from generate_series(1, 1000000000000)",
    "select * from range(1, 1000000000000)",
    "select repeat('x', 2000000000)",
    "select lpad('x', 2000000000)",
    "select array_repeat('x', 2000000000)",
    "select range(0, 100000000000)",
    "select generate_series(0, 100000000000)",
    "select replace(repeat('a', 100000), 'a', repeat('b', 100000))",
    "select struct(1, 2)",
    "select map(['a'], [1])",
    "select version()",
    "select @@version",
    "select * into x from people",
];

#[tokio::test]
async fn only_one_statement_that_reads_is_answered() {
    let shop = Shop::start().await;
    let before = shop.rows("select count(*) from events").await;
    for sql in REFUSED {
        let answer = shop.ask_as(&shop.owner, sql).await;
        let code = answer.code();
        assert!(
            answer.status == 422 && ["sql_refused", "sql_syntax"].contains(&code),
            "{sql}: {}",
            answer.body
        );
    }
    for sql in BEYOND {
        let answer = shop.ask_as(&shop.owner, sql).await;
        let code = answer.code();
        let known = ["sql_refused", "sql_syntax", "sql_failed", "unknown_name"];
        assert!(answer.status == 422 && known.contains(&code), "{sql}: {}", answer.body);
        assert!(!answer.body.to_string().contains("root:"), "{sql}");
    }
    assert_eq!(shop.rows("select count(*) from events").await, before);
    assert!(!std::path::Path::new("/tmp/x.csv").exists());
}

#[tokio::test]
async fn mistakes_say_what_and_where() {
    let shop = Shop::start().await;
    let long = format!("select {}", "1 + ".repeat(6_000));
    let deep = format!("select {}1{}", "(".repeat(200), ")".repeat(200));
    let chains = ["1+", "1 = 1 and ", "''||", "- "].map(|link| format!("select {}1", link.repeat(2_001)));
    let cast = format!("select 1{}", "::int".repeat(2_001));
    let cases: &[(&str, &str, Value)] = &[
        ("selec 1", "sql_syntax", json!({"line": "1", "column": "1"})),
        ("select *\nfrom people\nwhere (city = 'x'", "sql_syntax", json!({})),
        ("select 'x", "sql_syntax", json!({"line": "1", "column": "8"})),
        ("", "invalid_input", json!({})),
        (" -- nothing", "invalid_input", json!({})),
        (
            "select citi from people",
            "unknown_name",
            json!({"what": "column", "name": "citi", "line": "1", "column": "8"}),
        ),
        ("select Person_No from people", "unknown_name", json!({"what": "column", "near": "person_no"})),
        ("select * from nothing", "unknown_name", json!({"what": "table", "name": "nothing"})),
        ("select nofunction(1)", "unknown_name", json!({"what": "function", "name": "nofunction"})),
        ("select 1 / 0", "sql_failed", json!({})),
        ("select cast('x' as int)", "sql_failed", json!({})),
        ("select person_no from people group by city", "sql_failed", json!({})),
        (
            "select * from people where city = $city",
            "unknown_name",
            json!({"what": "parameter", "name": "city"}),
        ),
        (&long, "too_large", json!({"limit": "20000"})),
        (&deep, "too_complex", json!({"limit": "50"})),
        (&chains[0], "too_complex", json!({"limit": "2000"})),
        (&chains[1][..19_000], "too_complex", json!({"limit": "2000"})),
        (&chains[2], "too_complex", json!({"limit": "2000"})),
        (&chains[3], "too_complex", json!({"limit": "2000"})),
        (&cast, "too_complex", json!({"limit": "2000"})),
    ];
    for (sql, code, params) in cases {
        let short: String = sql.chars().take(80).collect();
        let answer = shop.ask_as(&shop.owner, sql).await;
        assert_eq!((answer.status / 100, answer.code()), (4, *code), "{short}: {}", answer.body);
        for (name, value) in params.as_object().expect("an object") {
            assert_eq!(&answer.body["error"]["params"][name], value, "{short} {name}: {}", answer.body);
        }
    }
    // Doubled thirty times, a text would fill the machine.
    let doubled: Vec<String> =
        (1..31).map(|at| format!("t{at} as (select s || s as s from t{})", at - 1)).collect();
    let doubled =
        format!("with t0 as (select url as s from events), {} select s from t30", doubled.join(", "));
    let answer = shop.ask_as(&shop.owner, &doubled).await;
    assert_eq!((answer.status, answer.code()), (422, "sql_too_much_memory"), "{}", answer.body);
    let listed = doubled.replace("select url", "select [url]");
    let answer = shop.ask_as(&shop.owner, &listed).await;
    assert_eq!((answer.status, answer.code()), (422, "sql_too_much_memory"), "{}", answer.body);
    // Many operators beside each other are a deep tree, of which no thread dies.
    let wide = format!("select {}1", "1+".repeat(500));
    assert_eq!(shop.rows(&wide).await, json!([[501]]));
}

async fn small(change: impl FnOnce(&mut SqlOptions)) -> Shop {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = Config::for_testing(folder.path()).sql();
    change(&mut options);
    Shop::of(TestApp::start_with(|config| config.with_sql(options)).await).await
}

/// Never ends, and uses no memory.
const SLOW: &str = "with recursive n as (select 1 as i union all select i + 1 from n) select count(*) from n";

#[tokio::test]
async fn each_limit_is_an_answer() {
    let shop = small(|options| {
        options.rows = 3;
        options.seconds = 1;
        options.memory_bytes = 1 << 20;
    })
    .await;
    let answer = shop.ask_as(&shop.owner, "select time from events order by time").await.ok();
    assert_eq!((answer["rows"].as_array().map(Vec::len), &answer["truncated"]), (Some(3), &json!(true)));
    let exact = shop.ask_as(&shop.owner, "select time from events order by time limit 3").await.ok();
    assert_eq!((exact["rows"].as_array().map(Vec::len), &exact["truncated"]), (Some(3), &json!(false)));

    let slow = shop.ask_as(&shop.owner, SLOW).await;
    assert_eq!((slow.status, slow.code()), (422, "sql_too_slow"), "{}", slow.body);
    assert_eq!(slow.body["error"]["params"]["seconds"], "1");

    let hungry = "select a.time, b.time, c.time, d.url from events a, events b, events c, events d order by 1, 2, 3, 4";
    let answer = shop.ask_as(&shop.owner, hungry).await;
    assert_eq!((answer.status, answer.code()), (422, "sql_too_much_memory"), "{}", answer.body);
    assert_eq!(answer.body["error"]["params"]["megabytes"], "1");
    // Nothing is left behind, and the next one is answered.
    assert_eq!(shop.rows("select 1").await, json!([[1]]));

    let narrow = small(|options| options.result_bytes = 1 << 10).await;
    let answer = narrow
        .ask_as(&narrow.owner, "select event, event as b, event as c, url, time, time as d from events")
        .await
        .ok();
    assert_eq!(answer["truncated"], true);
}

/// Groups that do not fit are neither put aside nor forgotten: the whole statement is refused, and
/// with room for them every event is in one.
#[tokio::test]
async fn pitfall_26_what_outgrows_its_memory_is_refused_and_never_cut() {
    let grouped = "select count(*), sum(n), sum(length(wide)) from (
        select concat(a.time, b.time, c.time, d.time, a.time, b.time, c.time, d.time) as wide, count(*) as n
        from events a, events b, events c, events d group by 1)";
    let tight = small(|options| options.memory_bytes = 1 << 20).await;
    let answer = tight.ask_as(&tight.owner, grouped).await;
    assert_eq!((answer.status, answer.code()), (422, "sql_too_much_memory"), "{}", answer.body);
    let roomy = small(|options| options.memory_bytes = 1 << 28).await;
    let counted = roomy.rows("select count(*), count(distinct time) from events").await;
    let fourth = |number: &Value| json!(number.as_u64().expect("a number").pow(4));
    let found = roomy.rows(grouped).await;
    assert_eq!((&found[0][0], &found[0][1]), (&fourth(&counted[0][1]), &fourth(&counted[0][0])));
}

#[tokio::test]
async fn a_statement_is_stopped_by_its_name_and_makes_room() {
    let shop = small(|options| options.statements_at_once = 1).await;
    let Shop { app, owner, .. } = &shop;
    // Those who look whether there is room may take it themselves for a moment.
    let running = async {
        loop {
            let answer = owner.post(app, "/api/v1/sql/run", json!({ "sql": SLOW, "run": "mine" })).await;
            if answer.code() != "sql_busy" {
                break answer;
            }
        }
    };
    let stop = async {
        let somebody = app.program(Role::Owner).await;
        loop {
            // Once it runs there is no room, and nobody else can stop it.
            let other = shop.ask_as(&somebody, "select 1").await;
            if other.code() == "sql_busy" {
                break;
            }
            tokio::task::yield_now().await;
        }
        somebody.delete(app, "/api/v1/sql/runs/mine").await.ok();
        let twice = owner.post(app, "/api/v1/sql/run", json!({ "sql": "select 1", "run": "mine" })).await;
        assert_eq!((twice.status, twice.code()), (503, "sql_busy"));
        owner.delete(app, "/api/v1/sql/runs/mine").await.ok();
    };
    let (stopped, ()) = tokio::join!(running, stop);
    assert_eq!((stopped.status, stopped.code()), (409, "sql_cancelled"), "{}", stopped.body);
    // It has ended, which is as well.
    owner.delete(app, "/api/v1/sql/runs/mine").await.ok();
    room_again(&shop).await;

    // A request that nobody waits for any more ends its statement.
    let again = || Box::pin(owner.post(app, "/api/v1/sql/run", json!({ "sql": SLOW, "run": "again" })));
    let mut dropped = again();
    loop {
        tokio::select! {
            biased;
            answer = &mut dropped => {
                assert_eq!(answer.code(), "sql_busy", "{}", answer.body);
                dropped = again();
            }
            other = shop.ask_as(owner, "select 1") => if other.code() == "sql_busy" { break },
        }
    }
    drop(dropped);
    room_again(&shop).await;
}

/// Statements end at their next batch, which is not at once.
async fn room_again(shop: &Shop) {
    loop {
        let answer = shop.ask_as(&shop.owner, "select 1").await;
        if answer.status == 200 {
            return;
        }
        assert_eq!(answer.code(), "sql_busy");
        tokio::task::yield_now().await;
    }
}

#[test]
fn settings_of_sql_are_checked() {
    for (setting, message) in [
        ("rows = 0", "sql.rows: must be 1 to 100000"),
        ("seconds = 0", "sql.seconds: must be 1 to 3600"),
        ("memory_bytes = 5", "sql.memory_bytes: must be at least 1048576"),
        ("threads = 0", "sql.threads: must be 1 to 256"),
    ] {
        let error = Config::build(&format!("[sql]\n{setting}"), []).expect_err(setting).to_string();
        let error = error.replace("invalid_input: ", "");
        assert!(error.contains(message.split(": ").nth(1).unwrap_or_default()), "{setting}: {error}");
    }
}
