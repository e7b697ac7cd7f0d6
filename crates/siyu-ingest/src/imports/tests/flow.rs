//! The way of a file through the API: pieces, preview, check, import, correction.

use serde_json::{Value as Json, json};
use siyu_types::{Identifier, Role, Viewer};

use super::super::*;
use super::{Api, PROJECT, api};

impl Api {
    async fn json(&self, method: &str, target: &str, role: Role, body: Json) -> (u16, Json) {
        let body = (!body.is_null()).then(|| body.to_string());
        let (status, body) = self.send(method, &format!("/api/v1/imports{target}"), role, body).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap_or(Json::Null))
    }

    /// Uploads a file in pieces of some bytes.
    async fn upload(&self, name: &str, bytes: &[u8], piece: usize) -> Json {
        let (status, mut upload) =
            self.json("POST", "/uploads", Role::Analyst, json!({"name": name, "bytes": bytes.len()})).await;
        assert_eq!((status, &upload["received"]), (201, &json!(0)), "{upload}");
        for (index, part) in bytes.chunks(piece).enumerate() {
            (_, upload) = self.piece(&upload["id"], index * piece, part, bytes.len()).await;
        }
        assert_eq!(upload["received"], json!(bytes.len()), "{upload}");
        upload["id"].clone()
    }

    async fn piece(&self, upload: &Json, from: usize, part: &[u8], total: usize) -> (u16, Json) {
        let range = format!("bytes {from}-{}/{total}", from + part.len() - 1);
        let target = format!("/api/v1/imports/uploads/{upload}/content");
        let (status, body) = self.put(&target, Role::Analyst, &range, part.to_vec()).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap_or(Json::Null))
    }

    /// Starts an import of an upload and runs its job.
    async fn import(&self, upload: &Json, mapping: &Json, dry_run: bool) -> Json {
        let body = json!({"mapping": mapping, "dry_run": dry_run});
        let (status, made) =
            self.json("POST", &format!("/uploads/{upload}/start"), Role::Operator, body).await;
        assert_eq!(status, 201, "{made}");
        let handler = Arc::new(ImportHandler(Arc::clone(&self.imports))) as Arc<dyn siyu_db::JobHandler>;
        assert_eq!(self.jobs.run_pending(vec![handler]).await.expect("runs"), 1);
        let (_, done) = self.json("GET", &format!("/{}", made["id"]), Role::Operator, Json::Null).await;
        assert_eq!(done["state"], "done", "{done}");
        done
    }
}

const PEOPLE: &str = "手机号,姓名,余额\n13800000000,张三,12.5\n1380000,=李四,8\n13800000002,\"王五\n二\",八块\n13800000003,赵六,-5\n";

fn people() -> Json {
    json!({"kind": "people", "columns": {"手机号": {"to": "phone"}, "姓名": {"to": "property", "name": "name"},
        "余额": {"to": "property", "name": "balance", "type": "money"}}})
}

