//! Everything that is kept of people, sealed: nothing of it stands in the data folder, it reads
//! as before, what was there before is sealed by a job, and without the key nothing starts. And
//! identifiers of which only a hash is kept.

use serde_json::{Value, json};
use siyu_testkit::search::found;
use siyu_types::ErrorCode;

use crate::erasure::scene::{NEEDLES, Scene};
use crate::shop::Shop;
use crate::support::TestApp;
use crate::unsealed::unsealed;

/// All that the API says of her and the others.
async fn said(scene: &Scene) -> Value {
    let mut said = vec![scene.others().await];
    let zoe = format!("/api/v1/people/{}", scene.zoe);
    for part in
        ["", "/events", "/timeline", "/notes", "/identity", "/relations", "/corrections", "/consent/history"]
    {
        let mut one = scene.get(&format!("{zoe}{part}")).await;
        // Who was seen where is counted anew now and then.
        one["segments"] = Value::Null;
        said.push(one);
    }
    for path in [
        format!("/api/v1/rights/requests/{}", scene.request),
        "/api/v1/plan/quarantine".to_owned(),
        "/api/v1/events/live".to_owned(),
        "/api/v1/rejects/unassigned".to_owned(),
    ] {
        said.push(scene.get(&path).await);
    }
    json!(said)
}

/// The test of the erasure holds that nothing is found where it was sealed from the start.
#[tokio::test]
async fn what_was_stored_open_is_sealed_by_a_job_and_reads_as_before() {
    for with in ["aes-256-gcm", "sm4"] {
        let scene = Scene::start().await;
        scene.checkpoint().await;
        let before = said(&scene).await;
        let there = found(scene.app.folder(), NEEDLES);
        assert_eq!(there.len(), NEEDLES.len(), "{there:?}");
        let scene = scene.restart_sealing(with).await;
        assert_eq!(said(&scene).await, before, "sealed with {with}, before the job");
        assert!(scene.app.run_jobs().await > 0, "a job was queued");
        let left = found(scene.app.folder(), NEEDLES);
        assert!(left.is_empty(), "sealed with {with}: {left:?}");
        assert_eq!(said(&scene).await, before, "sealed with {with}");
        // Everything is still there for who has the key.
        let opened = unsealed(&scene.app).await;
        assert_eq!(found(opened.path(), NEEDLES).len(), NEEDLES.len());
        let scene = scene.restart().await;
        assert_eq!(said(&scene).await, before, "sealed with {with}, after a restart");
        let scene = scene.crash().await;
        assert_eq!(said(&scene).await, before, "sealed with {with}, after a crash");
        let pipeline = scene.app.app.parts.ingest.pipeline(scene.app.project).expect("open");
        assert!(!pipeline.is_behind(), "nothing is left to seal");
        drop(pipeline);
        // What is written from then on may be open again; what is sealed still opens.
        let scene = scene.restart_sealing("nothing").await;
        assert_eq!(said(&scene).await, before, "no longer sealed");
    }
}

#[tokio::test]
async fn with_another_key_nothing_starts() {
    for with in ["aes-256-gcm", "sm4"] {
        let scene = Scene::start_sealing(with).await;
        scene.checkpoint().await;
        let error = scene
            .app
            .refuses_to_start(with, |folder| {
                let key = "1 cafe0001 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
                std::fs::write(folder.join("siyu.key"), key).expect("writes");
            })
            .await;
        assert_eq!(error.code, ErrorCode::SecretUnreadable, "{error}");
    }
}

const PHONE: &str = "13912345678";
const MAIL: &str = "nina.q@example.net";

impl Shop {
    async fn sealing(with: &str) -> Shop {
        Shop::of(TestApp::start_sealing(with).await).await
    }

    async fn checkpoint(&self) {
        let (ingest, project) = (self.app.app.parts.ingest.clone(), self.app.project);
        let done = tokio::task::spawn_blocking(move || ingest.checkpoint(project));
        done.await.expect("no panic").expect("writes");
    }

    /// The rules with these kinds kept as hashes, or not.
    async fn rules(&self, kinds: &[&str], on: bool) -> Value {
        let mut rules = self.owner.get(&self.app, "/api/v1/identity/rules").await.ok();
        for kind in rules["namespaces"].as_array_mut().expect("kinds") {
            if kinds.contains(&kind["name"].as_str().expect("a name")) {
                kind["hash_at_rest"] = json!(on);
            }
        }
        json!({ "rules": rules, "reason": "个保法" })
    }

    async fn found(&self, query: &str) -> Option<u64> {
        let path = format!("/api/v1/people?query={}", query.replace('+', "%2B"));
        self.owner.get(&self.app, &path).await.ok()["items"][0]["person"].as_u64()
    }
}

