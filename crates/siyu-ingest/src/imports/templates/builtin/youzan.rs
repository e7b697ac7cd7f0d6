//! Youzan: one row per article, or one per order where the export has no article.

use super::super::{BuiltIn, Known};
use crate::imports::mapping::ImportKind;
use crate::imports::mapping::OrderState::{Paid, Unpaid};
use crate::imports::mapping::Target;

pub const TEMPLATE: BuiltIn = BuiltIn {
    key: "youzan",
    chinese: "有赞 订单导出",
    english: "Youzan orders",
    kind: ImportKind::Orders,
    columns: &[
        Known::needed(&["订单号", "tid"], Target::OrderId),
        Known::maybe(&["买家手机号", "买家手机", "buyer_phone"], Target::Phone),
        Known::needed(&["买家ID", "买家", "客户ID", "yz_open_id", "fans_nickname"], Target::Login)
            .prefixed("youzan:"),
        Known::maybe(&["收货人手机号", "收货人手机", "receiver_tel"], Target::Ignore),
        Known::maybe(&["商品编码", "规格编码", "outer_item_id", "outer_sku_id", "item_id"], Target::ItemId),
        Known::maybe(&["商品明细ID", "oid"], Target::RowId),
        Known::needed(&["买家付款时间", "付款时间", "支付时间", "pay_time"], Target::Time),
        Known::needed(&["订单实付金额", "实付金额", "payment"], Target::OrderAmount),
        Known::maybe(&["商品实际成交金额", "商品实付金额"], Target::Amount),
        Known::maybe(&["商品单价", "price"], Target::Price),
        Known::maybe(&["商品数量", "num"], Target::Quantity),
        Known::needed(&["订单状态", "status"], Target::Status),
        Known::maybe(&["订单已退款金额", "退款金额", "已退款金额"], Target::Refund),
        Known::property(&["商品名称", "title"], "title"),
        Known::property(&["归属店铺", "店铺名称"], "shop"),
    ],
    states: &[
        ("待付款", Unpaid),
        ("待发货", Paid),
        ("待接单", Paid),
        ("待成团", Paid),
        ("已发货", Paid),
        ("部分发货", Paid),
        ("交易完成", Paid),
        ("已完成", Paid),
        ("交易关闭", Unpaid),
        ("已关闭", Unpaid),
        ("WAIT_BUYER_PAY", Unpaid),
        ("TRADE_PAID", Paid),
        ("WAIT_CONFIRM", Paid),
        ("WAIT_SELLER_SEND_GOODS", Paid),
        ("WAIT_BUYER_CONFIRM_GOODS", Paid),
        ("TRADE_SUCCESS", Paid),
        ("TRADE_CLOSED", Unpaid),
    ],
};
