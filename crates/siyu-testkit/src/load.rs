//! Requests as clients really send them, for measuring how much a server takes: events
//! of many people, each with ten properties, a device, and for some a login, in the
//! words of every protocol. The same numbers give the same bytes.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use siyu_types::clock::Millis;

use crate::random::mix;

/// Of those who come; the commonest two are half of all events.
const EVENTS: [&str; 12] = [
    "product_view",
    "page_stay",
    "search",
    "list_view",
    "cart_add",
    "cart_remove",
    "coupon_take",
    "favourite",
    "share",
    "checkout",
    "order_submit",
    "service_chat",
];
const CATEGORIES: [&str; 6] = ["面霜", "精华", "防晒", "口红", "香水", "洗护"];
const CHANNELS: [&str; 5] = ["wechat_mp", "douyin", "baidu", "direct", "qr_store"];
/// Events happened at most this long before they are sent.
const SPAN: u64 = 10 * 60 * 1000;
/// Every so many requests one is sent a second time, as after a lost answer.
const AGAIN_EVERY: u64 = 50;
/// It was sent this many requests before.
const AGAIN_AFTER: u64 = 20;
/// Three of ten people are logged in.
const LOGGED_IN_OF_TEN: u64 = 3;

/// How a client speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speech {
    /// `POST /api/v1/collect`.
    Own,
    /// `POST /sa`, a form with a list in gzip and base64.
    Sensors,
    /// `POST /v1/batch`.
    Segment,
    /// `POST /hook/<key>`: a list, or one object for requests of one event.
    Webhook,
}

impl Speech {
    pub const ALL: [Speech; 4] = [Speech::Own, Speech::Sensors, Speech::Segment, Speech::Webhook];

    pub fn as_str(self) -> &'static str {
        match self {
            Speech::Own => "own",
            Speech::Sensors => "sensors",
            Speech::Segment => "segment",
            Speech::Webhook => "webhook",
        }
    }

    pub fn named(name: &str) -> Option<Speech> {
        Speech::ALL.into_iter().find(|speech| speech.as_str() == name)
    }
}

/// Who sends what.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub speech: Speech,
    pub people: u64,
    pub events_per_request: u64,
    /// Other seeds give other events of the same people.
    pub seed: u64,
    pub now: Millis,
}

/// One request, without the server's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoadRequest {
    /// The key stands in it where the protocol wants it there.
    pub target: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The same was sent before, so it brings nothing new.
    pub again: bool,
}

/// The mapping of a webhook that sends what [`Load`] makes.
pub fn hook_mapping() -> Json {
    json!({"kind": "event", "event": {"at": "/action"}, "time": {"at": "/at"}, "id": {"at": "/no"},
        "identifiers": {"device": {"at": "/visitor"}, "login": {"at": "/member"}},
        "properties": {
            "sku": {"take": {"at": "/goods/sku"}, "read": "text"},
            "category": {"take": {"at": "/goods/category"}},
            "price_minor": {"take": {"at": "/goods/price"}, "read": "number"},
            "quantity": {"take": {"at": "/quantity"}, "read": "number"},
            "url": {"take": {"at": "/url"}}, "title": {"take": {"at": "/title"}},
            "channel": {"take": {"at": "/channel"}}, "campaign": {"take": {"at": "/campaign"}},
            "store": {"take": {"at": "/store"}}, "new_visitor": {"take": {"at": "/first"}}}})
}

impl Load {
    /// The request of this number with the key in its place.
    pub fn request(&self, number: u64, key: &str) -> LoadRequest {
        let again = number % AGAIN_EVERY == AGAIN_EVERY - 1;
        let of = if again { number - AGAIN_AFTER } else { number };
        let first = of * self.events_per_request;
        let events = (first..first + self.events_per_request).map(|number| self.event(number));
        let json = ("content-type", "application/json".to_owned());
        let (target, headers, body) = match self.speech {
            Speech::Own => {
                let items: Vec<Json> = events.map(own).collect();
                let bearer = ("authorization", format!("Bearer {key}"));
                let body = json!({"batch": items, "sent_at": self.now}).to_string().into_bytes();
                ("/api/v1/collect".to_owned(), vec![json, bearer], body)
            }
            Speech::Sensors => {
                let items: Vec<Json> = events.map(|event| sensors(event, self.now)).collect();
                let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
                (format!("/sa?project=default&token={key}"), vec![form], form_of(&Json::from(items)))
            }
            Speech::Segment => {
                let items: Vec<Json> = events.map(segment).collect();
                let basic = ("authorization", format!("Basic {}", STANDARD.encode(format!("{key}:"))));
                let body = json!({"batch": items, "sentAt": rfc3339(self.now)}).to_string().into_bytes();
                ("/v1/batch".to_owned(), vec![json, basic], body)
            }
            Speech::Webhook => {
                let mut items: Vec<Json> = events.map(webhook).collect();
                let one = self.events_per_request == 1;
                let body = if one { items.pop().unwrap_or_default() } else { Json::from(items) };
                (format!("/hook/{key}"), vec![json], body.to_string().into_bytes())
            }
        };
        LoadRequest { target, headers, body, again }
    }

