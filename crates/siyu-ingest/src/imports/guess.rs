//! A first mapping, from what shops call their columns.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::mapping::{CellType, ColumnMapping, ImportKind, Mapping, OrderState, Target};
use super::rejects::{ERROR_TITLE, EXPORT_TITLE, ROW_TITLE};
use super::values;

/// How much a guess is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The title says it.
    High,
    /// The values look like it.
    Medium,
    /// Kept as it is, for lack of anything better.
    Low,
}

/// Words that column titles use, by what they mean. Compared without case,
/// spaces, `_` and `-`.
const TITLES: &[(Target, &[&str])] = &[
    (
        Target::Phone,
        &[
            "phone",
            "mobile",
            "tel",
            "phonenumber",
            "mobilephone",
            "手机",
            "手机号",
            "手机号码",
            "电话",
            "会员手机",
        ],
    ),
    (Target::Email, &["email", "mail", "emailaddress", "邮箱", "电子邮箱"]),
    (Target::Device, &["device", "deviceid", "cookieid", "anonymousid", "设备", "设备号", "设备id"]),
    (
        Target::Login,
        &[
            "login",
            "userid",
            "user",
            "memberid",
            "customerid",
            "customer",
            "householdid",
            "uid",
            "openid",
            "会员号",
            "会员id",
            "会员卡号",
            "用户id",
            "客户编号",
            "账号",
        ],
    ),
    (
        Target::OrderId,
        &[
            "orderid",
            "orderno",
            "ordernumber",
            "basketid",
            "订单号",
            "订单编号",
            "单号",
            "单据号",
            "小票号",
            "交易号",
        ],
    ),
    (
        Target::ItemId,
        &["itemid", "sku", "skuid", "productid", "goodsid", "商品编码", "商品id", "商品编号", "货号"],
    ),
    (Target::ItemType, &["itemtype", "商品类型"]),
    (
        Target::Amount,
        &[
            "amount",
            "total",
            "totalamount",
            "paidamount",
            "salesvalue",
            "revenue",
            "price",
            "金额",
            "实付金额",
            "付款金额",
            "支付金额",
            "订单金额",
            "销售额",
        ],
    ),
    (
        Target::Time,
        &[
            "time",
            "timestamp",
            "date",
            "datetime",
            "eventtime",
            "createdat",
            "paidat",
            "transactiontimestamp",
            "时间",
            "日期",
            "下单时间",
            "付款时间",
            "支付时间",
            "发生时间",
            "交易时间",
        ],
    ),
    (Target::Event, &["event", "eventname", "事件", "事件名"]),
    (Target::Quantity, &["quantity", "qty", "数量", "购买数量", "商品数量"]),
    (Target::Price, &["unitprice", "单价", "商品单价"]),
    (Target::Refund, &["refund", "refundamount", "退款金额", "退款"]),
    (
        Target::RowId,
        &["lineid", "orderlineid", "refundid", "子订单编号", "子订单号", "明细编号", "退款单号", "退款编号"],
    ),
    (Target::Status, &["status", "orderstatus", "订单状态", "状态", "交易状态"]),
];

/// What the words of a status column usually mean. Unpaid ones first: 等待买家付款 holds
/// 付款 as well.
const STATE_WORDS: &[(OrderState, &[&str])] = &[
    (
        OrderState::Unpaid,
        &[
            "等待买家付款",
            "待付款",
            "未付款",
            "待支付",
            "未支付",
            "关闭",
            "取消",
            "unpaid",
            "pending",
            "cancel",
            "closed",
        ],
    ),
    (OrderState::Return, &["退货"]),
    (OrderState::Refunded, &["已退款", "退款成功", "退款完成", "refunded"]),
    (
        OrderState::Paid,
        &[
            "成功",
            "完成",
            "已付款",
            "已支付",
            "待发货",
            "等待卖家发货",
            "已发货",
            "待收货",
            "已签收",
            "销售",
            "paid",
            "completed",
            "shipped",
            "finished",
            "delivered",
        ],
    ),
];

/// What a word of a status column probably means.
fn state_of(word: &str) -> Option<OrderState> {
    let word = word.to_lowercase();
    let found = STATE_WORDS.iter().find(|(_, parts)| parts.iter().any(|part| word.contains(part)));
    found.map(|(state, _)| *state)
}

/// A first mapping, by the titles of the columns and what stands in them, for the user
/// to correct; and what each guess is worth, in the order of the columns.
pub fn guess(columns: &[(String, CellType)], words: &[Vec<String>]) -> (Mapping, Vec<Confidence>) {
    let mut first = First::default();
    for ((title, cell_type), words) in columns.iter().zip(words) {
        let (mapping, confidence) = first.column(title, *cell_type, words);
        first.mapped.insert(title.clone(), mapping);
        first.confidences.push(confidence);
    }
    let kind = first.kind();
    // What the kind has no use for is kept as a property.
    let useless: &[Target] = match kind {
        ImportKind::Orders => &[Target::Event, Target::ItemType],
        ImportKind::Items => &[
            Target::OrderId,
            Target::Amount,
            Target::Time,
            Target::Event,
            Target::Quantity,
            Target::Price,
            Target::Refund,
            Target::RowId,
            Target::Status,
        ],
        ImportKind::Events => &[Target::Status],
        ImportKind::Refunds => {
            &[Target::Event, Target::ItemType, Target::Status, Target::Amount, Target::Price]
        }
        ImportKind::People | ImportKind::List | ImportKind::Relations => &[
            Target::OrderId,
            Target::ItemId,
            Target::ItemType,
            Target::Amount,
            Target::Time,
            Target::Event,
            Target::Quantity,
            Target::Price,
            Target::Refund,
            Target::RowId,
            Target::Status,
        ],
    };
    for mapping in first.mapped.values_mut().filter(|mapping| useless.contains(&mapping.to)) {
        mapping.to = Target::Property;
    }
    let status = first.mapped.values().any(|mapping| mapping.to == Target::Status);
    let states = if status { first.states } else { BTreeMap::new() };
    (Mapping { columns: first.mapped, states, ..Mapping::of(kind) }, first.confidences)
}

