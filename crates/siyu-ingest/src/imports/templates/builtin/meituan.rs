//! Meituan delivery: the columns of the open platform, and the titles of the merchant export.

use super::super::{BuiltIn, Known};
use crate::imports::mapping::CellType::Money;
use crate::imports::mapping::ImportKind;
use crate::imports::mapping::OrderState::{Paid, Refunded, Unpaid};
use crate::imports::mapping::Target;

pub const TEMPLATE: BuiltIn = BuiltIn {
    key: "meituan",
    chinese: "美团外卖 订单",
    english: "Meituan delivery orders",
    kind: ImportKind::Orders,
    columns: &[
        Known::needed(&["订单编号", "订单号", "order_id", "wm_order_id_view"], Target::OrderId),
        Known::needed(&["收货人电话", "顾客电话", "用户电话", "recipient_phone"], Target::Phone),
        Known::maybe(&["用户ID", "顾客ID", "userId", "user_id"], Target::Login).prefixed("meituan:"),
        Known::needed(&["下单时间", "订单时间", "ctime"], Target::Time),
        Known::needed(&["用户实付金额", "实付金额", "顾客实付", "total"], Target::Amount),
        Known::needed(&["订单状态", "status"], Target::Status),
        Known::maybe(&["退款金额", "部分退款金额"], Target::Refund),
        Known::property(&["门店名称", "商家名称", "wm_poi_name"], "store"),
        Known::property(&["门店ID", "app_poi_code"], "store_id"),
        Known::property(&["配送费", "shipping_fee"], "freight").typed(Money),
        Known::property(&["城市"], "city"),
    ],
    states: &[
        ("已完成", Paid),
        ("订单完成", Paid),
        ("已接单", Paid),
        ("配送中", Paid),
        ("待接单", Paid),
        ("已取消", Unpaid),
        ("订单取消", Unpaid),
        ("未付款", Unpaid),
        ("已退款", Refunded),
        ("1", Unpaid),
        ("2", Paid),
        ("4", Paid),
        ("8", Paid),
        ("9", Unpaid),
    ],
};
