//! Reads the HTML of a mail closely enough to change where links lead, add the
//! pixel that shows that it was opened, and make a plain text of it.

use std::sync::Arc;

/// Makes a link's new address from its old one.
pub type Rewrite = dyn Fn(&str) -> String + Send + Sync;

/// How a person's reactions come back to us; nothing set means no tracking.
#[derive(Clone, Default)]
pub struct Tracking {
    pub unsubscribe: Option<String>,
    /// Where a person says what they want.
    pub preferences: Option<String>,
    /// The address of the pixel.
    pub pixel: Option<String>,
    /// Makes the tracked address of a link.
    pub click: Option<Arc<Rewrite>>,
}

/// Elements whose content is not markup.
const RAW: &[&str] = &["script", "style", "title", "textarea"];

/// One piece of HTML.
enum Piece<'a> {
    Text(&'a str),
    /// Comments, declarations and the content of raw elements.
    Verbatim(&'a str),
    Tag(Tag<'a>),
}

struct Tag<'a> {
    source: &'a str,
    /// Lowercase, with a leading `/` if it closes.
    name: String,
    /// Name (lowercase) and the byte range of the value within `source`.
    attributes: Vec<(String, std::ops::Range<usize>)>,
}

impl Tag<'_> {
    fn attribute(&self, name: &str) -> Option<&std::ops::Range<usize>> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, range)| range)
    }
}

/// Rewrites the links and adds the pixel. `mailto:`, `tel:`, anchors, the
/// unsubscribe link and links marked `data-track="off"` stay as they are.
pub fn track(html: &str, tracking: &Tracking) -> String {
    let mut out = String::with_capacity(html.len() + 256);
    let mut body_end = None;
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) | Piece::Verbatim(text) => out.push_str(text),
            Piece::Tag(tag) => {
                if tag.name == "/body" {
                    body_end = Some(out.len());
                }
                match rewritten(&tag, tracking) {
                    Some(changed) => out.push_str(&changed),
                    None => out.push_str(tag.source),
                }
            }
        }
    }
    if let Some(pixel) = &tracking.pixel {
        let image = format!(
            r#"<img src="{}" width="1" height="1" alt="" style="display:block;border:0">"#,
            escape(pixel)
        );
        out.insert_str(body_end.unwrap_or(out.len()), &image);
    }
    out
}

fn rewritten(tag: &Tag<'_>, tracking: &Tracking) -> Option<String> {
    let click = tracking.click.as_ref()?;
    if !matches!(tag.name.as_str(), "a" | "area") {
        return None;
    }
    if tag.attribute("data-track").is_some_and(|range| &tag.source[range.clone()] == "off") {
        return None;
    }
    let range = tag.attribute("href")?;
    let href = unescape(&tag.source[range.clone()]);
    let target = href.trim();
    let lower = target.to_ascii_lowercase();
    let web = lower.starts_with("http://") || lower.starts_with("https://");
    let own = [&tracking.unsubscribe, &tracking.preferences];
    if !web || own.iter().any(|link| link.as_deref() == Some(target)) {
        return None;
    }
    let before = &tag.source[..range.start];
    let after = &tag.source[range.end..];
    // A value without quotes gets them: the new one may need them.
    let quote = if before.ends_with(['"', '\'']) { "" } else { "\"" };
    Some(format!("{before}{quote}{}{quote}{after}", escape(&click(target))))
}

/// A plain text of the HTML: paragraphs become lines, links are written out.
pub fn text_of(html: &str) -> String {
    let mut out = String::new();
    let mut link: Option<String> = None;
    for piece in pieces(html) {
        match piece {
            Piece::Verbatim(_) => {}
            Piece::Text(text) => push_words(&mut out, &unescape(text)),
            Piece::Tag(tag) => match tag.name.as_str() {
                "a" => {
                    let href = tag.attribute("href").map(|range| unescape(&tag.source[range.clone()]));
                    link = href.filter(|href| href.starts_with("http"));
                }
                "/a" => {
                    if let Some(href) = link.take() {
                        push_words(&mut out, &format!(" ({href}) "));
                    }
                }
                "br" | "p" | "/p" | "div" | "/div" | "tr" | "/tr" | "li" | "/li" | "h1" | "/h1" | "h2"
                | "/h2" | "h3" | "/h3" | "table" | "/table" | "ul" | "/ul" | "hr" => {
                    while out.ends_with(' ') {
                        out.pop();
                    }
                    if !out.is_empty() && !out.ends_with("\n\n") {
                        out.push('\n');
                    }
                }
                "td" | "th" => push_words(&mut out, " "),
                _ => {}
            },
        }
    }
    out.trim().to_owned()
}

