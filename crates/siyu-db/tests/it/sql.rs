//! Each rule of the crate's page, on both databases.

use siyu_db::{Db, Tx, db_error, maybe_double, next_id};
use siyu_testkit::databases;
use siyu_types::ErrorCode;
use sqlx::Row;

type Thing = (i64, Option<String>, Option<i64>, Option<f64>);

async fn table(db: &Db) {
    let mut tx = db.begin().await.expect("begins");
    let sql = "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT, amount BIGINT, ratio DOUBLE PRECISION)";
    sqlx::query(sql).execute(&mut *tx).await.expect("creates");
    sqlx::query("CREATE UNIQUE INDEX things_by_name ON things (name)")
        .execute(&mut *tx)
        .await
        .expect("creates");
    tx.commit().await.expect("commits");
}

async fn insert(
    tx: &mut Tx,
    id: i64,
    name: Option<&str>,
    amount: Option<i64>,
    ratio: Option<f64>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("INSERT INTO things (id, name, amount, ratio) VALUES ($1, $2, $3, $4) RETURNING id")
        .bind(id)
        .bind(name.map(str::to_owned))
        .bind(amount)
        .bind(ratio)
        .fetch_one(&mut **tx)
        .await
}

#[tokio::test]
async fn the_common_sql_means_the_same() {
    databases::both(async |db| {
        table(&db).await;
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(insert(&mut tx, 1, Some("甲"), Some(i64::MAX), Some(0.1)).await.expect("inserts"), 1);
        assert_eq!(insert(&mut tx, 2, None, None, None).await.expect("nulls"), 2);
        assert_eq!(insert(&mut tx, 3, Some("丙"), Some(-5), Some(2.0)).await.expect("inserts"), 3);
        tx.commit().await.expect("commits");

        let rows = sqlx::query("SELECT * FROM things WHERE $1 < id OR id = $1 ORDER BY id LIMIT $2")
            .bind(1_i64)
            .bind(10_i64)
            .fetch_all(db.read())
            .await
            .expect("the same placeholder twice");
        let read: Vec<Thing> = rows
            .iter()
            .map(|row| (row.get("id"), row.get("name"), row.get("amount"), row.get("ratio")))
            .collect();
        assert_eq!(
            read,
            [
                (1, Some("甲".to_owned()), Some(i64::MAX), Some(0.1)),
                (2, None, None, None),
                (3, Some("丙".to_owned()), Some(-5), Some(2.0)),
            ]
        );

        let scalar = async |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(db.read()).await;
        assert_eq!(scalar("SELECT COUNT(*) FROM things").await.expect("count"), 3);
        assert_eq!(scalar("SELECT CAST(SUM(id) AS BIGINT) FROM things").await.expect("sum"), 6);
        assert_eq!(scalar("SELECT COALESCE(MAX(id), 0) FROM things").await.expect("max"), 3);
        let none: Option<i64> = sqlx::query_scalar("SELECT MAX(id) FROM things WHERE name = $1")
            .bind("nobody")
            .fetch_one(db.read())
            .await
            .expect("the maximum of nothing");
        assert_eq!(none, None);

        let mut tx = db.begin().await.expect("begins");
        let kept = "INSERT INTO things (id, name, amount) VALUES ($1, $2, $3)
            ON CONFLICT (id) DO UPDATE SET amount = excluded.amount WHERE things.amount IS NULL";
        for (id, changed) in [(2_i64, 1), (2, 0), (9, 1)] {
            let done = sqlx::query(kept).bind(id).bind(format!("n{id}")).bind(7_i64).execute(&mut *tx).await;
            assert_eq!(done.expect("upsert").rows_affected(), changed, "{id}");
        }
        tx.commit().await.expect("commits");
    })
    .await;
}

#[tokio::test]
async fn an_absent_number_is_written_before_one_that_is_there() {
    databases::both(async |db| {
        table(&db).await;
        let mut tx = db.begin().await.expect("begins");
        for (id, ratio) in [(1_i64, None), (2, Some(0.1)), (3, Some(-4e20)), (4, None)] {
            sqlx::query("INSERT INTO things (id, ratio) VALUES ($1, CAST($2 AS DOUBLE PRECISION))")
                .bind(id)
                .bind(maybe_double(ratio))
                .execute(&mut *tx)
                .await
                .expect("inserts");
            let kept: Option<f64> = sqlx::query_scalar("SELECT ratio FROM things WHERE id = $1")
                .bind(id)
                .fetch_one(&mut *tx)
                .await
                .expect("reads");
            assert_eq!(kept, ratio);
        }
    })
    .await;
}

#[tokio::test]
async fn a_double_is_a_conflict_and_rolls_back() {
    databases::both(async |db| {
        table(&db).await;
        let mut tx = db.begin().await.expect("begins");
        insert(&mut tx, 1, Some("a"), None, None).await.expect("inserts");
        let twice = insert(&mut tx, 2, Some("a"), None, None).await.expect_err("the name is taken");
        assert_eq!(db_error(twice).code, ErrorCode::Conflict);
        drop(tx);
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM things").fetch_one(db.read()).await.expect("counts");
        assert_eq!(count, 0, "a dropped transaction leaves nothing");
    })
    .await;
}

#[tokio::test]
async fn ids_start_at_one_and_never_repeat_under_concurrency() {
    databases::both(async |db| {
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    let mut tx = db.begin().await.expect("begins");
                    let id = next_id(&mut tx, "tags").await.expect("an id");
                    tx.commit().await.expect("commits");
                    id
                })
            })
            .collect();
        let mut ids = Vec::new();
        for task in tasks {
            ids.push(task.await.expect("runs"));
        }
        ids.sort_unstable();
        assert_eq!(ids, (1..=20).collect::<Vec<i64>>());
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(next_id(&mut tx, "segments").await.expect("an id"), 1, "sequences are apart");
    })
    .await;
}

#[tokio::test]
async fn opening_twice_applies_nothing_twice_and_notices_another_history() {
    let sqlite = databases::sqlite().await;
    let postgres = databases::postgres().await;
    for database in [Some(sqlite), postgres].into_iter().flatten() {
        Db::open(&database.url).await.expect("opens again");
        let mut tx = database.db.begin().await.expect("begins");
        sqlx::query("UPDATE migrations SET checksum = 1 WHERE version = 1")
            .execute(&mut *tx)
            .await
            .expect("edits");
        tx.commit().await.expect("commits");
        let refused = Db::open(&database.url).await.err().expect("refuses");
        assert!(refused.message.contains("0001_db_counters_jobs"), "{refused}");
    }
    assert_eq!(Db::open("mysql://x").await.err().expect("refuses").field.as_deref(), Some("db.url"));
}
