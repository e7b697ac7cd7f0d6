//! Ele.me: the columns of the open platform, and the titles of the merchant export.

use super::super::{BuiltIn, Known};
use crate::imports::mapping::CellType::Money;
use crate::imports::mapping::ImportKind;
use crate::imports::mapping::OrderState::{Paid, Refunded, Unpaid};
use crate::imports::mapping::Target;

pub const TEMPLATE: BuiltIn = BuiltIn {
    key: "eleme",
    chinese: "饿了么 订单",
    english: "Ele.me orders",
    kind: ImportKind::Orders,
    columns: &[
        Known::needed(&["订单编号", "订单号", "orderId", "id"], Target::OrderId),
        Known::needed(&["用户ID", "顾客ID", "userId"], Target::Login).prefixed("eleme:"),
        Known::maybe(&["顾客电话", "收货电话", "phoneList"], Target::Phone),
        Known::needed(&["下单时间", "激活时间", "activeAt", "createdAt"], Target::Time),
        Known::needed(&["顾客实付", "用户实付", "totalPrice"], Target::Amount),
        Known::needed(&["订单状态", "status"], Target::Status),
        Known::property(&["门店名称", "店铺名称", "shopName"], "store"),
        Known::property(&["门店ID", "店铺ID", "shopId"], "store_id"),
        Known::property(&["商家实收", "收入", "income"], "income").typed(Money),
        Known::property(&["配送费", "deliverFee"], "freight").typed(Money),
    ],
    states: &[
        ("已完成", Paid),
        ("已结算", Paid),
        ("有效", Paid),
        ("已生效", Paid),
        ("待处理", Paid),
        ("已取消", Unpaid),
        ("无效", Unpaid),
        ("退款中", Paid),
        ("已退款", Refunded),
        ("settled", Paid),
        ("valid", Paid),
        ("unprocessed", Paid),
        ("refunding", Paid),
        ("invalid", Unpaid),
        ("pending", Unpaid),
    ],
};
