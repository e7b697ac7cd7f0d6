//! JD, order export of the merchant back office: one row per article, with what the order came to repeated on each.

use super::super::{BuiltIn, Known};
use crate::imports::mapping::ImportKind;
use crate::imports::mapping::OrderState::{Paid, Refunded, Unpaid};
use crate::imports::mapping::Target;

pub const TEMPLATE: BuiltIn = BuiltIn {
    key: "jd",
    chinese: "京东 订单导出",
    english: "JD orders",
    kind: ImportKind::Orders,
    columns: &[
        Known::needed(&["订单号"], Target::OrderId),
        Known::needed(&["商品ID", "商家SKUID"], Target::ItemId),
        Known::needed(&["下单帐号", "下单账号"], Target::Login).prefixed("jd:"),
        Known::maybe(&["联系电话"], Target::Phone),
        Known::needed(&["付款确认时间", "下单时间"], Target::Time),
        Known::needed(&["应付金额", "结算金额"], Target::OrderAmount),
        Known::needed(&["京东价"], Target::Price),
        Known::needed(&["订购数量"], Target::Quantity),
        Known::needed(&["订单状态"], Target::Status),
        Known::property(&["商品名称"], "title"),
        Known::property(&["货号"], "outer_code"),
        Known::property(&["支付方式"], "payment"),
        Known::property(&["订单来源"], "channel"),
        Known::property(&["仓库名称"], "warehouse"),
    ],
    states: &[
        ("等待付款", Unpaid),
        ("未付款", Unpaid),
        ("等待出库", Paid),
        ("等待打印", Paid),
        ("等待发货", Paid),
        ("等待确认收货", Paid),
        ("已出库", Paid),
        ("完成", Paid),
        ("已完成", Paid),
        ("锁定", Paid),
        ("暂停", Paid),
        ("取消", Unpaid),
        ("已取消", Unpaid),
        ("删除", Unpaid),
        ("(删除)等待付款确认", Unpaid),
        ("退款完成", Refunded),
    ],
};