/// Appends text with runs of white space made one.
fn push_words(out: &mut String, text: &str) {
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    }
}

fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        rest = &rest[at..];
        let (piece, length) = markup(rest);
        let raw = match &piece {
            Piece::Tag(tag) => RAW.iter().find(|name| **name == tag.name),
            _ => None,
        };
        pieces.push(piece);
        rest = &rest[length..];
        if let Some(name) = raw {
            let end = find_close(rest, name);
            pieces.push(Piece::Verbatim(&rest[..end]));
            rest = &rest[end..];
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// What starts at a `<`, and how long it is.
fn markup(html: &str) -> (Piece<'_>, usize) {
    if html.starts_with("<!--") {
        let length = html.find("-->").map_or(html.len(), |end| end + 3);
        return (Piece::Verbatim(&html[..length]), length);
    }
    if html.starts_with("<!") || html.starts_with("<?") {
        let length = html.find('>').map_or(html.len(), |end| end + 1);
        return (Piece::Verbatim(&html[..length]), length);
    }
    match tag(html) {
        Some(tag) => {
            let length = tag.source.len();
            (Piece::Tag(tag), length)
        }
        None => (Piece::Text(&html[..1]), 1),
    }
}

fn find_close(html: &str, name: &str) -> usize {
    let lower = html.to_ascii_lowercase();
    lower.find(&format!("</{name}")).unwrap_or(html.len())
}

/// Parses a tag at the start of `html`; `None` if it is not one or never ends.
fn tag(html: &str) -> Option<Tag<'_>> {
    let bytes = html.as_bytes();
    let mut at = 1;
    if bytes.get(at) == Some(&b'/') {
        at += 1;
    }
    if !bytes.get(at)?.is_ascii_alphabetic() {
        return None;
    }
    while bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-')) {
        at += 1;
    }
    let name = html[1..at].to_ascii_lowercase();
    let mut attributes = Vec::new();
    loop {
        while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace() || *b == b'/') {
            at += 1;
        }
        if *bytes.get(at)? == b'>' {
            return Some(Tag { source: &html[..=at], name, attributes });
        }
        let start = at;
        while !matches!(bytes.get(at)?, b'=' | b'>' | b'/') && !bytes[at].is_ascii_whitespace() {
            at += 1;
        }
        let attribute = html[start..at].to_ascii_lowercase();
        while bytes.get(at)?.is_ascii_whitespace() {
            at += 1;
        }
        if bytes[at] != b'=' {
            attributes.push((attribute, at..at));
            // A stray character such as a second quote must not stop the walk.
            at += usize::from(at == start && bytes[at] != b'>');
            continue;
        }
        at += 1;
        while bytes.get(at)?.is_ascii_whitespace() {
            at += 1;
        }
        let range = value(bytes, at)?;
        at = range.end + usize::from(matches!(bytes.get(range.end), Some(b'"' | b'\'')));
        attributes.push((attribute, range));
    }
}

/// The range of an attribute's value that starts at `at`, without its quotes.
fn value(bytes: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    match bytes.get(at)? {
        quote @ (b'"' | b'\'') => {
            let end = bytes[at + 1..].iter().position(|byte| byte == quote)? + at + 1;
            Some(at + 1..end)
        }
        _ => {
            let length = bytes[at..].iter().position(|b| b.is_ascii_whitespace() || *b == b'>')?;
            Some(at..at + length)
        }
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The entities that appear in addresses and prose.
fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.char_indices().take(12).find(|(_, c)| *c == ';').map(|(end, _)| end);
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "yen" => '¥',
        "copy" => '©',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
