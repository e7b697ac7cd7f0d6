//! The page as people meet it: from a mail that really arrived, on a phone.

use axum::body::Body;
use http::Request;
use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::{Role, Viewer};

use super::model::Language;
use super::rules::language;
use crate::testing::{PROJECT, Town, content};

#[test]
fn the_language_follows_the_wish_then_the_browser() {
    let cases = [
        (None, "", Language::Zh),
        (None, "en-US,en;q=0.9,zh;q=0.5", Language::En),
        (None, "fr-FR,fr;q=0.9,zh-CN;q=0.5", Language::Zh),
        (None, "fr,de", Language::Zh),
        (Some("en"), "zh-CN", Language::En),
        (Some("zh"), "en", Language::Zh),
        (Some("<b>"), "en", Language::En),
    ];
    for (asked, accepted, expected) in cases {
        assert_eq!(language(asked, accepted), expected, "{asked:?} {accepted}");
    }
}

struct Visit {
    town: Town,
    link: String,
}

impl Visit {
    async fn get(&self, query: &str) -> String {
        let (status, page, headers) = self.town.visit("GET", &format!("{}{query}", self.link), "phone").await;
        assert_eq!(status, 200, "{page}");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        page
    }

    async fn tap(&self, form: &str) -> u16 {
        self.tapped(form).await.0
    }

    /// Also where it leads back to.
    async fn tapped(&self, form: &str) -> (u16, String) {
        // Of a yes and a no at the same instant the no counts; people are slower.
        self.town.clock.advance(1_000);
        let path = self.link.strip_prefix("https://siyu.test").expect("one of ours");
        let request = Request::builder().method("POST").uri(path);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form.to_owned())).expect("a request");
        let (status, _, headers) = self.town.send(request).await;
        let back = headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        (status, back.split_once('#').map(|(_, place)| place.to_owned()).unwrap_or_default())
    }

    /// Why the person of a new campaign got nothing; `None` if it was sent.
    async fn refusal(&self, person: usize) -> Option<String> {
        let campaign = self.town.draft(content(), 0.0, None).await;
        self.town.start(campaign).await;
        self.town.engage.delivery.run_due().await.expect("works");
        let rows = crate::delivery::of_campaign(&self.town.db, campaign, None, -1, 9).await.expect("reads");
        rows[person].reason.clone()
    }
}

/// A visit by the link in a mail to person 1.
async fn visit(town: Town) -> Visit {
    let campaign = town.draft(content(), 0.0, None).await;
    town.start(campaign).await;
    town.engage.delivery.run_due().await.expect("works");
    let mail = town.catcher.mails().into_iter().find(|m| m.to[0] == "p1@example.cn").expect("arrived");
    let html = town.catcher.parsed(mail.id).expect("kept").html.expect("has HTML");
    let at = html.find("https://siyu.test/preferences/").expect("every mail leads there");
    let link = html[at..at + html[at..].find('"').expect("ends")].to_owned();
    Visit { town, link }
}

#[tokio::test]
async fn one_tap_withdraws_and_one_tap_gives_again() {
    databases::both(async |db| {
        let visit = visit(Town::open(db, 3).await).await;
        let page = visit.get("").await;
        assert!(page.contains("喜茶铺") && page.contains("p**@example.cn"), "{page}");
        assert!(!page.contains("p1@example.cn") && !page.contains("客户1"), "nothing personal in the clear");
        assert!(page.contains("默认开启") && page.contains("始终开启"));
        let english = visit.get("?lang=en").await;
        assert!(english.contains("Offers and news") && english.contains("On unless you turn it off"));

        let no = "purpose=marketing&channel=email&version=1&on=0&lang=en";
        assert_eq!(visit.tapped(no).await, (303, "purpose-marketing".to_owned()));
        assert_eq!(visit.refusal(1).await.as_deref(), Some("consent_withdrawn"));
        assert_eq!(visit.refusal(0).await, None, "the others get theirs");
        let page = visit.get("?lang=en&saved=1").await;
        assert!(page.contains("Changed by you on 2026-11-21") && page.contains("takes effect at once"));
        assert_eq!(visit.town.sink.counts()["message_unsubscribed"], 1);

        // Also after the link to unsubscribe, which puts person and address on the list.
        let leave = visit.link.replace("/preferences/", "/u/");
        assert_eq!(visit.town.visit("POST", &leave, "phone").await.0, 404, "each link is for one thing");
        let entry = json!({ "channel": "email", "person": 1, "reason": "unsubscribed" });
        visit.town.ok("POST", "/api/v1/suppressions", entry).await;
        assert_eq!(visit.tap("purpose=marketing&channel=email&version=1&on=1").await, 303);
        assert_eq!(visit.refusal(1).await, None, "yes means yes");
        assert_eq!(visit.tap("purpose=marketing&channel=*&on=0").await, 303);
        assert_eq!(visit.refusal(1).await.as_deref(), Some("consent_withdrawn"), "all channels");
    })
    .await;
}

