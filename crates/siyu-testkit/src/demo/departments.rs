//! Chinese names of the shop's 32 departments.

const NAMES: &[(&str, &str)] = &[
    ("AUTOMOTIVE", "汽车用品"),
    ("CHARITABLE CONT", "公益捐赠"),
    ("CHEF SHOPPE", "厨师精选"),
    ("CNTRL/STORE SUP", "店务用品"),
    ("COSMETICS", "美妆"),
    ("COUPON", "优惠券"),
    ("DELI", "熟食"),
    ("DRUG GM", "日用百货"),
    ("ELECT &PLUMBING", "水电五金"),
    ("FLORAL", "鲜花"),
    ("FROZEN GROCERY", "冷冻食品"),
    ("FUEL", "加油"),
    ("GARDEN CENTER", "园艺"),
    ("GM MERCH EXP", "商品杂费"),
    ("GROCERY", "食品杂货"),
    ("HOUSEWARES", "家居用品"),
    ("MEAT", "鲜肉"),
    ("MEAT-PCKGD", "包装肉品"),
    ("MISCELLANEOUS", "其他"),
    ("NUTRITION", "营养健康"),
    ("PASTRY", "烘焙"),
    ("PHOTO & VIDEO", "影像"),
    ("POSTAL CENTER", "邮政服务"),
    ("PROD-WHS SALES", "仓储批发"),
    ("PRODUCE", "蔬果"),
    ("RESTAURANT", "餐饮"),
    ("SALAD BAR", "沙拉吧"),
    ("SEAFOOD", "海鲜"),
    ("SEAFOOD-PCKGD", "包装海鲜"),
    ("SPIRITS", "酒类"),
    ("TOYS", "玩具"),
    ("TRAVEL & LEISURE", "旅行休闲"),
];

/// The Chinese name; a department we do not know keeps its own.
pub fn chinese(department: &str) -> &str {
    NAMES.iter().find(|(name, _)| *name == department).map_or(department, |(_, chinese)| chinese)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_two_departments_have_different_names() {
        let names: std::collections::BTreeSet<&str> = NAMES.iter().map(|(name, _)| chinese(name)).collect();
        assert_eq!(names.len(), 32);
        assert_eq!(chinese("PASTRY"), "烘焙");
        assert_eq!(chinese("NEW WING"), "NEW WING");
    }
}
