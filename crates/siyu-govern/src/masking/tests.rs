//! Masking, as tables.

use siyu_types::{Exposure, FieldKind, PersonalClass as C, PersonalRules, ProjectId, Role, Value, Viewer};

use super::*;

#[test]
fn patterns() {
    for (class, value, masked) in [
        (C::Phone, "13812345678", "138****5678"),
        (C::Phone, "+8613812345678", "+86138****5678"),
        (C::Phone, "0571-88157788", "057****7788"),
        (C::Phone, "12345", "1****5"),
        (C::Email, "wang.wei@example.com", "w**@example.com"),
        (C::Email, "broken", "b**"),
        (C::Name, "王伟", "王**"),
        (C::Name, "王小明", "王**"),
        (C::Name, "欧阳娜娜", "欧阳**"),
        (C::Name, "欧阳锋", "欧阳**"),
        (C::Name, "欧阳", "欧**"),
        (C::Name, "张王李四", "张**"),
        (C::Name, "阿依古丽·买买提", "阿**·买**"),
        (C::Name, "John Fitzgerald Smith", "J** F** S**"),
        (C::Name, "王", "**"),
        (C::Name, "", "**"),
        (C::IdCard, "11010119900307002X", "110****2X"),
        (C::BankCard, "6222 0212 3456 7890", "622202****7890"),
        (C::BankCard, "6222021234567890123", "622202****0123"),
        (C::Address, "浙江省杭州市西湖区文三路 90 号", "浙江省杭州市西湖区****"),
        (C::Address, "北京市朝阳区望京街道", "北京市朝阳区****"),
        (C::Address, "云南省大理白族自治州漾濞彝族自治县苍山西镇", "云南省大理白族自治州漾濞彝族自治县****"),
        (C::Address, "广东省东莞市虎门镇", "广东省东莞市****"),
        (C::Address, "文三路 90 号", "****"),
        (C::Address, "西湖区", "****"),
        (C::Address, "12 Main St, Springfield, USA", "****, USA"),
        (C::Address, "12 Main St, Springfield, IL 62704", "****"),
        (C::Birthday, "1990-03-07", "1990-**-**"),
        (C::Birthday, "19900307", "1990-**-**"),
        (C::Birthday, "1990年3月7日", "1990-**-**"),
        (C::Birthday, "636768000000", "****"),
        (C::Birthday, "03-07", "****"),
        (C::Other, "member-88123", "me****23"),
        (C::Other, "ab", "a****"),
    ] {
        assert_eq!(mask(class, value), masked, "{class:?} {value}");
    }
}

#[test]
fn looks() {
    for (value, class) in [
        ("13812345678", Some(C::Phone)),
        ("+8613812345678", Some(C::Phone)),
        ("12812345678", None),
        ("138123456789", None),
        ("11010519491231002X", Some(C::IdCard)),
        ("110105194912310021", None),
        ("a.b@example.com", Some(C::Email)),
        ("a@b", None),
        ("@x.y", None),
        ("hello a@b.cn", None),
        ("", None),
    ] {
        assert_eq!(looks_like(value), class, "{value}");
    }
    // Any number can be completed to one that passes, and only by one digit.
    let body = "621700001234567";
    let passing = (0..10).filter(|digit| looks_like(&format!("{body}{digit}")) == Some(C::BankCard)).count();
    assert_eq!(passing, 1);
}

#[test]
fn viewers_see_what_the_rules_say() {
    let rules = PersonalRules::new(
        [
            (FieldKind::Property, "name".to_owned(), None),
            (FieldKind::Property, "tracking_no".to_owned(), None),
        ],
        [(Role::Operator, C::Phone, Exposure::Hidden), (Role::Viewer, C::Email, Exposure::Clear)],
    );
    let (attribute, property) = (FieldKind::Attribute, FieldKind::Property);
    let viewer =
        |role| Viewer { role, personal: std::sync::Arc::new(rules.clone()), ..Viewer::system(ProjectId(1)) };
    for (role, kind, name, value, expected) in [
        (Role::Owner, attribute, "phone", "13812345678", "13812345678"),
        (Role::Operator, attribute, "phone", "13812345678", HIDDEN),
        (Role::Analyst, attribute, "$Mobile_Phone", "13812345678", "138****5678"),
        (Role::Viewer, attribute, "手机号", "13812345678", "138****5678"),
        (Role::Viewer, attribute, "email", "a@example.com", "a@example.com"),
        (Role::Viewer, attribute, "remark", "13812345678", "138****5678"),
        (
            Role::Viewer,
            attribute,
            "remark",
            "电话13812345678，门店 20261121001",
            "电话138****5678，门店 20261121001",
        ),
        (Role::Viewer, attribute, "page", "/u/13812345678?a=1.5", "/u/138****5678?a=1.5"),
        (Role::Viewer, attribute, "city", "杭州", "杭州"),
        (Role::Viewer, property, "name", "燕麦拿铁", "燕麦拿铁"),
        (Role::Viewer, property, "tracking_no", "13812345678", "13812345678"),
        (Role::Viewer, FieldKind::Identifier, "phone:x", "13812345678", "138****5678"),
    ] {
        assert_eq!(shown(&viewer(role), kind, name, value), expected, "{role:?} {name}");
    }
    let number = Value::Number(13_812_345_678.0);
    let masked = shown_value(&viewer(Role::Viewer), attribute, "phone", number.clone());
    assert_eq!(masked, Value::Text("138****5678".into()));
    assert_eq!(
        shown_value(&viewer(Role::Viewer), attribute, "age", Value::Number(30.0)),
        Value::Number(30.0)
    );
    assert_eq!(shown_value(&viewer(Role::Owner), attribute, "phone", number.clone()), number);
}
