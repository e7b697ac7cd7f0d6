//! Erasing on both databases.

use siyu_testkit::databases;

use super::store;
use crate::testing::PROJECT;

#[tokio::test]
async fn what_names_an_address_goes_and_counts_stay() {
    databases::both(async |db| {
        let mut tx = db.begin().await.expect("begins");
        for (person, hash) in [(7, "aa"), (8, "bb")] {
            let rows = [
                format!("INSERT INTO delivery_sends (send_id, project, campaign, person, arm, state, attempt, due_at,
                    lease_until, address_hash, provider_id, error, bounced, told)
                    VALUES ('s{person}', 1, 1, {person}, 0, 'sent', 1, 0, 0, '{hash}', 'p{person}', 'no such user', 0, 2)"),
                format!("INSERT INTO receipts_receipts (send_id, kind, project, campaign, person, address_hash, reason,
                    source, at, received_at, told)
                    VALUES ('s{person}', 'delivered', 1, 1, {person}, '{hash}', 'ok {hash}', 'x', 1, 1, 2)"),
                format!("INSERT INTO protection_reservations (send_id, project, person, address_hash, at)
                    VALUES ('s{person}', 1, {person}, '{hash}', 1)"),
                format!("INSERT INTO protection_suppressions (id, project, channel, target, shown, reason, created_at, created_by)
                    VALUES ({person}, 1, 'email', 'address:{hash}', '{hash}***', 'bounced', 1, 'system')"),
                format!("INSERT INTO protection_suppressions (id, project, channel, target, shown, reason, created_at, created_by)
                    VALUES ({}, 1, 'email', 'person:{person}', '', 'asked', 1, 'system')", person + 10),
            ];
            for row in rows {
                sqlx::query(sqlx::AssertSqlSafe(row)).execute(&mut *tx).await.expect("inserts");
            }
        }
        tx.commit().await.expect("commits");
        let mut tx = db.begin().await.expect("begins");
        assert!(!store::under_way(&mut tx, PROJECT, 7).await.expect("reads"));
        let gone = store::forget(&mut tx, PROJECT, 7).await.expect("forgets");
        tx.commit().await.expect("commits");
        let counts = [gone.sends, gone.receipts, gone.reservations, gone.suppressions, gone.hashes];
        assert_eq!(counts, [1, 1, 1, 1, 1]);
        for (text, count) in [
            ("SELECT COUNT(*) FROM delivery_sends WHERE state = 'sent'", 2),
            ("SELECT COUNT(*) FROM delivery_sends WHERE address_hash IS NULL AND error IS NULL AND provider_id IS NULL", 1),
            ("SELECT COUNT(*) FROM receipts_receipts WHERE address_hash IS NULL AND reason = ''", 1),
            ("SELECT COUNT(*) FROM protection_reservations", 1),
            ("SELECT COUNT(*) FROM protection_suppressions WHERE shown = 'bb***'", 1),
            ("SELECT COUNT(*) FROM protection_suppressions WHERE target = 'address:aa' AND shown = ''", 1),
            ("SELECT COUNT(*) FROM protection_suppressions WHERE target = 'person:7'", 0),
        ] {
            let found: i64 = sqlx::query_scalar(text).fetch_one(db.read()).await.expect("reads");
            assert_eq!(found, count, "{text}");
        }
    })
    .await;
}
