//! A first mapping, from what shops call their columns.

use std::collections::BTreeMap;

use super::mapping::{CellType, ColumnMapping, ImportKind, Mapping, Target};

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
        &["orderid", "orderno", "ordernumber", "basketid", "订单号", "订单编号", "单号", "交易号"],
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
];

/// A first mapping by the titles of the columns, for the user to correct.
pub fn guess(columns: &[(String, CellType)]) -> Mapping {
    let mut mapped = BTreeMap::new();
    let mut taken = Vec::new();
    for (title, cell_type) in columns {
        let plain: String = title
            .to_lowercase()
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '$'))
            .collect();
        let found =
            TITLES.iter().find(|(_, words)| words.contains(&plain.as_str())).map(|(target, _)| *target);
        let mapping = match found.filter(|target| !taken.contains(target)) {
            Some(target) => {
                taken.push(target);
                ColumnMapping::to(target)
            }
            None => {
                let cell_type = (*cell_type != CellType::Text).then_some(*cell_type);
                ColumnMapping { cell_type, ..ColumnMapping::to(Target::Property) }
            }
        };
        mapped.insert(title.clone(), mapping);
    }
    let has = |target: Target| taken.contains(&target);
    let anybody = taken.iter().any(|target| target.namespace().is_some());
    let kind = match () {
        () if has(Target::OrderId) && has(Target::Amount) && anybody => ImportKind::Orders,
        () if has(Target::ItemId) && !anybody => ImportKind::Items,
        () if has(Target::Time) && has(Target::Event) => ImportKind::Events,
        () => ImportKind::People,
    };
    // What the kind has no use for is kept as a property.
    let useless: &[Target] = match kind {
        ImportKind::Orders => &[Target::Event, Target::ItemType],
        ImportKind::Items => &[Target::OrderId, Target::Amount, Target::Time, Target::Event],
        ImportKind::Events => &[],
        ImportKind::People => {
            &[Target::OrderId, Target::ItemId, Target::ItemType, Target::Amount, Target::Time, Target::Event]
        }
    };
    for mapping in mapped.values_mut().filter(|mapping| useless.contains(&mapping.to)) {
        mapping.to = Target::Property;
    }
    Mapping { kind, columns: mapped, event: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn titles_are_recognised() {
        let guessed = |titles: &[&str]| {
            let columns: Vec<_> = titles.iter().map(|title| (title.to_string(), CellType::Text)).collect();
            guess(&columns)
        };
        let orders = guessed(&["订单号", "手机号", "实付金额", "付款时间", "门店"]);
        assert_eq!(orders.kind, ImportKind::Orders);
        assert_eq!(orders.columns["手机号"].to, Target::Phone);
        assert_eq!(orders.columns["门店"].to, Target::Property);
        assert_eq!(guessed(&["Phone", "E-mail", "name"]).kind, ImportKind::People);
        assert_eq!(guessed(&["sku", "price"]).kind, ImportKind::Items);
        let events = guessed(&["user_id", "event", "timestamp", "page"]);
        assert_eq!((events.kind, events.columns["user_id"].to), (ImportKind::Events, Target::Login));
        for mapping in [orders, events] {
            let titles: Vec<_> = mapping.columns.keys().cloned().collect();
            assert!(mapping.plan(&titles, &TimeZone::UTC).is_ok());
        }
    }
}
