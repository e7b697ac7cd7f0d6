//! Every built-in template knows its export, makes a mapping that works, and leaves
//! the exports of others alone.

use jiff::tz::TimeZone;

use super::super::super::mapping::{OrderState, Target};
use super::BUILT_IN;

#[test]
fn every_template_makes_a_mapping_that_works() {
    for template in BUILT_IN {
        let titles: Vec<String> = template.columns.iter().map(|known| known.titles[0].to_owned()).collect();
        let (mapping, found) = template.fit(&titles).expect(template.key);
        assert_eq!(found, titles.len(), "{}", template.key);
        let plan = mapping.plan(&titles, &TimeZone::UTC).expect(template.key);
        assert!(plan.columns.iter().any(|column| column.to == Target::Status), "{}", template.key);
        assert!(template.states.iter().any(|(_, state)| *state == OrderState::Paid), "{}", template.key);
        let needed: Vec<String> = template
            .columns
            .iter()
            .filter(|known| known.needed)
            .map(|known| known.titles[0].to_owned())
            .collect();
        // Some exports say who bought in one of several columns.
        let who = template.columns.iter().filter(|known| known.to.namespace().is_some());
        let mut least = needed.clone();
        least.extend(who.map(|known| known.titles[0].to_owned()).filter(|title| !needed.contains(title)));
        let (mapping, _) = template.fit(&least).expect(template.key);
        mapping.plan(&least, &TimeZone::UTC).expect(template.key);
        for left_out in &needed {
            let others: Vec<String> = needed.iter().filter(|title| *title != left_out).cloned().collect();
            assert!(template.fit(&others).is_none(), "{} without {left_out}", template.key);
        }
        let keys = BUILT_IN.iter().filter(|other| other.key == template.key).count();
        assert_eq!(keys, 1, "{}", template.key);
    }
}

/// Header rows as merchants posted them.
#[test]
fn real_header_rows_are_recognised() {
    let cases = [
        (
            "taobao_orders",
            "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单",
        ),
        (
            "jd",
            "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,下单帐号,客户姓名,客户地址,联系电话,订单备注,发票类型,发票抬头,发票内容,增值税发票,商家备注,商家备注等级（等级1-5为由高到低）,运费金额,付款确认时间,订单完成时间,订单来源,订单渠道,送装服务,服务费,仓库id,仓库名称,货号,商家SKUID",
        ),
        (
            "pos",
            "单据号,门店编码,门店名称,收银台,交易时间,交易类型,原单号,会员卡号,手机号,unionid,导购编码,商品编码,条码,商品名称,规格,数量,单位,单价,折扣额,实付金额,支付方式,支付流水号,备注",
        ),
    ];
    for (key, header) in cases {
        let titles: Vec<String> = header.split(',').map(str::to_owned).collect();
        let fitting: Vec<_> = BUILT_IN.iter().filter(|built_in| built_in.fit(&titles).is_some()).collect();
        assert_eq!(fitting.iter().map(|built_in| built_in.key).collect::<Vec<_>>(), [key]);
        let (mapping, _) = fitting[0].fit(&titles).expect("fits");
        mapping.plan(&titles, &TimeZone::UTC).expect("works");
        let address = titles.iter().find(|title| title.contains("地址"));
        assert!(address.is_none_or(|title| mapping.columns[title].to == Target::Ignore));
    }
}
