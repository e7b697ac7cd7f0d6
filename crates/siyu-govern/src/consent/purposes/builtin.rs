//! The purposes that every project starts with, after the PIPL. A project changes
//! them by writing its own under the same id.

use std::collections::BTreeMap;

use super::model::{Basis, Definition, Purpose, Silence, Text};
use crate::consent::EVERY_CHANNEL;

/// Messages about offers.
pub const MARKETING: &str = "marketing";
/// Decisions and recommendations by what was computed of a person.
pub const AUTOMATED: &str = "automated";
/// A guardian's agreement for a child.
pub const GUARDIAN: &str = "guardian";

struct Shipped {
    id: &'static str,
    names: [&'static str; 2],
    descriptions: [&'static str; 2],
    texts: [&'static str; 2],
    essential: bool,
    sensitive: bool,
    basis: Basis,
    silence: &'static [(&'static str, Silence)],
    retention: &'static str,
}

use Silence::{OptIn, OptOut};

const SHIPPED: &[Shipped] = &[
    Shipped {
        id: "service",
        names: ["服务通知", "Service messages"],
        descriptions: [
            "订单、物流、退款与账户安全的通知。",
            "Messages about orders, delivery, refunds and the safety of the account.",
        ],
        texts: [
            "为履行您与我们之间的合同，我们会发送订单、物流、退款与账户安全的通知。",
            "To fulfil our contract with you we send messages about orders, delivery, refunds and the safety of your account.",
        ],
        essential: true,
        sensitive: false,
        basis: Basis::Contract,
        silence: &[(EVERY_CHANNEL, OptOut)],
        retention: "合同结束后 3 年 · 3 years after the contract ends",
    },
    Shipped {
        id: MARKETING,
        names: ["营销信息", "Offers and news"],
        descriptions: ["新品、优惠与活动。", "New products, offers and events."],
        texts: [
            "我们会通过您勾选的渠道发送新品、优惠与活动信息。您可以随时撤回同意，不影响其他服务。",
            "We send news of products, offers and events by the channels you choose. You can withdraw at any time; nothing else changes.",
        ],
        essential: false,
        sensitive: false,
        basis: Basis::Consent,
        silence: &[(EVERY_CHANNEL, OptOut), ("email", OptOut)],
        retention: "撤回同意为止 · until it is withdrawn",
    },
    Shipped {
        id: AUTOMATED,
        names: ["个性化推荐", "Personal recommendations"],
        descriptions: [
            "按消费习惯自动为您挑选内容与优惠。关闭后，不再向您发送依此挑选的信息。",
            "What you are offered is chosen automatically by your habits. Without it you get nothing that is chosen so.",
        ],
        texts: [
            "我们会自动分析您的消费习惯，用来挑选向您展示的内容与优惠，不会因此给出不合理的价格。您可以随时关闭。",
            "We analyse your habits automatically to choose what to show and offer you, never to set an unreasonable price. You can turn this off at any time.",
        ],
        essential: false,
        sensitive: false,
        basis: Basis::Consent,
        silence: &[(EVERY_CHANNEL, OptOut)],
        retention: "24 个月 · 24 months",
    },
    Shipped {
        id: "analytics",
        names: ["使用分析", "Analytics"],
        descriptions: [
            "了解网站与应用的使用情况，以便改进。",
            "How our pages and apps are used, to improve them.",
        ],
        texts: [
            "我们会记录您在网站与应用中的浏览与操作，用于统计与改进。",
            "We record what you view and do in our pages and apps, for statistics and to improve them.",
        ],
        essential: false,
        sensitive: false,
        basis: Basis::Consent,
        silence: &[(EVERY_CHANNEL, OptOut)],
        retention: "24 个月 · 24 months",
    },
    Shipped {
        id: "sharing",
        names: ["提供给第三方", "Sharing with others"],
        descriptions: [
            "向合作方提供您的信息，例如广告平台。",
            "Handing your data to partners, such as advertising platforms.",
        ],
        texts: [
            "经您单独同意，我们会向合作方（例如广告平台）提供您的联系方式的加密值，用于展示与您相关的内容。",
            "With your separate consent we hand encrypted contact details to partners, such as advertising platforms, to show you what concerns you.",
        ],
        essential: false,
        sensitive: true,
        basis: Basis::Consent,
        silence: &[(EVERY_CHANNEL, OptIn)],
        retention: "撤回同意为止 · until it is withdrawn",
    },
    Shipped {
        id: "sensitive",
        names: ["敏感个人信息", "Sensitive data"],
        descriptions: [
            "处理健康、精确位置、金融账户等敏感信息。",
            "Use of sensitive data, such as health, exact location or bank accounts.",
        ],
        texts: [
            "经您单独同意，我们会为向您提供相应服务而处理敏感个人信息。不同意不影响其他服务。",
            "With your separate consent we use sensitive data for the service you ask for. Refusing changes nothing else.",
        ],
        essential: false,
        sensitive: true,
        basis: Basis::Consent,
        silence: &[(EVERY_CHANNEL, OptIn)],
        retention: "服务所需的最短时间 · no longer than the service needs",
    },
    Shipped {
        id: GUARDIAN,
        names: ["监护人同意", "Consent of a guardian"],
        descriptions: [
            "不满十四周岁的儿童，由父母或其他监护人同意。",
            "For children under fourteen: a parent or other guardian agrees.",
        ],
        texts: [
            "我是该儿童的父母或其他监护人，同意按儿童个人信息处理规则处理其个人信息。",
            "I am a parent or guardian of this child and agree to the use of the child's data under the rules for children.",
        ],
        essential: false,
        sensitive: true,
        basis: Basis::Consent,
        silence: &[(EVERY_CHANNEL, OptIn)],
        retention: "年满十四周岁为止 · until the child is fourteen",
    },
];

/// Every shipped purpose, in the order in which people see them.
pub fn all() -> Vec<Purpose> {
    SHIPPED.iter().map(purpose).collect()
}

/// The first text of a shipped purpose.
pub fn text(id: &str) -> Option<Text> {
    let shipped = SHIPPED.iter().find(|shipped| shipped.id == id)?;
    Some(Text {
        version: 1,
        zh: shipped.texts[0].to_owned(),
        en: shipped.texts[1].to_owned(),
        renews: false,
        created_at: None,
        created_by: "system".to_owned(),
    })
}

fn purpose(shipped: &Shipped) -> Purpose {
    let silence: BTreeMap<String, Silence> =
        shipped.silence.iter().map(|(channel, silence)| ((*channel).to_owned(), *silence)).collect();
    let [name_zh, name_en] = shipped.names.map(str::to_owned);
    let [description_zh, description_en] = shipped.descriptions.map(str::to_owned);
    Purpose {
        id: shipped.id.to_owned(),
        definition: Definition {
            name_zh,
            name_en,
            description_zh,
            description_en,
            essential: shipped.essential,
            sensitive: shipped.sensitive,
            basis: shipped.basis,
            silence,
            valid_days: None,
            retention: shipped.retention.to_owned(),
            archived: false,
        },
        version: 1,
        renew_from: 0,
        updated_at: None,
    }
}
