//! Imports from file to people and events, and through the API.

mod flow;
mod orders;
mod relations;
mod resume;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::{Value as Json, json};
use siyu_audience::ProjectSettings;
use siyu_db::{Db, Jobs};
use siyu_events::TimelinePage;
use siyu_govern::sealing::StoredFile;
use siyu_govern::{Govern, GovernOptions};
use siyu_types::permission::Actor;
use siyu_types::{Clock, Identifier, ProjectId, Role, Value, Viewer};
use tower::ServiceExt;

use super::*;
use crate::ingest::{Ingest, IngestOptions};

const NOW: i64 = 1_795_304_200_000;
const PROJECT: ProjectId = ProjectId(1);

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

fn ingest(dir: &Path) -> Arc<Ingest> {
    let settings = |_| {
        let zone = siyu_types::calendar::zone("Asia/Shanghai")?;
        Ok(ProjectSettings { name: "店".into(), zone, currency: "CNY".into() })
    };
    let options = IngestOptions::new(dir, crate::erasure::test_pseudonyms());
    Ingest::start(options, Arc::new(Fixed), Box::new(settings))
}

fn file(dir: &Path, name: &str, bytes: &[u8], mapping: Json) -> ImportFile {
    let path = dir.join(name);
    std::fs::File::create(&path).and_then(|mut file| file.write_all(bytes)).expect("written");
    let mapping = serde_json::from_value(mapping).expect("a mapping");
    let from = ImportPosition::default();
    ImportFile {
        path: StoredFile::plain(path),
        mapping,
        source: name.to_owned(),
        created_at: NOW,
        rejects: None,
        dry_run: false,
        from,
    }
}

async fn import(ingest: &Ingest, file: &ImportFile) -> ImportReport {
    ingest.import_file(PROJECT, file, &()).await.expect("imported")
}

/// Events of a person as `name amount order`, newest first.
fn timeline(ingest: &Ingest, id: Identifier) -> Vec<String> {
    let project = ingest.projects().get(PROJECT).expect("open");
    let people = project.people.read();
    let person = people.lookup(&id).expect("known");
    let page = TimelinePage { before: None, limit: 100 };
    let rows = project.events.person(&people.numbers(person), page).expect("readable");
    let text = |value: Option<&Value>| value.map(Value::display).unwrap_or_default();
    rows.iter()
        .map(|row| {
            let amount = text(row.props.get("amount_minor"));
            let at = values::rfc3339(row.time);
            format!("{at} {} {amount} {}", row.name, text(row.props.get("order_id")))
        })
        .collect()
}

fn events(ingest: &Ingest) -> u64 {
    ingest.projects().get(PROJECT).expect("open").events.stats().events
}

#[tokio::test]
async fn orders_of_a_spreadsheet_become_paid_orders_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let table = "订单号,手机号,实付金额,付款时间,门店\n\
        O1,13800000000,\"¥1,234.50\",2026-11-01 10:00:00,静安\n\
        O2,13800000000,88,2026/11/2 9:30,静安\n\
        O3,,88,2026/11/2,\n\
        O4,13800000001,八十,2026/11/2,\n\
        O5,1.38E+10,88,2026/11/2,\n\
        1.23457E+17,13800000001,88,2026/11/2,\n\
        O7,13800000001,88,2/11/2026,\n\
        O8,13800000001,,2026/11/2,\n\
        O9,13800000001,88,2036/11/2,\n\
        O10,13800000001,88\n\
        O11,138****0001,88,2026/11/2,\n";
    let mapping = json!({"kind": "orders", "columns": {
        "订单号": {"to": "order_id"}, "手机号": {"to": "phone"}, "实付金额": {"to": "amount"},
        "付款时间": {"to": "time"}, "门店": {"to": "property", "name": "store"}}});
    let gb = encoding_rs::GB18030.encode(table).0.into_owned();
    let file = file(dir.path(), "orders.csv", &gb, mapping);
    let report = import(&ingest, &file).await;
    assert_eq!((report.rows, report.accepted, report.rejected), (11, 2, 9));
    let errors: Vec<_> =
        report.errors.iter().map(|error| (error.row, error.column.as_deref(), error.code)).collect();
    assert_eq!(
        errors,
        [
            (3, None, RowCode::NoIdentifier),
            (4, Some("实付金额"), RowCode::BadMoney),
            (5, Some("手机号"), RowCode::ScientificId),
            (6, Some("订单号"), RowCode::ScientificId),
            (7, Some("付款时间"), RowCode::BadDate),
            (8, Some("实付金额"), RowCode::MissingValue),
            (9, Some("付款时间"), RowCode::FutureTime),
            (10, None, RowCode::WrongWidth),
            (11, Some("手机号"), RowCode::MaskedIdentifier),
        ]
    );
    let expected = ["2026-11-02T01:30:00Z order_paid 8800 O2", "2026-11-01T02:00:00Z order_paid 123450 O1"];
    assert_eq!(timeline(&ingest, Identifier::new("phone", "13800000000")), expected);

    // Again, after a restart, and as part of a longer file.
    ingest.stop(true);
    drop(ingest);
    let longer = [gb.as_slice(), "O12,13800000000,1,2026-11-03,\n".as_bytes()].concat();
    std::fs::write(file.path.path(), longer).expect("written");
    let ingest = self::ingest(dir.path().canonicalize().expect("a path").as_path());
    assert_eq!(import(&ingest, &file).await.accepted, 3);
    assert_eq!(events(&ingest), 3);
}

