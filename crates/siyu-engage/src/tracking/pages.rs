//! The two small pages that people see who unsubscribe. No scripts, nothing
//! from elsewhere, Chinese and English.

const STYLE: &str = "body{font:16px/1.6 system-ui,'PingFang SC','Noto Sans SC',sans-serif;max-width:28rem;\
margin:18vh auto 0;padding:0 1.5rem;color:#1f2421;background:#fbfaf8}h1{font-size:1.25rem;margin:0 0 .5rem}\
p{margin:.25rem 0;color:#5b625e}button{margin-top:1.5rem;font:inherit;padding:.5rem 1.25rem;border:0;\
border-radius:6px;background:#0f6b5c;color:#fff;cursor:pointer}\
.more{margin-top:1.5rem}a{color:#0f6b5c}\
@media(prefers-color-scheme:dark){body{background:#161a18;color:#e8ebe9}p{color:#a5aea9}a{color:#5fc4b0}}";

/// The question. The form posts to the address the page has.
pub(super) fn ask(brand: &str, preferences: &str) -> String {
    let brand = crate::content::escape(brand);
    page(
        "退订 · Unsubscribe",
        &format!(
            "<h1>不再接收{brand}的营销邮件?</h1><p>点击确认后立即生效。</p>\
             <p lang=\"en\">Stop receiving marketing mail from {brand}? It takes effect at once.</p>\
             <form method=\"post\"><input type=\"hidden\" name=\"confirm\" value=\"1\">\
             <button type=\"submit\">确认退订 · Unsubscribe</button></form>{}",
            more(preferences)
        ),
    )
}

pub(super) fn done(brand: &str, preferences: &str) -> String {
    let brand = crate::content::escape(brand);
    page(
        "已退订 · Unsubscribed",
        &format!(
            "<h1>已退订</h1><p>您不会再收到{brand}的营销邮件。</p>\
             <p lang=\"en\">Done. You will get no more marketing mail from {brand}.</p>{}",
            more(preferences)
        ),
    )
}

/// The way to everything else that can be chosen.
fn more(preferences: &str) -> String {
    let preferences = crate::content::escape(preferences);
    format!("<p class=\"more\"><a href=\"{preferences}\">管理我的偏好 · Manage my preferences</a></p>")
}

pub(crate) fn invalid() -> String {
    page(
        "链接无效 · Invalid link",
        "<h1>链接无效或不完整</h1><p>请从邮件中重新打开链接。</p>\
         <p lang=\"en\">This link is not valid. Please open it from the mail again.</p>",
    )
}

/// The link of a message that reached no customer.
pub(crate) fn sample() -> String {
    page(
        "测试邮件 · Test message",
        "<h1>这里是偏好页</h1><p>链接来自测试邮件，或收件人已不在系统中。正式邮件会打开收件人自己的页面。</p>\
         <p lang=\"en\">This link is from a test message, or of somebody who is gone. In a real message it opens \
         the page of whoever got it.</p>",
    )
}

/// Something went wrong, and nothing was changed.
pub(crate) fn trouble() -> String {
    page(
        "请稍后再试 · Please try again",
        "<h1>没有保存</h1><p>刚才的更改没有生效，请稍后再试。</p>\
         <p lang=\"en\">Nothing was saved. Please try again in a moment.</p>",
    )
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style></head>\
         <body>{body}</body></html>"
    )
}