#[tokio::test]
async fn a_file_is_checked_imported_and_its_refused_rows_come_back_corrected() {
    siyu_testkit::databases::both(async |db| {
        let api = api(db).await;
        let upload = api.upload("会员.csv", PEOPLE.as_bytes(), 50).await;
        let (status, preview) =
            api.json("POST", &format!("/uploads/{upload}/preview"), Role::Analyst, json!({})).await;
        assert_eq!((status, &preview["format"], &preview["header_row"]), (200, &json!("csv"), &json!(1)));
        assert_eq!(preview["columns"][1]["sample"][0], "张**", "masked for an analyst");
        assert_eq!(preview["columns"][0]["confidence"], "high");

        let dry = api.import(&upload, &people(), true).await;
        assert_eq!(
            (&dry["accepted"], &dry["rejected"], &dry["dry_run"]),
            (&json!(2), &json!(2), &json!(true))
        );
        assert_eq!(dry["reasons"][0]["rows"], 1);
        let people_known =
            api.imports.ingest.projects().get(PROJECT).expect("open").people.read().universe().len();
        assert_eq!(people_known, 0, "a check writes nothing");
        let errors = |import: &Json| import["errors"].as_array().cloned().expect("errors");
        assert_eq!(errors(&dry)[0]["value"], "1380000");
        let (_, masked) = api.json("GET", &format!("/{}", dry["id"]), Role::Viewer, Json::Null).await;
        assert_eq!(errors(&masked)[0]["value"], "13****00", "masked for a viewer: {masked}");

        let done = api.import(&upload, &people(), false).await;
        assert_eq!(
            (&done["accepted"], &done["rejected"], &done["upload"]),
            (&json!(2), &json!(2), &Json::Null)
        );
        let (status, _) = api.json("GET", &format!("/uploads/{upload}"), Role::Analyst, Json::Null).await;
        assert_eq!(status, 404, "the upload goes with the import");

        let target = format!("/api/v1/imports/{}/rejected.csv?language=zh-CN", done["id"]);
        assert_eq!(api.send("GET", &target, Role::Analyst, None).await.0.as_u16(), 403);
        let (status, table) = api.send("GET", &target, Role::Operator, None).await;
        let table = String::from_utf8(table).expect("text");
        assert_eq!(status.as_u16(), 200, "{table}");
        let titles = "\u{FEFF}siyu_row,siyu_error,siyu_export,手机号,姓名,余额\n2,手机号: 格式不正确,SY-";
        assert!(table.starts_with(titles), "{table}");
        assert!(table.contains(",1380000,'=李四,8\n3,"), "{table}");
        assert!(table.contains("\"王五\n二\""), "{table}");

        let corrected = table.replace("1380000,", "13800000001,").replace("八块", "8");
        let again = api.upload("更正.csv", corrected.as_bytes(), 1 << 20).await;
        let (_, preview) =
            api.json("POST", &format!("/uploads/{again}/preview"), Role::Operator, json!({})).await;
        assert_eq!(preview["guess"]["columns"]["siyu_error"]["to"], "ignore");
        let done = api.import(&again, &people(), false).await;
        assert_eq!((&done["accepted"], &done["rejected"]), (&json!(2), &json!(0)), "{done}");
        let project = api.imports.ingest.projects().get(PROJECT).expect("open");
        let known = project.people.read();
        let person = known.lookup(&Identifier::new("phone", "13800000001")).expect("known");
        assert_eq!(known.attributes(person)["name"].display(), "=李四", "the quote is taken away again");
        assert_eq!(known.universe().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn pieces_arrive_in_order_or_are_refused() {
    siyu_testkit::databases::both(async |db| {
        let api = api(db).await;
        let begin = async |name: &str, bytes: u64| {
            api.json("POST", "/uploads", Role::Analyst, json!({"name": name, "bytes": bytes})).await
        };
        assert_eq!(begin("x.csv", 0).await.0, 422);
        assert_eq!(begin("x.csv", u64::MAX / 2).await.0, 413);
        let (_, upload) = begin("../x.csv", 10).await;
        assert_eq!(upload["name"], "x.csv");
        let id = &upload["id"];
        assert_eq!(api.piece(id, 0, b"a,b\n1", 10).await.0, 200);
        let (status, refused) = api.piece(id, 0, b"a,b\n1", 10).await;
        assert_eq!((status, &refused["error"]["params"]["received"]), (409, &json!("5")), "{refused}");
        assert_eq!(api.piece(id, 7, b"2\n", 10).await.0, 409);
        let start = json!({"mapping": people(), "dry_run": true});
        assert_eq!(api.json("POST", &format!("/uploads/{id}/start"), Role::Operator, start).await.0, 409);
        assert_eq!(api.piece(id, 5, b",2\n3,4\n", 10).await.0, 413, "more than was announced");
        let (_, upload) = api.json("GET", &format!("/uploads/{id}"), Role::Analyst, Json::Null).await;
        assert_eq!(upload["received"], 5);
        assert_eq!(api.piece(id, 5, b",2\n3,", 10).await.1["received"], 10);
        assert_eq!(api.json("DELETE", &format!("/uploads/{id}"), Role::Viewer, Json::Null).await.0, 403);
        assert_eq!(api.json("DELETE", &format!("/uploads/{id}"), Role::Analyst, Json::Null).await.0, 204);
        assert_eq!(api.json("GET", &format!("/uploads/{id}"), Role::Analyst, Json::Null).await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn a_saved_mapping_is_suggested_for_the_next_file() {
    siyu_testkit::databases::both(async |db| {
        let api = api(db).await;
        let save = json!({"name": " 会员月表 ", "mapping": people()});
        assert_eq!(api.json("POST", "/templates", Role::Viewer, save.clone()).await.0, 403);
        let (status, first) = api.json("POST", "/templates", Role::Analyst, save.clone()).await;
        assert_eq!((status, &first["name"]), (201, &json!("会员月表")));
        let (_, second) = api.json("POST", "/templates", Role::Analyst, save).await;
        assert_eq!(second["id"], first["id"], "the same name is the same template");
        let (_, all) = api.json("GET", "/templates", Role::Viewer, Json::Null).await;
        assert_eq!(all["saved"].as_array().map(Vec::len), Some(1));
        assert_eq!(all["built_in"].as_array().map(Vec::len), Some(templates::BUILT_IN.len()));

        let upload =
            api.upload("下月.csv", "序号,手机号,余额,姓名\n1,13800000000,5,张三\n".as_bytes(), 99).await;
        let look = async |upload: &Json| {
            let (_, preview) =
                api.json("POST", &format!("/uploads/{upload}/preview"), Role::Analyst, json!({})).await;
            preview["templates"].clone()
        };
        let fitting = look(&upload).await;
        assert_eq!(fitting[0]["name"], "会员月表");
        assert_eq!(fitting[0]["mapping"]["columns"]["序号"]["to"], "ignore");
        let other = api.upload("别的.csv", "手机号,余额\n13800000000,5\n".as_bytes(), 99).await;
        assert_eq!(look(&other).await, json!([]), "a column is missing");
        assert_eq!(
            api.json("DELETE", &format!("/templates/{}", first["id"]), Role::Analyst, Json::Null).await.0,
            204
        );
        assert_eq!(look(&upload).await, json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_list_becomes_a_fixed_segment_of_known_people() {
    siyu_testkit::databases::both(async |db| {
        let api = api(db).await;
        let upload = api.upload("会员.csv", PEOPLE.as_bytes(), 999).await;
        api.import(&upload, &people(), false).await;
        let mapping = json!({"kind": "list", "list": "双11 名单", "columns": {"手机": {"to": "phone"}}});
        let upload = api
            .upload("名单.csv", "手机\n13800000000\n13800000003\n13900000000\n13800000000\n".as_bytes(), 999)
            .await;
        let dry = api.import(&upload, &mapping, true).await;
        assert_eq!((&dry["people"], &dry["rejected"], &dry["segment"]), (&json!(2), &json!(1), &Json::Null));
        let done = api.import(&upload, &mapping, false).await;
        assert_eq!(done["errors"][0]["code"], "unknown_person");
        let segment = done["segment"].as_i64().expect("made");
        let viewer = Viewer::system(PROJECT);
        let made =
            siyu_audience::segments::get(&api.imports.audience, &viewer, segment).await.expect("there");
        assert_eq!((made.name.as_str(), made.count), ("双11 名单", 2));
        let upload = api.upload("名单.csv", "手机\n13800000000\n".as_bytes(), 999).await;
        let body = json!({"mapping": mapping, "dry_run": false});
        let (status, refused) =
            api.json("POST", &format!("/uploads/{upload}/start"), Role::Operator, body).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("conflict")), "the name is taken");
    })
    .await;
}