    fn event(&self, number: u64) -> Event {
        let hash = mix(number ^ mix(self.seed));
        // A quarter of the people cause half of the events.
        let people = if hash.is_multiple_of(3) { self.people / 4 } else { self.people };
        let goods = mix(hash ^ 3);
        // The product of two even draws: small numbers are commoner.
        let kind = (((hash >> 8) & 0xff) * ((hash >> 16) & 0xff) * EVENTS.len() as u64) >> 16;
        Event {
            number: hash,
            person: mix(hash ^ 1) % people.max(1),
            time: self.now - (mix(hash ^ 2) % SPAN) as Millis,
            name: EVENTS[kind as usize],
            sku: goods % 20_000,
            price_minor: 100 + goods / 20_000 % 90_000,
            quantity: 1 + hash % 4,
            store: goods % 300,
            channel: CHANNELS[(mix(hash ^ 4) % CHANNELS.len() as u64) as usize],
            category: CATEGORIES[(goods % CATEGORIES.len() as u64) as usize],
        }
    }
}

/// What all protocols say in their own words.
struct Event {
    number: u64,
    person: u64,
    time: Millis,
    name: &'static str,
    sku: u64,
    price_minor: u64,
    quantity: u64,
    store: u64,
    channel: &'static str,
    category: &'static str,
}

impl Event {
    fn device(&self) -> String {
        // Beyond any number of people, since the hash of 0 is 0, which is nobody's device.
        format!("{:016x}", mix(self.person ^ (1 << 40)))
    }

    fn login(&self) -> Option<String> {
        (mix(self.person) % 10 < LOGGED_IN_OF_TEN).then(|| format!("M{:09}", self.person))
    }

    fn id(&self) -> String {
        format!("{:016x}", self.number)
    }

    fn url(&self) -> String {
        format!("https://shop.example.com/goods/{}?from={}", self.sku, self.channel)
    }

    /// Ten of them.
    fn props(&self) -> Json {
        json!({"sku": format!("SKU{:05}", self.sku), "category": self.category, "price_minor": self.price_minor,
            "quantity": self.quantity, "url": self.url(), "title": format!("{}第{}款", self.category, self.sku % 97),
            "channel": self.channel, "campaign": format!("autumn_{}", self.number % 12),
            "store": format!("S{:03}", self.store), "new_visitor": self.number.is_multiple_of(5)})
    }
}

fn own(event: Event) -> Json {
    let mut item = json!({"type": "track", "id": event.id(), "event": event.name, "time": event.time,
        "device": event.device(), "properties": event.props()});
    if let Some(login) = event.login() {
        item["login"] = login.into();
    }
    item
}

fn sensors(event: Event, now: Millis) -> Json {
    let device = event.device();
    let mut properties = event.props();
    properties["$lib"] = "js".into();
    properties["$lib_version"] = "1.27.11".into();
    let mut item = json!({"identities": {"$identity_cookie_id": device}, "distinct_id": device,
        "anonymous_id": device, "lib": {"$lib": "js", "$lib_method": "code", "$lib_version": "1.27.11"},
        "properties": properties, "type": "track", "event": event.name, "time": event.time,
        "_track_id": event.number % 1_000_000_000, "_flush_time": now});
    if let Some(login) = event.login() {
        item["identities"]["$identity_login_id"] = login.as_str().into();
        item["distinct_id"] = login.as_str().into();
        item["login_id"] = login.into();
    }
    item
}

fn segment(event: Event) -> Json {
    let mut item = json!({"type": "track", "messageId": format!("ajs-next-{}-{}", event.time, event.id()),
        "event": event.name, "timestamp": rfc3339(event.time), "anonymousId": event.device(),
        "properties": event.props(), "integrations": {},
        "context": {"library": {"name": "analytics.js", "version": "npm:next-1.84.3"}, "locale": "zh-CN"}});
    if let Some(login) = event.login() {
        item["userId"] = login.into();
    }
    item
}

fn webhook(event: Event) -> Json {
    let mut item = json!({"no": event.id(), "action": event.name, "at": event.time, "visitor": event.device(),
        "goods": {"sku": format!("SKU{:05}", event.sku), "category": event.category, "price": event.price_minor},
        "quantity": event.quantity, "url": event.url(), "title": format!("{}第{}款", event.category, event.sku % 97),
        "channel": event.channel, "campaign": format!("autumn_{}", event.number % 12),
        "store": format!("S{:03}", event.store), "first": event.number.is_multiple_of(5)});
    if let Some(login) = event.login() {
        item["member"] = login.into();
    }
    item
}

fn rfc3339(time: Millis) -> String {
    Timestamp::from_millisecond(time).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// The form of a Sensors client that sends many at once.
fn form_of(list: &Json) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let packed = gzip.write_all(list.to_string().as_bytes()).and_then(|()| gzip.finish());
    let text = STANDARD.encode(packed.expect("memory takes everything"));
    // Java's hash of a text, which its clients send along.
    let crc = text.bytes().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    let mut form = format!("crc={crc}&gzip=1&data_list=");
    for letter in text.chars() {
        match letter {
            '+' => form.push_str("%2B"),
            '/' => form.push_str("%2F"),
            '=' => form.push_str("%3D"),
            plain => form.push(plain),
        }
    }
    form.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_in_fifty_is_an_earlier_one() {
        for speech in Speech::ALL {
            let load = Load { speech, people: 1_000, events_per_request: 5, seed: 1, now: 1_795_304_200_000 };
            let requests: Vec<LoadRequest> = (0..100).map(|number| load.request(number, "wk_a")).collect();
            assert_eq!(requests.iter().filter(|request| request.again).count(), 2, "{speech:?}");
            assert_eq!(requests[49].body, requests[29].body, "{speech:?}");
            assert_ne!(requests[48].body, requests[28].body, "{speech:?}");
            let other = Load { seed: 2, ..load }.request(0, "wk_a");
            assert_ne!(requests[0].body, other.body, "{speech:?}");
            assert_eq!(Speech::named(speech.as_str()), Some(speech));
        }
    }
}