#[tokio::test]
async fn only_signed_links_and_known_choices_do_anything() {
    let database = databases::sqlite().await;
    let visit = visit(Town::open(database.db.clone(), 2).await).await;
    for form in [
        "purpose=service&channel=*&on=0",
        "purpose=nothing&channel=*&on=0",
        "purpose=marketing&channel=fax&on=0",
        "request=everything",
    ] {
        assert!(visit.tap(form).await >= 400, "{form}");
    }
    assert_eq!(visit.refusal(1).await, None, "nothing was recorded");
    let bent = format!("{}A", visit.link);
    for (method, link) in
        [("GET", bent.as_str()), ("POST", &bent), ("GET", "https://siyu.test/preferences/AAAA")]
    {
        let (status, page, _) = visit.town.visit(method, link, "phone").await;
        assert!(status == 404 || status == 415, "{method} {link} {status}");
        assert!(!page.contains("example.cn"));
    }
    let sample = visit.town.engage.links.preferences("preview");
    let (status, page, _) = visit.town.visit("GET", &sample, "phone").await;
    assert!(status == 200 && page.contains("测试邮件"), "a test message leads to an explanation");
    // Somebody who tries many links is slowed down.
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..70 {
        statuses.insert(visit.town.visit("GET", &visit.link, "phone").await.0);
    }
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [200, 429]);
}

#[tokio::test]
async fn people_ask_for_their_data_and_are_told_by_when() {
    let database = databases::sqlite().await;
    let visit = visit(Town::open(database.db.clone(), 2).await).await;
    for _ in 0..2 {
        assert_eq!(visit.tapped("request=access&lang=zh").await, (303, "data".to_owned()));
    }
    let page = visit.get("?lang=zh").await;
    assert!(page.contains("已收到“索取我的数据”，最迟 2026-12-11 答复"), "{page}");
    let open = visit.town.engage.govern.requests_shown(PROJECT, &[1]).await.expect("reads");
    assert_eq!(open.len(), 1, "asking twice is one request");
    assert!(open[0].note.starts_with("message:"));
}

#[tokio::test]
async fn a_link_made_for_a_call_ends() {
    let database = databases::sqlite().await;
    let visit = visit(Town::open(database.db.clone(), 2).await).await;
    let made = visit.town.ok("POST", "/api/v1/people/1/consent/link", Json::Null).await;
    let url = made["url"].as_str().expect("a link").to_owned();
    let visit = Visit { link: url, ..visit };
    assert!(visit.get("").await.contains("p**@example.cn"));
    assert_eq!(visit.tap("purpose=marketing&channel=email&on=0").await, 303);
    assert_eq!(visit.refusal(1).await.as_deref(), Some("consent_withdrawn"));
    let analyst = Viewer { role: Role::Analyst, ..Viewer::system(PROJECT) };
    let (status, _) = visit.town.call(&analyst, "POST", "/api/v1/people/1/consent/link", Json::Null).await;
    assert_eq!(status, 403);
    visit.town.clock.advance(31 * 86_400_000);
    assert_eq!(visit.town.visit("GET", &visit.link, "phone").await.0, 404);
}

/// What the brief calls the proof: a campaign is running, its calls hang at a slow
/// server, and somebody whose turn has not come takes back their consent.
#[tokio::test]
async fn a_withdrawal_stops_a_running_campaign_for_that_person() {
    use siyu_connect::mail_catcher::{Fault, FaultRule};
    let database = databases::sqlite().await;
    let town = Town::open(database.db.clone(), 100).await;
    let link = town.engage.links.preferences_of(PROJECT, 99, i64::MAX);
    let campaign = town.draft(content(), 0.0, None).await;
    town.start(campaign).await;
    town.catcher.inject(FaultRule { to: None, fault: Fault::HangBeforeData, times: None });
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let engage = std::sync::Arc::clone(&town.engage);
    let working = tokio::spawn(async move { engage.delivery.work(stopped).await });
    while !town.states(campaign).await.contains_key("attempting") {
        tokio::task::yield_now().await;
    }
    let visit = Visit { town, link };
    assert_eq!(visit.tap("purpose=marketing&channel=email&on=0").await, 303);
    visit.town.catcher.clear_faults();
    let of = async || {
        let rows = crate::delivery::of_campaign(&visit.town.db, campaign, None, -1, 1_000).await;
        rows.expect("reads").into_iter().find(|row| row.person == 99).expect("is chosen")
    };
    while of().await.state == crate::delivery::SendState::Pending {
        tokio::task::yield_now().await;
    }
    stop.send_replace(true);
    working.await.expect("ends");
    let rows = crate::delivery::of_campaign(&visit.town.db, campaign, None, -1, 1_000).await.expect("reads");
    let refused: Vec<_> = rows.iter().filter(|row| row.reason.is_some()).collect();
    assert_eq!((refused.len(), refused[0].person), (1, 99));
    assert_eq!(refused[0].reason.as_deref(), Some("consent_withdrawn"));
    assert!(!visit.town.mails().contains_key("p99@example.cn"));
}
