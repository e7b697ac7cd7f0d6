//! Rendering: holes, escaping, limits, links.

use std::sync::Arc;

use siyu_types::error::ErrorCode;
use siyu_types::value::{Props, Value};

use super::*;

fn setting() -> Setting {
    let zone = siyu_types::calendar::zone("Asia/Shanghai").expect("known");
    Setting { project: "喜茶铺".into(), currency: "CNY".into(), zone }
}

fn li() -> (Props, Props) {
    let text = |t: &str| Value::Text(t.into());
    let attributes = Props::from([
        ("name".into(), text("李<雷>")),
        ("phone".into(), text("13812345678")),
        ("mail".into(), text("lilei@example.cn")),
        ("spent_minor".into(), Value::Number(1_234_550.0)),
        ("points".into(), Value::Number(12.0)),
        ("rate".into(), Value::Number(0.5)),
        ("born".into(), text("1990-02-03")),
        ("seen".into(), Value::Number(1_795_250_000_000.0)),
        ("blank".into(), text("  ")),
        ("vip".into(), Value::Bool(true)),
        ("likes".into(), Value::List(vec!["茶".into(), "蛋糕".into()])),
        ("evil".into(), text("{{ person.phone }}{% for x in y %}")),
    ]);
    (attributes, Props::from([("tier".into(), text("金卡"))]))
}

fn email(html: &str) -> Content {
    Content::Email(EmailTemplate { subject: "s".into(), html: html.into(), ..EmailTemplate::default() })
}

fn render(content: &Content, links: &Tracking) -> Result<Rendered, siyu_types::Error> {
    let (attributes, tags) = li();
    let shown = Shown { person: 7, attributes: &attributes, tags: &tags };
    Compiled::new(content, setting())?.render(&shown, "lilei@example.cn", links)
}

fn html_of(html: &str) -> Result<String, siyu_types::Error> {
    match render(&email(html), &Tracking::default())? {
        Rendered::Email(mail) => Ok(mail.html),
        Rendered::Webhook(_) => panic!("not a mail"),
    }
}

#[test]
fn values_are_shown() {
    let cases = [
        ("{{ person.name }}", "李&lt;雷&gt;"),
        ("{{ person.points }}/{{ person.rate }}", "12/0.5"),
        ("{{ person.spent_minor | money }}", "¥12,345.50"),
        ("{{ -5 | money }}", "-¥0.05"),
        ("{{ person.born | date('%Y年%m月%d日') }}", "1990年02月03日"),
        ("{{ person.seen | date('%Y-%m-%d %H:%M') }}", "2026-11-21 16:33"),
        ("{{ person.phone | mask }} {{ person.mail | mask }}", "138****5678 l***@example.cn"),
        ("{{ person.tags.tier }}", "金卡"),
        ("{{ person.likes | join }}", "茶、蛋糕"),
        ("{% for x in person.likes %}[{{ x }}]{% endfor %}", "[茶][蛋糕]"),
        ("{% if person.vip %}V{% endif %}{% if person.gone %}G{% else %}-{% endif %}", "V-"),
        ("{{ person.gone | default('朋友') }}", "朋友"),
        ("{{ person.blank | default('朋友') }}", "朋友"),
        ("{{ person.gone | upper | default('X') }}", "X"),
        ("{{ person.tags.none | default('普通') }}", "普通"),
        ("{% if person.gone is defined %}a{% else %}b{% endif %}", "b"),
        ("{% for x in person.gone %}x{% endfor %}.", "."),
        ("{{ project.name }} {{ person.no }}", "喜茶铺 7"),
        ("{{ person.name | truncate(3) }}", "李&lt;…"),
        ("{{ 'a b&' | urlencode }}", "a%20b%26"),
        ("{{ '~+*' }}", "~+*"),
    ];
    for (template, expected) in cases {
        assert_eq!(html_of(template).expect(template), expected, "{template}");
    }
}

