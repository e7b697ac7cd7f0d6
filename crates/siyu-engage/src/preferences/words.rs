//! The words of the page, in both languages.

use siyu_govern::rights::RequestKind;

use super::model::Language;

pub(super) struct Words {
    pub title: &'static str,
    pub lead: &'static str,
    pub saved: &'static str,
    pub on: &'static str,
    pub off: &'static str,
    pub always: &'static str,
    pub unsaid_on: &'static str,
    pub since: &'static str,
    pub expired: &'static str,
    pub full_text: &'static str,
    pub version: &'static str,
    pub stop_all: &'static str,
    pub separate: &'static str,
    pub separate_lead: &'static str,
    pub data: &'static str,
    pub data_lead: &'static str,
    pub access: &'static str,
    pub erase: &'static str,
    pub received: &'static str,
    pub worked_on: &'static str,
    pub answered: &'static str,
    pub refused: &'static str,
    pub what_is_wrong: &'static str,
    pub send: &'static str,
    pub code: &'static str,
    pub fetch: &'static str,
    pub wrong_code: &'static str,
    pub locked: &'static str,
    pub other_language: &'static str,
    pub foot: &'static str,
}

const ZH: Words = Words {
    title: "我的偏好",
    lead: "您可以随时更改，立即生效。",
    saved: "已保存，立即生效。",
    on: "已开启",
    off: "已关闭",
    always: "提供服务所必需，始终开启",
    unsaid_on: "默认开启，您可以关闭",
    since: "您于 {} 更改",
    expired: "同意已到期，请重新选择",
    full_text: "查看同意内容",
    version: "第 {} 版",
    stop_all: "关闭全部营销信息",
    separate: "需要单独同意",
    separate_lead: "以下各项需要您逐项同意。不同意不影响其他服务。",
    data: "我的数据",
    data_lead: "我们会核实您的身份，并在 15 个工作日内答复。",
    access: "索取我的数据",
    erase: "删除我的数据",
    received: "已收到“{}”，最迟 {} 答复。",
    worked_on: "正在处理“{}”，最迟 {} 答复。",
    answered: "已答复“{}”，{}。",
    refused: "未能满足“{}”，{}。原因：",
    what_is_wrong: "哪里不对？正确的是什么？",
    send: "提交",
    code: "您的副本已备好，{} 前可下载。请输入我们以其他方式告诉您的取件码：",
    fetch: "下载",
    wrong_code: "取件码不对，请核对后重试。多次输错后需要重新获取。",
    locked: "取件码输错次数过多，请联系我们重新获取。",
    other_language: "English",
    foot: "此链接仅供您本人使用，请勿转发。",
};

const EN: Words = Words {
    title: "My preferences",
    lead: "Change them whenever you like; it takes effect at once.",
    saved: "Saved. It takes effect at once.",
    on: "On",
    off: "Off",
    always: "Needed for the service; always on",
    unsaid_on: "On unless you turn it off",
    since: "Changed by you on {}",
    expired: "Your consent has expired; please choose again",
    full_text: "What you agree to",
    version: "version {}",
    stop_all: "Turn off all offers",
    separate: "Only with your separate consent",
    separate_lead: "Each of these is agreed to by itself. Refusing changes nothing else.",
    data: "My data",
    data_lead: "We check who is asking and answer within 15 working days.",
    access: "Ask for my data",
    erase: "Delete my data",
    received: "We have your request “{}” and will answer by {}.",
    worked_on: "We are working on your request “{}” and will answer by {}.",
    answered: "We answered your request “{}” on {}.",
    refused: "We could not grant your request “{}”, {}. The reason:",
    what_is_wrong: "What is wrong, and what is right?",
    send: "Send",
    code: "Your copy can be downloaded until {}. Enter the code that we told you by another way:",
    fetch: "Download",
    wrong_code: "The code is not right. Check it and try again; after several wrong ones you need another code.",
    locked: "The code was tried too often. Please ask us for another one.",
    other_language: "中文",
    foot: "This link is for you alone; please do not pass it on.",
};

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

/// How people call a channel.
pub(super) fn channel(language: Language, channel: &str) -> &str {
    let (zh, en) = match channel {
        "email" => ("邮件", "E-mail"),
        "sms" => ("短信", "Text messages"),
        "phone" => ("电话", "Phone calls"),
        "wechat" => ("微信", "WeChat"),
        "wecom" => ("企业微信", "WeCom"),
        "push" => ("App 推送", "App notifications"),
        "webhook" => ("其他系统", "Other systems"),
        other => (other, other),
    };
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

pub(super) fn request(language: Language, kind: RequestKind) -> &'static str {
    let (zh, en) = match kind {
        RequestKind::Access => (ZH.access, EN.access),
        RequestKind::Erase => (ZH.erase, EN.erase),
        RequestKind::Correct => ("更正我的数据", "Correct my data"),
        RequestKind::Explain => ("说明自动决策", "Explain a decision"),
    };
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}
