//! What browsers get around the API: headers and the console.

use crate::support::{Client, TestApp};

#[tokio::test]
async fn answers_carry_the_headers_that_protect_browsers() {
    let app = TestApp::start().await;
    for path in ["/", "/people/12", "/api/v1/session", "/healthz", "/api/nowhere"] {
        let answer = Client::default().get(&app, path).await;
        for name in
            ["content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy"]
        {
            assert!(answer.headers.contains_key(name), "{path} lacks {name}");
        }
        let policy = answer.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.contains("script-src 'self';"), "{policy}");
        if path.starts_with("/api/") {
            assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn pages_of_the_console_are_one_page_and_files_are_files() {
    let app = TestApp::start().await;
    let start = Client::default().get(&app, "/").await;
    let page = Client::default().get(&app, "/campaigns/3").await;
    assert_eq!((page.status, &page.body), (start.status, &start.body));
    let text = start.body.as_str().expect("a page");
    match start.status {
        200 => {
            assert_eq!(start.headers["cache-control"], "no-cache");
            let tag = start.headers["etag"].to_str().expect("text").to_owned();
            let again = Client::default().with("if-none-match", &tag).get(&app, "/").await;
            assert_eq!((again.status, again.body.as_str()), (304, Some("")));
        }
        503 => assert!(text.contains("npm run build"), "{text}"),
        other => panic!("{other}: {text}"),
    }
    assert_eq!(Client::default().get(&app, "/assets/none.js").await.status, 404);
    assert_eq!(Client::default().get(&app, "/../Cargo.toml").await.status, 404);
}
