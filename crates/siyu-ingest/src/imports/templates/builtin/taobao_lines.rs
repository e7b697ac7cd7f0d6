//! Taobao and Tmall, `ExportOrderDetailList`: one row per line of an order.

use super::super::{BuiltIn, Known};
use crate::imports::mapping::ImportKind;
use crate::imports::mapping::OrderState::{Paid, Unpaid};
use crate::imports::mapping::Target;

pub const TEMPLATE: BuiltIn = BuiltIn {
    key: "taobao_lines",
    chinese: "淘宝/天猫 宝贝报表",
    english: "Taobao/Tmall order lines",
    kind: ImportKind::Orders,
    columns: &[
        Known::needed(&["子订单编号"], Target::RowId),
        Known::needed(&["主订单编号", "订单编号"], Target::OrderId),
        Known::needed(&["买家会员名", "买家昵称", "买家ID"], Target::Login).prefixed("taobao:"),
        Known::needed(&["商家编码", "外部系统编号"], Target::ItemId),
        Known::needed(&["订单付款时间", "订单创建时间"], Target::Time),
        Known::maybe(&["买家实际支付金额"], Target::Amount),
        Known::needed(&["价格"], Target::Price),
        Known::needed(&["购买数量"], Target::Quantity),
        Known::needed(&["订单状态"], Target::Status),
        Known::maybe(&["退款金额"], Target::Refund),
        Known::property(&["标题"], "title"),
        Known::property(&["商品属性"], "spec"),
        Known::property(&["退款状态"], "refund_status"),
    ],
    states: &[
        ("等待买家付款", Unpaid),
        ("买家已付款,等待卖家发货", Paid),
        ("买家已付款，等待卖家发货", Paid),
        ("卖家已发货,等待买家确认", Paid),
        ("卖家已发货，等待买家确认", Paid),
        ("卖家部分发货", Paid),
        ("交易成功", Paid),
        ("交易关闭", Unpaid),
        ("WAIT_BUYER_PAY", Unpaid),
        ("TRADE_NO_CREATE_PAY", Unpaid),
        ("PAY_PENDING", Unpaid),
        ("WAIT_SELLER_SEND_GOODS", Paid),
        ("SELLER_CONSIGNED_PART", Paid),
        ("WAIT_BUYER_CONFIRM_GOODS", Paid),
        ("TRADE_BUYER_SIGNED", Paid),
        ("TRADE_FINISHED", Paid),
        ("TRADE_CLOSED", Unpaid),
        ("TRADE_CLOSED_BY_TAOBAO", Unpaid),
    ],
};
