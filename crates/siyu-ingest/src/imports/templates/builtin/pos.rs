//! Our own table for tills: one row per article; a return has its own receipt number and a negative or a returned row.

use super::super::{BuiltIn, Known};
use crate::imports::mapping::ImportKind;
use crate::imports::mapping::OrderState::{Paid, Return};
use crate::imports::mapping::Target;

pub const TEMPLATE: BuiltIn = BuiltIn {
    key: "pos",
    chinese: "门店 POS 通用表",
    english: "POS receipts",
    kind: ImportKind::Orders,
    columns: &[
        Known::needed(&["单据号", "小票号"], Target::OrderId),
        Known::maybe(&["会员卡号", "会员号"], Target::Login),
        Known::maybe(&["手机号", "会员手机"], Target::Phone),
        Known::maybe(&["unionid"], Target::Device).prefixed("unionid:"),
        Known::needed(&["商品编码", "条码"], Target::ItemId),
        Known::needed(&["交易时间", "销售时间"], Target::Time),
        Known::needed(&["实付金额", "实收金额"], Target::Amount),
        Known::maybe(&["单价"], Target::Price),
        Known::maybe(&["数量"], Target::Quantity),
        Known::maybe(&["交易类型"], Target::Status),
        Known::property(&["门店编码"], "store_id"),
        Known::property(&["门店名称"], "store"),
        Known::property(&["商品名称"], "title"),
        Known::property(&["规格"], "spec"),
        Known::property(&["支付方式"], "payment"),
        Known::property(&["导购编码"], "staff_id"),
        Known::property(&["原单号"], "original_order_id"),
    ],
    states: &[("销售", Paid), ("零售", Paid), ("退货", Return), ("退款", Return), ("换货退", Return)],
};
