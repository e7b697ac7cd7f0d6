//! Files of how people are related.

use super::*;

#[tokio::test]
async fn pairs_of_a_file_become_relations_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let table = "会员,邀请人手机,绑定时间,解绑时间\n\
        u1,13800000001,2026-11-01 10:00:00,\n\
        u2,13800000001,2026-11-02 10:00:00,2026-11-03 10:00:00\n\
        u2,13800000002,2026-11-04,\n\
        u1,13800000002,2026-11-05,\n\
        u3,,2026-11-05,\n\
        u4,13800000001,2026-11-05,2026-11-01\n\
        ,13800000001,2026-11-05,\n";
    let mapping = json!({"kind": "relations", "relation": "inviter", "columns": {
        "会员": {"to": "login"}, "邀请人手机": {"to": "other_phone"}, "绑定时间": {"to": "time"},
        "解绑时间": {"to": "until"}}});
    let file = file(dir.path(), "invited.csv", table.as_bytes(), mapping);
    for _ in 0..2 {
        let report = import(&ingest, &file).await;
        ingest.drain(PROJECT).await.expect("applied");
        assert_eq!((report.accepted, report.rejected), (4, 3), "{report:?}");
        let project = ingest.projects().get(PROJECT).expect("open");
        let people = project.people.read();
        // The first of u2 had ended when the second began; u1 had one.
        assert_eq!((people.relations().len(), people.relations().conflicts().total()), (3, 1));
        assert_eq!(people.universe().len(), 4, "two members, two who invited");
    }
}
