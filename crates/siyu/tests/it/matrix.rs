//! Every route × every role. The routes come from the description of the API, so a
//! new one fails here until it stands in the table with its permission.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Map, Value, json};
use siyu_types::{Permission, Role};

use crate::support::{Client, TestApp};

/// What a route needs.
#[derive(Clone, Copy, Debug)]
enum Needs {
    /// Anybody may call it: no caller, or one that proves itself otherwise.
    Nothing,
    /// A session, of whatever role.
    Session,
    One(Permission),
}

use Needs::{Nothing, One, Session};
use Permission as P;

const TABLE: &[(&str, Needs)] = &[
    ("get /healthz", Nothing),
    ("post /api/v1/session", Nothing),
    ("get /api/v1/session", Session),
    ("delete /api/v1/session", Session),
    ("get /api/v1/metrics", One(P::ProjectManage)),
    ("get /api/v1/users", One(P::MembersManage)),
    ("post /api/v1/users", One(P::MembersManage)),
    ("patch /api/v1/users/{id}", One(P::MembersManage)),
    ("delete /api/v1/users/{id}", One(P::MembersManage)),
    ("get /api/v1/keys", One(P::KeysManage)),
    ("post /api/v1/keys", One(P::KeysManage)),
    ("patch /api/v1/keys/{id}", One(P::KeysManage)),
    ("delete /api/v1/keys/{id}", One(P::KeysManage)),
    ("get /api/v1/project", One(P::ProjectRead)),
    ("patch /api/v1/project", One(P::ProjectManage)),
    ("get /api/v1/audit", One(P::AuditRead)),
    ("get /api/v1/jobs", One(P::ProjectRead)),
    ("get /api/v1/jobs/{id}", One(P::ProjectRead)),
    ("post /api/v1/jobs/{id}/cancel", One(P::DataWrite)),
    ("get /api/v1/events/live", One(P::PeopleRead)),
    ("get /api/v1/events/names", One(P::ProjectRead)),
    ("get /api/v1/events/properties", One(P::ProjectRead)),
    ("get /api/v1/events/values", One(P::ProjectRead)),
    ("get /api/v1/rejects/unassigned", One(P::KeysManage)),
    ("get /api/v1/quality/summary", One(P::ProjectRead)),
    ("get /api/v1/quality/series", One(P::ProjectRead)),
    ("get /api/v1/quality/rules", One(P::ProjectRead)),
    ("post /api/v1/quality/rules", One(P::DataWrite)),
    ("put /api/v1/quality/rules/{id}", One(P::DataWrite)),
    ("delete /api/v1/quality/rules/{id}", One(P::DataWrite)),
    ("get /api/v1/quality/alerts", One(P::ProjectRead)),
    ("get /api/v1/quality/trace", One(P::PeopleRead)),
    ("get /api/v1/ciphers", One(P::KeysManage)),
    ("post /api/v1/ciphers", One(P::KeysManage)),
    ("delete /api/v1/ciphers/{id}", One(P::KeysManage)),
    ("get /api/v1/hooks", One(P::KeysManage)),
    ("put /api/v1/hooks/{key}", One(P::KeysManage)),
    ("delete /api/v1/hooks/{key}", One(P::KeysManage)),
    ("post /api/v1/hooks/preview", One(P::KeysManage)),
    ("get /api/v1/plan", One(P::ProjectRead)),
    ("put /api/v1/plan/mode", One(P::ProjectManage)),
    ("get /api/v1/plan/preview", One(P::ProjectRead)),
    ("get /api/v1/plan/names", One(P::ProjectRead)),
    ("get /api/v1/plan/subjects", One(P::ProjectRead)),
    ("put /api/v1/plan/subjects", One(P::DataWrite)),
    ("get /api/v1/plan/subject", One(P::ProjectRead)),
    ("put /api/v1/plan/properties", One(P::DataWrite)),
    ("post /api/v1/plan/declare", One(P::DataWrite)),
    ("post /api/v1/plan/remove", One(P::DataWrite)),
    ("get /api/v1/plan/export.json", One(P::ProjectRead)),
    ("get /api/v1/plan/export.xlsx", One(P::ProjectRead)),
    ("post /api/v1/plan/import", One(P::DataWrite)),
    ("get /api/v1/plan/quarantine", One(P::ProjectRead)),
    ("post /api/v1/plan/quarantine/replay", One(P::DataWrite)),
    ("get /api/v1/imports", One(P::ProjectRead)),
    ("post /api/v1/imports", One(P::DataWrite)),
    ("post /api/v1/imports/preview", One(P::DataWrite)),
    ("get /api/v1/imports/templates", One(P::ProjectRead)),
    ("post /api/v1/imports/templates", One(P::DataWrite)),
    ("delete /api/v1/imports/templates/{id}", One(P::DataWrite)),
    ("post /api/v1/imports/uploads", One(P::DataWrite)),
    ("get /api/v1/imports/uploads/{id}", One(P::DataWrite)),
    ("delete /api/v1/imports/uploads/{id}", One(P::DataWrite)),
    ("put /api/v1/imports/uploads/{id}/content", One(P::DataWrite)),
    ("post /api/v1/imports/uploads/{id}/preview", One(P::DataWrite)),
    ("post /api/v1/imports/uploads/{id}/start", One(P::DataWrite)),
    ("get /api/v1/imports/{id}", One(P::ProjectRead)),
    ("get /api/v1/imports/{id}/rejected.csv", One(P::PeopleExport)),
    ("get /api/v1/imports/{id}/errors.csv", One(P::ProjectRead)),
    ("get /api/v1/overview", One(P::ProjectRead)),
    ("get /api/v1/analyses", One(P::ProjectRead)),
    ("post /api/v1/analyses", One(P::AnalysesWrite)),
    ("get /api/v1/analyses/{id}", One(P::ProjectRead)),
    ("patch /api/v1/analyses/{id}", One(P::AnalysesWrite)),
    ("delete /api/v1/analyses/{id}", One(P::AnalysesWrite)),
    ("post /api/v1/analyses/answer", One(P::AnalysesRun)),
    ("post /api/v1/analyses/people", One(P::AnalysesRun)),
    ("post /api/v1/analyses/table", One(P::AnalysesRun)),
    ("post /api/v1/analyses/export", One(P::AnalysesRun)),
    ("get /api/v1/dashboards", One(P::ProjectRead)),
    ("post /api/v1/dashboards", One(P::AnalysesWrite)),
    ("get /api/v1/dashboards/{id}", One(P::ProjectRead)),
    ("patch /api/v1/dashboards/{id}", One(P::AnalysesWrite)),
    ("delete /api/v1/dashboards/{id}", One(P::AnalysesWrite)),
    ("post /api/v1/dashboards/{id}/tiles", One(P::AnalysesWrite)),
    ("get /api/v1/alerts", One(P::ProjectRead)),
    ("post /api/v1/alerts", One(P::AnalysesWrite)),
    ("post /api/v1/alerts/preview", One(P::AnalysesRun)),
    ("get /api/v1/alerts/{id}", One(P::ProjectRead)),
    ("patch /api/v1/alerts/{id}", One(P::AnalysesWrite)),
    ("delete /api/v1/alerts/{id}", One(P::AnalysesWrite)),
    ("post /api/v1/alerts/{id}/tell", One(P::AnalysesWrite)),
    ("get /api/v1/annotations", One(P::ProjectRead)),
    ("post /api/v1/annotations", One(P::AnalysesWrite)),
    ("patch /api/v1/annotations/{id}", One(P::AnalysesWrite)),
    ("delete /api/v1/annotations/{id}", One(P::AnalysesWrite)),
    ("get /api/v1/sql/schema", One(P::SqlRun)),
    ("post /api/v1/sql/run", One(P::SqlRun)),
    ("delete /api/v1/sql/runs/{run}", One(P::SqlRun)),
    ("post /api/v1/sql/export", One(P::PeopleExport)),
    ("post /api/v1/sql/segment", One(P::SegmentsWrite)),
    ("post /api/v1/sql/tag", One(P::TagsWrite)),
    ("get /api/v1/sql/queries", One(P::SqlRun)),
    ("post /api/v1/sql/queries", One(P::AnalysesWrite)),
    ("get /api/v1/sql/queries/{id}", One(P::SqlRun)),
    ("patch /api/v1/sql/queries/{id}", One(P::AnalysesWrite)),
    ("delete /api/v1/sql/queries/{id}", One(P::AnalysesWrite)),
    ("get /api/v1/people", One(P::PeopleRead)),
    ("get /api/v1/people/{no}", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/events", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/timeline", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/timeline/outline", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/orders", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/attributes/{name}/history", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/notes", One(P::PeopleRead)),
    ("post /api/v1/people/{no}/notes", One(P::PeopleNote)),
    ("patch /api/v1/people/{no}/notes/{id}", One(P::PeopleNote)),
    ("delete /api/v1/people/{no}/notes/{id}", One(P::PeopleNote)),
    ("get /api/v1/people/{no}/relations", One(P::PeopleRead)),
    ("post /api/v1/people/{no}/relations", One(P::RelationsManage)),
    ("post /api/v1/people/{no}/relations/end", One(P::RelationsManage)),
    ("get /api/v1/people/{no}/relations/{kind}", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/relations/{kind}/tree", One(P::PeopleRead)),
    ("get /api/v1/relations/kinds", One(P::ProjectRead)),
    ("put /api/v1/relations/kinds", One(P::RelationsManage)),
    ("get /api/v1/relations/conflicts", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/messages", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/consent", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/consent/history", One(P::PeopleRead)),
    ("post /api/v1/people/{no}/consent/link", One(P::ProtectionManage)),
    ("get /api/v1/consent/purposes", One(P::ProjectRead)),
    ("put /api/v1/consent/purposes/{id}", One(P::ProtectionManage)),
    ("get /api/v1/consent/purposes/{id}/texts", One(P::ProjectRead)),
    ("get /api/v1/consent/settings", One(P::ProjectRead)),
    ("put /api/v1/consent/settings", One(P::ProtectionManage)),
    ("post /api/v1/consent/records", One(P::ProtectionManage)),
    ("get /api/v1/rights/requests", One(P::RightsManage)),
    ("post /api/v1/rights/requests", One(P::RightsManage)),
    ("get /api/v1/rights/summary", One(P::RightsManage)),
    ("get /api/v1/rights/requests/{id}", One(P::RightsManage)),
    ("post /api/v1/rights/requests/{id}/take", One(P::RightsManage)),
    ("post /api/v1/rights/requests/{id}/hand_back", One(P::RightsManage)),
    ("post /api/v1/rights/requests/{id}/verify", One(P::RightsManage)),
    ("post /api/v1/rights/requests/{id}/note", One(P::RightsManage)),
    ("post /api/v1/rights/requests/{id}/person", One(P::RightsManage)),
    ("post /api/v1/rights/requests/{id}/end", One(P::RightsManage)),
    ("get /api/v1/rights/requests/{id}/copies", One(P::RightsManage)),
    ("post /api/v1/rights/find", One(P::RightsManage)),
    ("get /api/v1/people/{no}/copies", One(P::RightsManage)),
    ("get /api/v1/people/{no}/requests", One(P::RightsManage)),
    ("post /api/v1/people/{no}/copies", One(P::RightsExport)),
    ("get /api/v1/rights/copies/{id}", One(P::RightsManage)),
    ("delete /api/v1/rights/copies/{id}", One(P::RightsExport)),
    ("get /api/v1/rights/copies/{id}/file", One(P::RightsExport)),
    ("post /api/v1/rights/copies/{id}/hand_out", One(P::RightsExport)),
    ("get /api/v1/people/{no}/decisions", One(P::RightsManage)),
    ("get /api/v1/people/{no}/corrections", One(P::RightsManage)),
    ("post /api/v1/people/{no}/corrections", One(P::RightsManage)),
    ("post /api/v1/rights/corrections/{id}/undo", One(P::RightsManage)),
    ("get /api/v1/personal", One(P::ProjectRead)),
    ("put /api/v1/personal", One(P::PersonalManage)),
    ("get /api/v1/personal/fields", One(P::ProjectRead)),
    ("put /api/v1/personal/fields/{kind}/{name}", One(P::PersonalManage)),
    ("delete /api/v1/personal/fields/{kind}/{name}", One(P::PersonalManage)),
    ("get /api/v1/personal/suggestions", One(P::ProjectRead)),
    ("get /api/v1/personal/looks", One(P::PersonalAudit)),
    ("get /api/v1/personal/viewers", One(P::PersonalAudit)),
    ("get /api/v1/personal/exports", One(P::PersonalAudit)),
    ("post /api/v1/personal/exports/trace", One(P::PersonalAudit)),
    ("post /api/v1/people/{no}/reveal", One(P::PeopleReveal)),
    ("get /api/v1/people/{no}/looks", One(P::PersonalAudit)),
    ("get /api/v1/attributes", One(P::ProjectRead)),
    ("get /api/v1/attributes/{name}/values", One(P::ProjectRead)),
    ("put /api/v1/attributes/{name}/policy", One(P::DataWrite)),
    ("get /api/v1/identity", One(P::ProjectRead)),
    ("get /api/v1/identity/conflicts", One(P::PeopleRead)),
    ("get /api/v1/identity/rules", One(P::ProjectRead)),
    ("put /api/v1/identity/rules", One(P::ProjectManage)),
    ("post /api/v1/identity/rules/rehearse", One(P::ProjectManage)),
    ("get /api/v1/identity/cases", One(P::ProjectRead)),
    ("post /api/v1/identity/decisions/{id}/undo", One(P::IdentityManage)),
    ("post /api/v1/people/{no}/erasure", One(P::PeopleErase)),
    ("get /api/v1/erasures", One(P::PeopleRead)),
    ("get /api/v1/erasures/{id}", One(P::PeopleRead)),
    ("get /api/v1/erasures/{id}/certificate", One(P::PeopleRead)),
    ("get /api/v1/people/{no}/identity", One(P::PeopleRead)),
    ("post /api/v1/people/{no}/merge/preview", One(P::PeopleRead)),
    ("post /api/v1/people/{no}/merge", One(P::IdentityManage)),
    ("post /api/v1/people/{no}/split", One(P::IdentityManage)),
    ("get /api/v1/items/types", One(P::ProjectRead)),
    ("put /api/v1/items/types/{name}", One(P::DataWrite)),
    ("delete /api/v1/items/types/{name}", One(P::DataWrite)),
    ("get /api/v1/items/types/{name}/values", One(P::ProjectRead)),
    ("get /api/v1/items", One(P::ProjectRead)),
    ("get /api/v1/items/{item_type}/{item_id}", One(P::ProjectRead)),
    ("patch /api/v1/items/{item_type}/{item_id}", One(P::DataWrite)),
    ("delete /api/v1/items/{item_type}/{item_id}", One(P::DataWrite)),
    ("get /api/v1/items/{item_type}/{item_id}/sales", One(P::AnalysesRun)),
    ("get /api/v1/orders", One(P::PeopleRead)),
    ("get /api/v1/orders/totals", One(P::AnalysesRun)),
    ("get /api/v1/orders/{order_id}", One(P::PeopleRead)),
    ("get /api/v1/tags", One(P::ProjectRead)),
    ("post /api/v1/tags", One(P::TagsWrite)),
    ("get /api/v1/tags/kinds", One(P::ProjectRead)),
    ("post /api/v1/tags/preview", One(P::ProjectRead)),
    ("get /api/v1/tags/{id}", One(P::ProjectRead)),
    ("patch /api/v1/tags/{id}", One(P::TagsWrite)),
    ("delete /api/v1/tags/{id}", One(P::TagsWrite)),
    ("post /api/v1/tags/{id}/compute", One(P::TagsWrite)),
    ("get /api/v1/segments", One(P::ProjectRead)),
    ("post /api/v1/segments", One(P::SegmentsWrite)),
    ("post /api/v1/segments/count", One(P::ProjectRead)),
    ("post /api/v1/segments/from_people", One(P::SegmentsWrite)),
    ("get /api/v1/segments/{id}", One(P::ProjectRead)),
    ("patch /api/v1/segments/{id}", One(P::SegmentsWrite)),
    ("delete /api/v1/segments/{id}", One(P::SegmentsWrite)),
    ("get /api/v1/segments/{id}/people", One(P::PeopleRead)),
    ("get /api/v1/segments/{id}/people.csv", One(P::PeopleExport)),
    ("post /api/v1/segments/{id}/refresh", One(P::ProjectRead)),
    ("get /api/v1/segments/{id}/flow", One(P::ProjectRead)),
    ("get /api/v1/segments/{id}/flow/people", One(P::PeopleRead)),
    ("get /api/v1/campaigns", One(P::ProjectRead)),
    ("post /api/v1/campaigns", One(P::CampaignsWrite)),
    ("get /api/v1/campaigns/{id}", One(P::ProjectRead)),
    ("patch /api/v1/campaigns/{id}", One(P::CampaignsWrite)),
    ("delete /api/v1/campaigns/{id}", One(P::CampaignsWrite)),
    ("post /api/v1/campaigns/{id}/preview", One(P::CampaignsWrite)),
    ("post /api/v1/campaigns/{id}/test", One(P::CampaignsSend)),
    ("post /api/v1/campaigns/{id}/audience", One(P::ProjectRead)),
    ("post /api/v1/campaigns/{id}/start", One(P::CampaignsSend)),
    ("post /api/v1/campaigns/{id}/pause", One(P::CampaignsSend)),
    ("post /api/v1/campaigns/{id}/resume", One(P::CampaignsSend)),
    ("post /api/v1/campaigns/{id}/cancel", One(P::CampaignsSend)),
    ("get /api/v1/campaigns/{id}/report", One(P::ProjectRead)),
    ("get /api/v1/campaigns/{id}/people", One(P::PeopleRead)),
    ("get /api/v1/campaigns/{id}/sends", One(P::PeopleRead)),
    ("get /api/v1/channels", One(P::ProjectRead)),
    ("put /api/v1/channels/{channel}", One(P::ProjectManage)),
    ("post /api/v1/channels/email/test", One(P::ProjectManage)),
    ("post /api/v1/receipts", One(P::ReceiptsWrite)),
    ("post /api/v1/receipts/mail", One(P::ReceiptsWrite)),
    ("get /api/v1/protection", One(P::ProjectRead)),
    ("put /api/v1/protection", One(P::ProtectionManage)),
    ("get /api/v1/suppressions", One(P::ProjectRead)),
    ("post /api/v1/suppressions", One(P::ProtectionManage)),
    ("delete /api/v1/suppressions/{id}", One(P::ProtectionManage)),
];

/// Prefixes of routes that clients and readers of messages call without an account.
const PUBLIC: &[&str] = &["/api/v1/collect", "/sa", "/debug", "/v1/", "/t/", "/u/"];

#[tokio::test]
async fn nobody_gets_more_than_the_role_holds() {
    let app = TestApp::start().await;
    let document = Client::default().get(&app, "/api/openapi.json").await.ok();
    let table: BTreeMap<&str, Needs> = TABLE.iter().copied().collect();
    let mut programs = Vec::new();
    for role in Role::ALL {
        programs.push((*role, app.program(*role).await));
    }
    let (mut seen, mut wrong) = (Vec::new(), Vec::new());
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = format!("{method} {path}");
            let needs = match table.get(name.as_str()) {
                Some(needs) => *needs,
                None if PUBLIC.iter().any(|prefix| path.starts_with(prefix)) => Nothing,
                None => panic!("{name} is not in the table of permissions"),
            };
            seen.push(name.clone());
            if matches!(needs, Nothing) {
                continue;
            }
            let request = |client: &Client| sample_request(&document, method, path, operation, client);
            let stranger = app.send(request(&Client::default())).await;
            assert_eq!((stranger.status, stranger.code()), (401, "unauthenticated"), "{name} for a stranger");
            let One(permission) = needs else { continue };
            for (role, program) in &programs {
                let answer = app.send(request(program)).await;
                let refused = answer.status == 403 && answer.code() == "forbidden";
                if refused == role.may(permission) {
                    wrong.push(format!("{name} for {role:?}: {} {}", answer.status, answer.body));
                }
                assert_ne!(answer.status, 401, "{name} for {role:?}");
                assert_ne!(answer.status, 500, "{name} for {role:?}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let gone: Vec<&&str> = table.keys().filter(|name| !seen.iter().any(|known| known == **name)).collect();
    assert!(gone.is_empty(), "the table knows routes that are not there: {gone:?}");
}

/// A request with a body of the described shape and ids that do not exist.
fn sample_request(
    document: &Value,
    method: &str,
    path: &str,
    operation: &Value,
    client: &Client,
) -> Request<Body> {
    let path: String = path
        .split('/')
        .map(|part| if part.starts_with('{') { "987654" } else { part })
        .collect::<Vec<_>>()
        .join("/");
    let query: Vec<String> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
        .map(|parameter| format!("{}=1", parameter["name"].as_str().expect("a name")))
        .collect();
    let mut request = Request::builder().method(method.to_uppercase().as_str());
    request = request.uri(format!("{path}?{}", query.join("&")));
    for (name, value) in &client.headers {
        request = request.header(*name, value);
    }
    let content = operation["requestBody"]["content"].as_object();
    let body = match content.and_then(|content| content.iter().next()) {
        None => Body::empty(),
        Some((kind, _)) if kind.starts_with("multipart/") => {
            request = request.header("content-type", "multipart/form-data; boundary=x");
            let part = "content-disposition: form-data; name=\"file\"; filename=\"a.csv\"";
            Body::from(format!("--x\r\n{part}\r\n\r\nlogin\r\na\r\n--x--\r\n"))
        }
        Some((kind, media)) => {
            request = request.header("content-type", kind);
            Body::from(sample(document, &media["schema"]).to_string())
        }
    };
    request.body(body).expect("a request")
}

/// The smallest value of a schema.
fn sample(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().expect("a name");
        return sample(document, &document["components"]["schemas"][name]);
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(all) = schema["allOf"].as_array() {
        let parts = all.iter().map(|part| sample(document, part));
        let fields = parts.filter_map(|part| part.as_object().cloned()).flatten();
        return Value::Object(fields.collect());
    }
    if let Some(first) = schema["oneOf"].get(0).or(schema["anyOf"].get(0)) {
        return sample(document, first);
    }
    let kind = schema["type"].as_str().or(schema["type"][0].as_str());
    match kind {
        Some("object") => {
            let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let fields = names.map(|name| (name.to_owned(), sample(document, &schema["properties"][name])));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Some("array") => match schema["minItems"].as_u64() {
            Some(1..) => json!([sample(document, &schema["items"])]),
            _ => json!([]),
        },
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        Some("string") if schema["format"] == "date-time" => json!("2026-11-21T00:00:00Z"),
        Some("string") => json!("x"),
        _ => Value::Null,
    }
}