/// Lines of baskets, as Complete Journey has them: local times without a zone.
fn lines(path: &Path) {
    let schema = "message lines { required int64 household_id; required binary basket_id (UTF8);
        required binary product_id (UTF8); required double sales_value;
        required int64 at (TIMESTAMP(MICROS,false)); }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let mut writer =
        SerializedFileWriter::new(std::fs::File::create(path).expect("created"), schema, Arc::default())
            .expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let texts = |texts: &[&str]| texts.iter().map(|text| ByteArray::from(*text)).collect::<Vec<_>>();
    let at = 1_483_246_800_000_000_i64;
    macro_rules! column {
        ($kind:ty, $values:expr) => {{
            let mut column = group.next_column().expect("readable").expect("a column");
            column.typed::<$kind>().write_batch($values, None, None).expect("written");
            column.close().expect("closed");
        }};
    }
    column!(Int64Type, &[900, 900, 901, 900]);
    column!(ByteArrayType, &texts(&["B1", "B1", "B2", "B1"]));
    column!(ByteArrayType, &texts(&["P1", "P2", "P1", "P3"]));
    column!(DoubleType, &[0.1, 0.2, 3.99, 1.005]);
    column!(Int64Type, &[at, at, at, at + 1_000_000]);
    group.close().expect("closed");
    writer.close().expect("closed");
}

#[tokio::test]
async fn order_lines_add_up_to_orders() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let mapping = json!({"kind": "orders", "columns": {
        "household_id": {"to": "login"}, "basket_id": {"to": "order_id"}, "product_id": {"to": "item_id"},
        "sales_value": {"to": "amount"}, "at": {"to": "time", "zone": "UTC"}}});
    let file = file(dir.path(), "lines.parquet", b"", mapping);
    lines(file.path.path());
    for _ in 0..2 {
        assert_eq!(import(&ingest, &file).await.accepted, 4);
        assert_eq!(events(&ingest), 6);
    }
    let found = timeline(&ingest, Identifier::new("login", "900"));
    // 1.005 as a double is just below, so it rounds to 1.00.
    assert_eq!(
        found,
        [
            "2017-01-01T05:00:01Z order_line 100 B1",
            "2017-01-01T05:00:00Z order_paid 130 B1",
            "2017-01-01T05:00:00Z order_line 20 B1",
            "2017-01-01T05:00:00Z order_line 10 B1",
        ]
    );
}

#[tokio::test]
async fn people_and_items_are_set_as_the_file_says() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let people = "会员号;手机;姓名;余额;生日;启用\nM1;138 0000 0000;张三;1,234.5;1990年1月2日;是\n";
    let mapping = json!({"kind": "people", "columns": {
        "会员号": {"to": "login"}, "手机": {"to": "phone"}, "姓名": {"to": "property", "name": "name"},
        "余额": {"to": "property", "name": "balance", "type": "money"},
        "生日": {"to": "property", "name": "birthday", "type": "text"},
        "启用": {"to": "property", "name": "active", "type": "bool"}}});
    assert_eq!(
        import(&ingest, &file(dir.path(), "people.csv", people.as_bytes(), mapping)).await.accepted,
        1
    );
    let items = json!({"kind": "items", "columns": {"sku": {"to": "item_id"}, "price": {"to": "amount"}}});
    assert_eq!(
        import(&ingest, &file(dir.path(), "items.csv", b"sku,price\nA1,12.5\n", items)).await.accepted,
        1
    );

    let project = ingest.projects().get(PROJECT).expect("open");
    let people = project.people.read();
    let person = people.lookup(&Identifier::new("phone", "13800000000")).expect("by phone");
    assert_eq!(people.lookup(&Identifier::new("login", "M1")), Some(person));
    let attributes = people.attributes(person);
    assert_eq!(attributes["balance_minor"], Value::Number(123_450.0));
    assert_eq!(attributes["birthday"], Value::Text("1990年1月2日".into()));
    assert_eq!(attributes["active"], Value::Bool(true));
    assert_eq!(people.item("item", "A1").expect("known")["amount_minor"], Value::Number(1250.0));
}

struct Api {
    router: Router,
    pub imports: Arc<Imports>,
    pub jobs: Jobs,
    _dir: tempfile::TempDir,
}

