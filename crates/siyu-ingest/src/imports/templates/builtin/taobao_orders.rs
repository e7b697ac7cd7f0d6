//! Taobao and Tmall, `ExportOrderList`: one row per order (reference: order exports, header names of 2016 to 2025).

use super::super::{BuiltIn, Known};
use crate::imports::mapping::CellType::{Money, Number};
use crate::imports::mapping::ImportKind;
use crate::imports::mapping::OrderState::{Paid, Unpaid};
use crate::imports::mapping::Target;

pub const TEMPLATE: BuiltIn = BuiltIn {
    key: "taobao_orders",
    chinese: "淘宝/天猫 订单报表",
    english: "Taobao/Tmall orders",
    kind: ImportKind::Orders,
    columns: &[
        Known::needed(&["订单编号"], Target::OrderId),
        Known::needed(&["买家会员名", "买家昵称"], Target::Login).prefixed("taobao:"),
        Known::maybe(&["联系手机"], Target::Phone),
        Known::needed(&["订单付款时间", "付款时间"], Target::Time),
        Known::needed(&["买家实际支付金额"], Target::Amount),
        Known::needed(&["订单状态"], Target::Status),
        Known::maybe(&["退款金额"], Target::Refund),
        Known::property(&["店铺名称"], "shop"),
        Known::property(&["宝贝标题", "商品标题"], "title"),
        Known::property(&["宝贝总数量"], "quantity").typed(Number),
        Known::property(&["买家应付邮费"], "freight").typed(Money),
        Known::property(&["收货地址省", "省份"], "province"),
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