#[derive(Default)]
struct First {
    mapped: BTreeMap<String, ColumnMapping>,
    taken: Vec<Target>,
    states: BTreeMap<String, OrderState>,
    confidences: Vec<Confidence>,
}

impl First {
    fn column(&mut self, title: &str, cell_type: CellType, words: &[String]) -> (ColumnMapping, Confidence) {
        if [ROW_TITLE, ERROR_TITLE, EXPORT_TITLE].contains(&title) {
            // Of a table of refused rows that comes back corrected.
            return (ColumnMapping::to(Target::Ignore), Confidence::High);
        }
        let plain: String = title
            .to_lowercase()
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '$'))
            .collect();
        let by_title =
            TITLES.iter().find(|(_, words)| words.contains(&plain.as_str())).map(|(target, _)| *target);
        let by_title = by_title.filter(|target| *target != Target::Status || self.understands(words));
        let found = by_title.map(|target| (target, Confidence::High));
        let found = found.or_else(|| by_look(words).map(|target| (target, Confidence::Medium)));
        if let Some((target, confidence)) = found.filter(|(target, _)| !self.taken.contains(target)) {
            self.taken.push(target);
            return (ColumnMapping::to(target), confidence);
        }
        let known = Some(cell_type).filter(|cell_type| *cell_type != CellType::Text);
        (ColumnMapping { cell_type: known, ..ColumnMapping::to(Target::Property) }, Confidence::Low)
    }

    /// Whether a word of a status column is one that is understood. The others are left
    /// to whoever looks at the mapping: their rows are refused until then.
    fn understands(&mut self, words: &[String]) -> bool {
        self.states = words.iter().filter_map(|word| Some((word.clone(), state_of(word)?))).collect();
        !self.states.is_empty()
    }

    fn kind(&self) -> ImportKind {
        let has = |target: Target| self.taken.contains(&target);
        let anybody = self.taken.iter().any(|target| target.namespace().is_some());
        match () {
            () if has(Target::OrderId) && has(Target::Amount) && anybody => ImportKind::Orders,
            () if has(Target::OrderId) && has(Target::Refund) && has(Target::Time) && anybody => {
                ImportKind::Refunds
            }
            () if has(Target::ItemId) && !anybody => ImportKind::Items,
            () if has(Target::Time) && has(Target::Event) => ImportKind::Events,
            () => ImportKind::People,
        }
    }
}

/// Phones and mail addresses show what they are.
fn by_look(words: &[String]) -> Option<Target> {
    let all = |test: &dyn Fn(&str) -> bool| !words.is_empty() && words.iter().all(|word| test(word));
    let phone = |word: &str| {
        let digits = word.strip_prefix("+86").unwrap_or(word);
        digits.len() == 11 && digits.starts_with('1') && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let email =
        |word: &str| word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    match () {
        () if all(&|word| phone(word) || values::is_masked(word)) && words.iter().any(|word| phone(word)) => {
            Some(Target::Phone)
        }
        () if all(&email) => Some(Target::Email),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn titles_are_recognised() {
        let guessed = |titles: &[&str]| {
            let columns: Vec<_> = titles.iter().map(|title| (title.to_string(), CellType::Text)).collect();
            guess(&columns, &vec![Vec::new(); columns.len()]).0
        };
        let orders = guessed(&["订单号", "手机号", "实付金额", "付款时间", "门店"]);
        assert_eq!(orders.kind, ImportKind::Orders);
        assert_eq!(orders.columns["手机号"].to, Target::Phone);
        assert_eq!(orders.columns["门店"].to, Target::Property);
        assert_eq!(guessed(&["Phone", "E-mail", "name"]).kind, ImportKind::People);
        assert_eq!(guessed(&["sku", "price"]).kind, ImportKind::Items);
        let events = guessed(&["user_id", "event", "timestamp", "page"]);
        assert_eq!((events.kind, events.columns["user_id"].to), (ImportKind::Events, Target::Login));
        let words = vec![vec!["13800000000".to_owned()], vec!["交易成功".to_owned(), "交易关闭".to_owned()]];
        let columns = [("联系".to_owned(), CellType::Text), ("订单状态".to_owned(), CellType::Text)];
        let (people, confidences) = guess(&columns, &words);
        assert_eq!((people.kind, people.columns["联系"].to), (ImportKind::People, Target::Phone));
        assert_eq!(confidences, [Confidence::Medium, Confidence::High]);
        assert_eq!(state_of("等待买家付款"), Some(OrderState::Unpaid));
        assert_eq!(state_of("买家已付款，等待卖家发货"), Some(OrderState::Paid));
        assert_eq!(state_of("拼团中"), None);
        for mapping in [orders, events] {
            let titles: Vec<_> = mapping.columns.keys().cloned().collect();
            assert!(mapping.plan(&titles, &TimeZone::UTC).is_ok());
        }
    }
}
