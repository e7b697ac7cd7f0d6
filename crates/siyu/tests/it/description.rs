//! The committed description of the API is the one the routes give.

use std::path::Path;

use siyu_types::ErrorCode;

use crate::support::{Client, TestApp};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../console/src/api/openapi.json");

#[tokio::test]
async fn the_committed_description_is_current() {
    let app = TestApp::start().await;
    let current = serde_json::to_string_pretty(&*app.app.openapi).expect("serialises") + "\n";
    let committed = std::fs::read_to_string(Path::new(COMMITTED)).unwrap_or_default();
    assert!(current == committed, "run `cargo xtask codegen` and commit console/src/api/");
}

#[tokio::test]
async fn every_operation_is_described_completely() {
    let app = TestApp::start().await;
    let document = Client::default().get(&app, "/api/openapi.json").await.ok();
    let mut ids = std::collections::BTreeSet::new();
    let references = document.to_string();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{name} has no doc comment");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}");
            assert!(operation["responses"]["default"].is_object(), "{name} does not say how it fails");
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            assert!(ids.insert(id.clone()), "{name}: {id} twice");
        }
    }
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for reference in references.split("\"#/components/schemas/").skip(1) {
        let schema = reference.split('"').next().expect("a name");
        assert!(schemas.contains_key(schema), "{schema} is referred to and not described");
    }
    let codes = schemas["ErrorCode"]["enum"].as_array().expect("codes");
    assert_eq!(codes.len(), ErrorCode::ALL.len());
}