#[tokio::test]
async fn an_identifier_is_kept_as_its_hash_only_and_still_finds_its_person() {
    let shop = Shop::sealing("sm4").await;
    let bind = |id: &str, login: &str, phone: &str| {
        json!([{"type": "identify", "id": id, "login": login, "identifiers": {"phone": phone, "email": MAIL}},
            {"type": "track", "id": format!("{id}t"), "event": "viewed", "login": login, "identifiers": {"phone": phone}}])
    };
    shop.collect(bind("1", "nina", PHONE)).await;
    shop.checkpoint().await;
    let opened = unsealed(&shop.app).await;
    assert!(found(opened.path(), &[PHONE]).contains_key(PHONE), "as it came, before");
    let rules = shop.rules(&["phone"], true).await;
    let now = shop.owner.put(&shop.app, "/api/v1/identity/rules", rules).await.ok();
    assert!(now["hash_key"].is_string(), "{now}");
    // Shown as what it is, at once; the job does the rest.
    let nina = shop.found(PHONE).await.expect("found by the value");
    let person = shop.owner.get(&shop.app, &format!("/api/v1/people/{nina}")).await.ok();
    let shown =
        person["identifiers"].as_array().expect("identifiers").iter().find(|id| id["namespace"] == "phone");
    let shown = shown.expect("a phone")["value"].as_str().expect("text").to_owned();
    assert!(shown.starts_with("hashed · ") && shown.ends_with('…'), "{shown}");
    assert!(!person["masked_identifiers"].to_string().contains("phone"), "there is nothing to reveal");
    let reveal = json!({"kind": "identifier", "name": "phone", "reason": "回访"});
    let refused = shop.owner.post(&shop.app, &format!("/api/v1/people/{nina}/reveal"), reveal).await;
    assert_eq!((refused.status, refused.code()), (409, "value_is_hashed"));
    assert!(shop.app.run_jobs().await > 0);
    shop.checkpoint().await;

    // By every writing, over the door, the API and a restart.
    shop.collect(bind("2", "nina", "+86 139-1234-5678")).await;
    shop.collect(json!([{"type": "track", "id": "3", "event": "paid", "identifiers": {"phone": PHONE}}]))
        .await;
    for query in [PHONE, "+8613912345678", "139 1234 5678"] {
        assert_eq!(shop.found(&query.replace(' ', "%20")).await, Some(nina), "{query}");
    }
    assert_eq!(shop.found("5678").await, None, "nobody is found by a part of what is not kept");
    let said = json!({"items": [{"identifier": {"namespace": "phone", "value": PHONE}, "purpose": "marketing",
        "state": "granted", "version": 1, "source": "shop", "how": "paper", "id": "c1"}]});
    let said = shop.owner.post(&shop.app, "/api/v1/consent/records", said).await.ok();
    assert!(said["items"][0]["entry"].is_number(), "{said}");
    let shop = Shop { app: shop.app.restart().await, ..shop };
    assert_eq!(shop.found(PHONE).await, Some(nina));
    let events = shop.owner.get(&shop.app, &format!("/api/v1/people/{nina}/events")).await.ok();
    assert_eq!(events["items"].as_array().map(Vec::len), Some(3), "{events}");

    // With the key nothing has the value but the sealed log, which holds what came.
    let opened = unsealed(&shop.app).await;
    let needles = [PHONE, "139****5678", "hashed:"];
    let there = found(opened.path(), &needles);
    let holders = |needle: &str| there.get(needle).cloned().unwrap_or_default();
    assert!(holders(PHONE).iter().all(|path| path.contains("/log/")), "{there:?}");
    assert!(holders("139****5678").is_empty(), "nor a part of it: {there:?}");
    for place in ["/people/", "/events/", "/live/"] {
        assert!(holders("hashed:").iter().any(|path| path.contains(place)), "{place}: {there:?}");
    }

    // It cannot be taken back, nor may the log be open.
    let off = shop.rules(&["phone"], false).await;
    let refused = shop.owner.put(&shop.app, "/api/v1/identity/rules", off).await;
    assert_eq!((refused.status, refused.code()), (409, "hash_is_final"), "{}", refused.body);
    let error = shop.app.refuses_to_start("nothing", |_| {}).await;
    assert_eq!(error.code, ErrorCode::HashNeedsSealing, "{error}");
}

#[tokio::test]
async fn where_what_is_received_lies_open_no_hash_is_promised() {
    let shop = Shop::sealing("nothing").await;
    let rules = shop.rules(&["phone", "email"], true).await;
    let refused = shop.owner.put(&shop.app, "/api/v1/identity/rules", rules).await;
    assert_eq!((refused.status, refused.code()), (409, "hash_needs_sealing"), "{}", refused.body);
}

/// Somebody of whom only hashes are known is erased: by the value that arrives late too.
#[tokio::test]
async fn somebody_known_by_hashes_is_erased_and_stays_so() {
    let shop = Shop::sealing("aes-256-gcm").await;
    shop.collect(
        json!([{"type": "track", "id": "0", "event": "viewed", "identifiers": {"phone": "13900000001"}}]),
    )
    .await;
    let early = shop.found("13900000001").await.expect("known");
    let erase = async |person: u64| {
        let path = format!("/api/v1/people/{person}/erasure");
        shop.owner.post(&shop.app, &path, json!({"reason": "本人要求"})).await.ok();
        shop.app.run_jobs().await;
    };
    // One before phones are hashed, one after.
    erase(early).await;
    let rules = shop.rules(&["phone"], true).await;
    shop.owner.put(&shop.app, "/api/v1/identity/rules", rules).await.ok();
    shop.collect(json!([{"type": "track", "id": "1", "event": "viewed", "identifiers": {"phone": PHONE}}]))
        .await;
    erase(shop.found(PHONE).await.expect("known")).await;
    for (id, phone) in [("2", "13900000001"), ("3", PHONE)] {
        let late = json!([{"type": "track", "id": id, "event": "viewed", "time": "2026-11-20T08:00:00Z",
            "identifiers": {"phone": phone}}]);
        shop.collect(late).await;
        assert_eq!(shop.found(phone).await, None, "{phone}");
    }
    let opened = unsealed(&shop.app).await;
    let left = found(opened.path(), &[PHONE, "13900000001"]);
    // The next checkpoint takes what came late out of the log.
    assert!(left.values().flatten().all(|path| path.contains("/log/")), "{left:?}");
}
