//! A few definitions of every kind, so that no page of the demo is empty.

use serde_json::{Value, json};

use super::packages::Source;
use crate::Outcome;
use crate::http::Client;

/// Creates tags, segments, saved analyses, the mail channel and a draft campaign.
pub fn all(api: &Client, smtp: &str, source: &Source) -> Outcome {
    println!("      adding tags, segments, analyses and a draft campaign");
    for tag in tags(*source) {
        api.post("/api/v1/tags", &tag).map_err(|e| format!("tag {}: {e}", tag["name"]))?;
    }
    let mut lapsed = Value::Null;
    for segment in segments() {
        let made = api.post("/api/v1/segments", &segment).map_err(|e| format!("{}: {e}", segment["name"]))?;
        if lapsed.is_null() {
            lapsed = made["id"].clone();
        }
    }
    for analysis in analyses(*source) {
        api.post("/api/v1/analyses", &analysis).map_err(|e| format!("{}: {e}", analysis["name"]))?;
    }
    let (host, port) = smtp.split_once(':').ok_or("the mail address has no port")?;
    let port: u16 = port.parse().map_err(|_| "the mail port is no number")?;
    let channel = json!({"host": host, "port": port, "security": "none",
                         "from": "示例超市 <news@shop.example>", "reply_to": "care@shop.example"});
    api.put("/api/v1/channels/email", &channel).map_err(|e| format!("the mail channel: {e}"))?;
    api.post("/api/v1/campaigns", &campaign(&lapsed)).map_err(|e| format!("the campaign: {e}"))?;
    Ok(())
}

fn did(event: &str, filters: Value, days: u32, measure: Value, compare: &str, value: f64) -> Value {
    json!({"kind": "event", "event": event, "filters": filters,
           "window": {"kind": "last_days", "days": days},
           "measure": measure, "compare": compare, "value": value})
}

fn bread() -> Value {
    json!([{"property": "category", "test": {"op": "is", "values": ["烘焙"]}}])
}

fn count() -> Value {
    json!({"kind": "count"})
}

fn spent() -> Value {
    json!({"kind": "sum", "property": "amount_minor"})
}

fn tags(source: Source) -> Vec<Value> {
    let line = |at_least| did("order_line", bread(), 90, count(), "at_least", at_least);
    let attributes: &[(&str, &str)] = match source {
        Source::Journey => &[("age", "年龄段"), ("income", "家庭收入")],
        Source::Generated => &[("city", "城市"), ("member_level", "会员等级")],
    };
    let mut tags: Vec<Value> = attributes
        .iter()
        .map(|(attribute, display)| {
            json!({"name": attribute, "display": display, "directory": "基础",
                   "definition": {"kind": "attribute", "attribute": attribute}})
        })
        .collect();
    tags.push(json!({
        "name": "bakery_taste", "display": "烘焙偏好", "directory": "行为/偏好",
        "description": "近 90 天购买烘焙商品的次数",
        "definition": {"kind": "rule", "otherwise": "无", "values": [
            {"value": "高", "condition": line(6.0)}, {"value": "中", "condition": line(2.0)},
            {"value": "低", "condition": line(1.0)}]}
    }));
    tags.push(json!({
        "name": "rfm", "display": "RFM 客户价值", "directory": "模型/价值",
        "description": "近一年最近一次消费、消费次数与金额",
        "definition": {"kind": "rfm", "event": "order_paid", "amount": "amount_minor",
                       "window": {"kind": "last_days", "days": 365}, "method": "share"}
    }));
    tags
}

fn segments() -> Vec<Value> {
    let lapsed = json!({"kind": "all", "of": [
        did("order_line", bread(), 60, count(), "at_least", 2.0),
        did("order_line", bread(), 30, count(), "equal", 0.0)]});
    let valuable = did("order_paid", json!([]), 90, spent(), "at_least", 50_000.0);
    let asleep = json!({"kind": "all", "of": [
        did("order_paid", json!([]), 365, spent(), "at_least", 100_000.0),
        did("order_paid", json!([]), 30, count(), "equal", 0.0)]});
    vec![
        json!({"name": "烘焙流失客", "description": "60 天内买过 2 次以上烘焙,但近 30 天没有再买", "condition": lapsed}),
        json!({"name": "高消费客户", "description": "近 90 天消费满 500", "condition": valuable}),
        json!({"name": "高价值沉睡客户", "description": "一年内消费满 1000,近 30 天没有下单", "condition": asleep}),
    ]
}

fn analyses(source: Source) -> Vec<Value> {
    let series = |measure: Value| json!([{"event": "order_paid", "measure": measure}]);
    let weeks = json!({"kind": "last_days", "days": 182});
    let steps: &[&str] = match source {
        Source::Journey => &["catalog", "product_view", "add_to_cart", "purchase"],
        Source::Generated => &["product_view", "cart_add", "order_paid"],
    };
    let steps: Vec<Value> = steps.iter().map(|event| json!({"event": event})).collect();
    vec![
        json!({"name": "每周订单与下单人数", "description": "",
               "query": {"kind": "trend", "series": [{"event": "order_paid", "measure": {"kind": "count"}},
                         {"event": "order_paid", "measure": {"kind": "people"}}],
                         "range": weeks.clone(), "interval": "week"}}),
        json!({"name": "每周销售额", "description": "",
               "query": {"kind": "trend", "series": series(spent()), "range": weeks.clone(), "interval": "week"}}),
        json!({"name": "购买转化漏斗", "description": "一天内从浏览到购买",
               "query": {"kind": "funnel", "steps": steps, "range": weeks,
                         "window": {"kind": "elapsed", "seconds": 86_400}}}),
    ]
}

fn campaign(segment: &Value) -> Value {
    json!({
        "name": "烘焙流失客召回", "channel": "email", "segment_id": segment, "control_percent": 10.0,
        "content": {
            "subject": "好久没来买面包了,给您留了一张券",
            "html": "<p>您好,</p><p>新出炉的可颂与吐司都在等您。凭券 <strong>{{ coupon }}</strong> 立减 2 元,三天内有效。</p>\
                     <p><a href=\"https://shop.example/bakery\">去看看</a></p>",
            "coupon": "BREAD-2"
        },
        "goal": {"event": {"event": "order_line", "filters": bread()}, "window_hours": 72}
    })
}