#[test]
fn a_hole_stops_the_message_and_is_named() {
    let cases: &[(&str, &[&str])] = &[
        ("尊敬的 {{ person.nick }}", &["person.nick"]),
        ("{{ person.blank }}", &["person.blank"]),
        (
            "{{ person.a }}{{ person.tags.b }}{{ coupon }}{{ nmae }}",
            &["coupon", "nmae", "person.a", "person.tags.b"],
        ),
        ("{{ person.a.b.c }}", &["person.a.b.c"]),
        ("{{ person.gone | upper }}", &["person.gone"]),
        ("{{ person.gone | money }}", &["person.gone"]),
        ("{{ person.gone | round }}", &["person.gone"]),
        ("{{ person.gone | replace('a', 'b') }}", &["person.gone"]),
        ("{{ unsubscribe_url }}", &["unsubscribe_url"]),
    ];
    for (template, names) in cases {
        let error = html_of(template).expect_err(template);
        assert_eq!(error.code, ErrorCode::TemplateMissingVariable, "{template}: {error}");
        assert_eq!(missing_names(&error), *names, "{template}");
    }
}

#[test]
fn user_data_is_never_a_template() {
    let html = html_of("{{ person.evil }}").expect("renders");
    assert_eq!(html, "{{ person.phone }}{% for x in y %}");
}

#[test]
fn what_a_template_may_not_do() {
    let nested = "{% for a in 'xxxxxxxxxx' %}".repeat(8) + "y" + &"{% endfor %}".repeat(8);
    let cases = [
        ("{{ person.name", ErrorCode::TemplateSyntax),
        ("{% include 'x' %}", ErrorCode::TemplateSyntax),
        ("{% set a = 1 %}", ErrorCode::TemplateSyntax),
        ("{% macro m() %}{% endmacro %}", ErrorCode::TemplateSyntax),
        ("{% autoescape false %}{{ person.name }}{% endautoescape %}", ErrorCode::TemplateSyntax),
        ("{{ person.name | safe }}", ErrorCode::TemplateSyntax),
        ("{{ range(10) }}", ErrorCode::TemplateMissingVariable),
        ("{{ 'a' ~ 'b' }}", ErrorCode::TemplateSyntax),
        ("{{ 'a' * 1000000 }}", ErrorCode::TemplateSyntax),
        ("{{ 'a' | indent(100) }}", ErrorCode::TemplateSyntax),
        (
            "{{ person.name | replace('', person.evil) | replace('', person.evil) | replace('', person.evil) | replace('', person.evil) }}",
            ErrorCode::TemplateTooCostly,
        ),
        (nested.as_str(), ErrorCode::TemplateTooCostly),
        ("", ErrorCode::InvalidInput),
    ];
    for (template, code) in cases {
        let error = html_of(template).expect_err(template);
        assert_eq!(error.code, code, "{template}: {error}");
    }
}

#[test]
fn subjects_stay_on_one_line_and_are_not_html() {
    let content = Content::Email(EmailTemplate {
        subject: "{{ person.name }}\r\nBcc: x@y.z".into(),
        html: "<p>x</p>".into(),
        ..EmailTemplate::default()
    });
    let Rendered::Email(mail) = render(&content, &Tracking::default()).expect("renders") else {
        panic!("not a mail")
    };
    assert_eq!(mail.subject, "李<雷> Bcc: x@y.z");
}

#[test]
fn webhook_bodies_stay_json() {
    let body =
        serde_json::json!({"name": "{{ person.name }}\"", "n": 1, "list": ["{{ person.tags.tier }}", true]});
    let content = Content::Webhook(WebhookTemplate {
        url: "https://example.com/h".into(),
        method: "POST".into(),
        body,
        coupon: None,
    });
    let Rendered::Webhook(hook) = render(&content, &Tracking::default()).expect("renders") else {
        panic!("not a webhook")
    };
    let json: serde_json::Value = serde_json::from_str(&hook.body).expect("JSON");
    assert_eq!(json, serde_json::json!({"name": "李<雷>\"", "n": 1, "list": ["金卡", true]}));
}

#[test]
fn variables_are_listed() {
    let content = email("{{ person.name }}{% if coupon %}{{ person.tags.tier | default('x') }}{% endif %}");
    let compiled = Compiled::new(&content, setting()).expect("compiles");
    assert_eq!(compiled.variables(), ["coupon", "person.name", "person.tags.tier"]);
}

