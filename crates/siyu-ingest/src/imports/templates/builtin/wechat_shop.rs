//! WeChat shops (小店, 视频号小店): the order export, one row per article.

use super::super::{BuiltIn, Known};
use crate::imports::mapping::ImportKind;
use crate::imports::mapping::OrderState::{Paid, Refunded, Unpaid};
use crate::imports::mapping::Target;

pub const TEMPLATE: BuiltIn = BuiltIn {
    key: "wechat_shop",
    chinese: "微信小店 订单",
    english: "WeChat shop orders",
    kind: ImportKind::Orders,
    columns: &[
        Known::needed(&["订单号", "订单ID", "order_id"], Target::OrderId),
        Known::maybe(&["买家unionid", "unionid"], Target::Device).prefixed("unionid:"),
        Known::needed(&["买家openid", "用户openid", "openid", "买家标识"], Target::Login).prefixed("wechat:"),
        Known::maybe(&["收件人手机", "收货人手机", "收件人手机号", "tel_number"], Target::Phone),
        Known::maybe(
            &["SKU编码(自定义)", "商品编码(自定义)", "SKU编码", "商品ID", "product_id"],
            Target::ItemId,
        ),
        Known::maybe(&["商品订单号", "子订单号"], Target::RowId),
        Known::needed(&["支付时间", "付款时间", "订单支付时间", "pay_time"], Target::Time),
        Known::needed(&["订单实际支付金额", "订单实付金额", "实际支付金额", "实付金额"], Target::OrderAmount),
        Known::maybe(&["商品实际价格", "商品实付金额"], Target::Amount),
        Known::maybe(&["商品价格", "商品单价"], Target::Price),
        Known::maybe(&["商品数量", "数量"], Target::Quantity),
        Known::needed(&["订单状态", "status"], Target::Status),
        Known::maybe(&["退款金额", "订单退款金额"], Target::Refund),
        Known::property(&["商品名称", "商品标题"], "title"),
        Known::property(&["下单渠道", "订单来源"], "channel"),
    ],
    states: &[
        ("待付款", Unpaid),
        ("待发货", Paid),
        ("部分发货", Paid),
        ("待收货", Paid),
        ("已发货", Paid),
        ("完成", Paid),
        ("已完成", Paid),
        ("已取消", Unpaid),
        ("全部商品售后之后,订单取消", Refunded),
        ("用户主动取消或待付款超时取消", Unpaid),
        ("订单取消", Unpaid),
        ("10", Unpaid),
        ("20", Paid),
        ("21", Paid),
        ("30", Paid),
        ("100", Paid),
        ("200", Refunded),
        ("250", Unpaid),
    ],
};
