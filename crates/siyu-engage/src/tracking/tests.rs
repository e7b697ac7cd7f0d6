//! Tokens, and the public addresses from a mail that really arrived.

use siyu_testkit::databases;

use super::rules::is_automatic;
use super::*;
use crate::secrets::Secret;
use crate::testing::{Town, content};

const BROWSER: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)";

#[test]
fn tokens_come_back_only_as_they_were_made() {
    let links = Links::new(Secret::new([7; 32]), "https://siyu.test/");
    let id = "00112233445566778899aabbccddeeff";
    let send_id = id.to_owned();
    let url = "https://shop.example/?a=1&b=你好#x";
    let last = |link: String| link.rsplit('/').next().expect("a token").to_owned();
    let click = last(links.click(id, url));
    let cases = [
        (last(links.open(id)), Token::Open { send_id: send_id.clone() }),
        (click.clone(), Token::Click { send_id: send_id.clone(), url: url.to_owned() }),
        (last(links.unsubscribe(id)), Token::Unsubscribe { send_id }),
    ];
    for (token, expected) in &cases {
        assert_eq!(links.read(token).as_ref(), Some(expected), "{token}");
    }
    // Any changed character makes it worthless.
    for at in 0..click.len() {
        let mut changed = click.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert_eq!(links.read(&changed), None, "changed at {at}");
    }
    let other = Links::new(Secret::new([8; 32]), "https://siyu.test");
    assert_eq!(other.read(&click), None);
    for junk in ["", "A", "====", "你好", &"A".repeat(10_000)] {
        assert_eq!(links.read(junk), None);
    }
    assert_eq!(links.open(id).split("/t/o/").next(), Some("https://siyu.test"));
}

#[test]
fn machines_are_recognised_by_plain_signs() {
    let cases = [
        ("GET", vec![("user-agent", BROWSER)], false),
        ("HEAD", vec![("user-agent", BROWSER)], true),
        ("GET", vec![("user-agent", "Googlebot/2.1")], true),
        ("GET", vec![("user-agent", "")], true),
        ("GET", vec![("user-agent", BROWSER), ("Sec-Purpose", "prefetch;prerender")], true),
        ("GET", vec![], false),
    ];
    for (method, headers, expected) in cases {
        assert_eq!(is_automatic(method, &headers), expected, "{method} {headers:?}");
    }
}

/// The value of the first attribute that starts like this.
fn link(html: &str, start: &str) -> String {
    let at = html.find(start).unwrap_or_else(|| panic!("no {start} in {html}"));
    let rest = &html[at..];
    rest[..rest.find(['"', '\'']).expect("it ends")].replace("&amp;", "&")
}

#[tokio::test]
async fn reactions_are_counted_and_only_a_post_unsubscribes() {
    databases::both(async |db| {
        let town = Town::open(db, 2).await;
        let campaign = town.draft(content(), 0.0, None).await;
        town.start(campaign).await;
        town.engage.delivery.run_due().await.expect("works");
        let mail = town.catcher.mails().into_iter().find(|m| m.to[0] == "p1@example.cn").expect("arrived");
        let mail = town.catcher.parsed(mail.id).expect("kept");
        let html = mail.html.clone().expect("has HTML");
        let (open, click) = (link(&html, "https://siyu.test/t/o/"), link(&html, "https://siyu.test/t/c/"));
        let leave = link(&html, "https://siyu.test/u/");
        assert_eq!(mail.header("list-unsubscribe"), Some(format!("<{leave}>").as_str()));

        let (status, _, headers) = town.visit("HEAD", &click, BROWSER).await;
        assert_eq!(
            (status, headers["location"].to_str().expect("text")),
            (302, "https://shop.example/new?a=1&b=2")
        );
        town.visit("GET", &open, "SomeScanner bot/1").await;
        assert!(reaction_counts(&town.db, campaign).await.expect("read").is_empty(), "machines do not count");
        for _ in 0..2 {
            let (status, _, headers) = town.visit("GET", &open, BROWSER).await;
            assert_eq!((status, headers["content-type"].to_str().expect("text")), (200, "image/gif"));
            assert_eq!(town.visit("GET", &click, BROWSER).await.0, 302);
        }
        let counts = reaction_counts(&town.db, campaign).await.expect("read");
        assert_eq!((counts["opened"], counts["clicked"]), (1, 1), "people, not times");

        let (status, page, _) = town.visit("GET", &leave, BROWSER).await;
        assert_eq!(status, 200);
        assert!(page.contains("喜茶铺") && page.contains("Unsubscribe"), "{page}");
        assert!(!reaction_counts(&town.db, campaign).await.expect("read").contains_key("unsubscribed"));
        for _ in 0..2 {
            assert_eq!(town.visit("POST", &leave, "Mail-Program/1").await.0, 200);
        }
        let events = town.sink.counts();
        assert_eq!(events["message_unsubscribed"], 1, "{events:?}");
        let next = town.draft(content(), 0.0, None).await;
        town.start(next).await;
        town.engage.delivery.run_due().await.expect("works");
        let rows = crate::delivery::of_campaign(&town.db, next, None, -1, 9).await.expect("read");
        assert_eq!(rows[1].reason.as_deref(), Some("consent_withdrawn"));
        assert_eq!(rows[0].reason, None);

        for bad in ["https://siyu.test/u/AAAA", "https://siyu.test/t/c/AAAA"] {
            assert_eq!(town.visit("GET", bad, BROWSER).await.0, 404, "{bad}");
        }
        assert_eq!(town.visit("POST", "https://siyu.test/u/AAAA", BROWSER).await.0, 404);
    })
    .await;
}