#[test]
fn links_are_rewritten() {
    let tracking = Tracking {
        unsubscribe: Some("https://s.cn/u/1".into()),
        preferences: Some("https://s.cn/p/1".into()),
        pixel: Some("https://s.cn/t/o/1".into()),
        click: Some(Arc::new(|url: &str| format!("https://s.cn/c?{}", url.len()))),
    };
    let pixel =
        r#"<img src="https://s.cn/t/o/1" width="1" height="1" alt="" style="display:block;border:0">"#;
    let cases = [
        (r#"<a href="https://x.cn/?a=1&amp;b=2">go</a>"#, r#"<a href="https://s.cn/c?21">go</a>"#),
        ("<A class=b HREF='http://x.cn'>go</A>", "<A class=b HREF='https://s.cn/c?11'>go</A>"),
        ("<a href=http://x.cn>go</a>", r#"<a href="https://s.cn/c?11">go</a>"#),
        (r#"<a href = "http://x.cn" title=">">go</a>"#, r#"<a href = "https://s.cn/c?11" title=">">go</a>"#),
        (r#"<a href="mailto:a@b.cn">m</a>"#, r#"<a href="mailto:a@b.cn">m</a>"#),
        (r##"<a href="#top">m</a>"##, r##"<a href="#top">m</a>"##),
        (r#"<a href="https://s.cn/u/1">退订</a>"#, r#"<a href="https://s.cn/u/1">退订</a>"#),
        (r#"<a href="https://s.cn/p/1">偏好</a>"#, r#"<a href="https://s.cn/p/1">偏好</a>"#),
        (
            r#"<a data-track="off" href="http://x.cn">m</a>"#,
            r#"<a data-track="off" href="http://x.cn">m</a>"#,
        ),
        (r#"<!-- <a href="http://x.cn"> -->"#, r#"<!-- <a href="http://x.cn"> -->"#),
        ("<script>'<a href=\"http://x.cn\">'</script>", "<script>'<a href=\"http://x.cn\">'</script>"),
        ("a < b <3 <a href=\"http://x.cn", "a < b <3 <a href=\"http://x.cn"),
        ("<img src=\"http://x.cn\">", "<img src=\"http://x.cn\">"),
        ("<a \"\" href='http://x.cn'>", "<a \"\" href='https://s.cn/c?11'>"),
    ];
    for (html, expected) in cases {
        assert_eq!(track(html, &tracking), format!("{expected}{pixel}"), "{html}");
    }
    assert_eq!(track("<body>x</body>", &tracking), format!("<body>x{pixel}</body>"));
    assert_eq!(track("<a href='http://x.cn'>", &Tracking::default()), "<a href='http://x.cn'>");
}

#[test]
fn text_is_made_of_html() {
    let html = "<html><head><style>p{}</style></head><body><p>您好 <b>李雷</b>,</p><p>满&yen;100 减 20\n\
        <a href=\"https://x.cn/?a&amp;b\">去看看</a></p><ul><li>一</li><li>二</li></ul></body></html>";
    assert_eq!(text_of(html), "您好 李雷,\n\n满¥100 减 20 去看看 (https://x.cn/?a&b)\n\n一\n\n二");
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the input, nothing breaks, and without tracking nothing changes.
        #[test]
        fn any_html_is_survived(html in "[<>a-c/=\"'! href&;#\\-é]{0,60}") {
            let click: Arc<dyn Fn(&str) -> String + Send + Sync> = Arc::new(|_| "u".to_owned());
            let _ = track(&html, &Tracking { click: Some(click), ..Tracking::default() });
            let _ = text_of(&html);
            prop_assert_eq!(track(&html, &Tracking::default()), html);
        }

        #[test]
        fn any_value_stays_a_value(name in "\\PC{1,40}") {
            prop_assume!(!name.trim().is_empty());
            let attributes = Props::from([("name".to_owned(), Value::Text(name.clone()))]);
            let shown = Shown { person: 1, attributes: &attributes, tags: &Props::new() };
            let compiled = Compiled::new(&email("<p title=\"{{ person.name }}\">"), setting()).expect("compiles");
            let Rendered::Email(mail) = compiled.render(&shown, "", &Tracking::default()).expect("renders") else {
                panic!("not a mail")
            };
            let inside = mail.html.strip_prefix("<p title=\"").and_then(|rest| rest.strip_suffix("\">"));
            prop_assert!(!inside.expect("the frame is whole").contains(['<', '>', '"']));
        }
    }
}