async fn api(db: Db) -> Api {
    let dir = tempfile::tempdir().expect("temporary folder");
    let options = GovernOptions {
        secure_cookies: false,
        origin: "http://localhost".into(),
        requests_per_second: 1000,
        behind_proxy: false,
        copies: std::path::PathBuf::new(),
        vault: None,
        rng: rand::SeedableRng::seed_from_u64(1),
    };
    let govern = Govern::new(db.clone(), Arc::new(Fixed), options);
    assert_eq!(govern.create_project("店", "Asia/Shanghai", "CNY").await.expect("a project").id, PROJECT);
    let ingest = ingest(dir.path());
    let jobs = Jobs::new(db.clone(), Arc::new(Fixed));
    let projects = Arc::clone(ingest.projects());
    let sink = Arc::clone(&ingest) as Arc<dyn siyu_types::ports::EventSink>;
    let audience = Audience::new(govern, projects, jobs.clone(), Arc::new(Fixed), sink);
    let imports = Imports::new(ingest, db, jobs.clone(), audience);
    let (router, _) = routes(Arc::clone(&imports)).split_for_parts();
    Api { router, imports, jobs, _dir: dir }
}

impl Api {
    pub async fn send(
        &self,
        method: &str,
        target: &str,
        role: Role,
        body: Option<String>,
    ) -> (StatusCode, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(target);
        if let Some(body) = &body {
            let form = body.starts_with("--B");
            let kind = if form { "multipart/form-data; boundary=B" } else { "application/json" };
            request = request.header("content-type", kind);
        }
        let mut request = request.body(Body::from(body.unwrap_or_default())).expect("a request");
        request.extensions_mut().insert(Viewer::new(Actor::System, PROJECT, role));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        (status, response.into_body().collect().await.expect("a body").to_bytes().to_vec())
    }
}

impl Api {
    async fn put(&self, target: &str, role: Role, range: &str, bytes: Vec<u8>) -> (StatusCode, Vec<u8>) {
        let request = Request::builder().method("PUT").uri(target).header("content-range", range);
        let mut request = request.body(Body::from(bytes)).expect("a request");
        request.extensions_mut().insert(Viewer::new(Actor::System, PROJECT, role));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        (status, response.into_body().collect().await.expect("a body").to_bytes().to_vec())
    }
}

fn form(table: &str, mapping: Option<&Json>) -> String {
    let mut form = format!(
        "--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"C:\\\\x\\\\客户.csv\"\r\n\r\n{table}\r\n"
    );
    if let Some(mapping) = mapping {
        form += &format!("--B\r\ncontent-disposition: form-data; name=\"mapping\"\r\n\r\n{mapping}\r\n");
    }
    form + "--B--\r\n"
}

#[tokio::test]
async fn an_upload_is_previewed_imported_and_explained() {
    siyu_testkit::databases::both(async |db| {
        let api = api(db).await;
        let table = "=phone,city\n13800000000,上海\n1.38E+10,北京\n";
        let (status, body) =
            api.send("POST", "/api/v1/imports/preview", Role::Analyst, Some(form(table, None))).await;
        let preview: Json = serde_json::from_slice(&body).expect("JSON");
        assert_eq!((status, &preview["columns"][1]["sample"][0]), (StatusCode::OK, &json!("上海")));
        assert_eq!(preview["columns"][0]["sample"][0], "138****0000", "masked by its look");

        let mapping =
            json!({"kind": "people", "columns": {"=phone": {"to": "phone"}, "city": {"to": "property"}}});
        let (status, _) =
            api.send("POST", "/api/v1/imports", Role::Viewer, Some(form(table, Some(&mapping)))).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let wrong = json!({"kind": "people", "columns": {"nothing": {"to": "phone"}}});
        let (status, _) =
            api.send("POST", "/api/v1/imports", Role::Analyst, Some(form(table, Some(&wrong)))).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let (status, body) =
            api.send("POST", "/api/v1/imports", Role::Analyst, Some(form(table, Some(&mapping)))).await;
        let created: Json = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            (status, &created["state"], &created["name"]),
            (StatusCode::CREATED, &json!("queued"), &json!("客户.csv"))
        );

        let handler =
            || vec![Arc::new(ImportHandler(Arc::clone(&api.imports))) as Arc<dyn siyu_db::JobHandler>];
        assert_eq!(api.jobs.run_pending(handler()).await.expect("runs"), 1);
        let target = format!("/api/v1/imports/{}", created["id"]);
        let (_, body) = api.send("GET", &target, Role::Viewer, None).await;
        let done: Json = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(done["state"], "done", "{done}");
        assert_eq!((&done["rows"], &done["accepted"], &done["rejected"]), (&json!(2), &json!(1), &json!(1)));
        assert_eq!(done["errors"][0]["code"], "scientific_id");
        let (_, table) = api.send("GET", &format!("{target}/errors.csv"), Role::Viewer, None).await;
        let table = String::from_utf8(table).expect("text");
        assert!(table.contains("\n2,'=phone,scientific_id,"), "{table}");
        let (_, list) = api.send("GET", "/api/v1/imports", Role::Viewer, None).await;
        let list: Json = serde_json::from_slice(&list).expect("JSON");
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        let left = std::fs::read_dir(&api.imports.uploads).expect("folder").count();
        assert_eq!(left, 1, "only the refused rows stay when an upload is done with");
    })
    .await;
}
