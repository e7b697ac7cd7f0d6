//! The exports of platforms that are known. One file each, and one line in the list.
//! Titles differ over the years, so columns are found by name, never by place.

mod eleme;
mod jd;
mod meituan;
mod pos;
mod taobao_lines;
mod taobao_orders;
#[cfg(test)]
mod tests;
mod wechat_shop;
mod youzan;

use super::BuiltIn;

pub const BUILT_IN: &[BuiltIn] = &[
    taobao_orders::TEMPLATE,
    taobao_lines::TEMPLATE,
    jd::TEMPLATE,
    meituan::TEMPLATE,
    eleme::TEMPLATE,
    youzan::TEMPLATE,
    wechat_shop::TEMPLATE,
    pos::TEMPLATE,
];
