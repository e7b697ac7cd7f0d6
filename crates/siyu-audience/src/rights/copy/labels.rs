//! How a report calls the areas of a copy and what stands in them.

/// How the value of a column is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// A word of ours, translated where there is a translation.
    Word,
    Time,
    /// Minor units of the project's currency.
    Money,
    /// A text in both languages; the report's is written.
    Both,
    /// An identifier, or several.
    Identifiers,
    /// Properties of an event, lines of an order: names and values.
    Pairs,
    /// Changes of a value, in a line each.
    History,
}

pub(super) struct Column {
    pub field: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub form: Form,
}

pub(super) struct AreaLabels {
    pub area: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub lead_zh: &'static str,
    pub lead_en: &'static str,
    pub columns: &'static [Column],
}

const fn column(field: &'static str, zh: &'static str, en: &'static str, form: Form) -> Column {
    Column { field, zh, en, form }
}

const fn plain(field: &'static str, zh: &'static str, en: &'static str) -> Column {
    column(field, zh, en, Form::Plain)
}

const fn word(field: &'static str, zh: &'static str, en: &'static str) -> Column {
    column(field, zh, en, Form::Word)
}

const AT: Column = column("at", "时间", "Time", Form::Time);

macro_rules! area {
    ($area:literal, $zh:literal / $en:literal, $lead_zh:literal / $lead_en:literal, [$($column:expr),* $(,)?]) => {
        AreaLabels { area: $area, zh: $zh, en: $en, lead_zh: $lead_zh, lead_en: $lead_en, columns: &[$($column),*] }
    };
}

/// In the order of the report.
pub(super) const AREAS: &[AreaLabels] = &[
    area!(
        "profile",
        "个人资料" / "Profile",
        "我们对您的了解，每一项由谁提供、何时提供、此前是什么。"
            / "What is known of you, who said it and when, and what it was before.",
        [
            plain("attribute", "属性", "Attribute"),
            plain("value", "当前值", "Value"),
            plain("source", "来源", "Source"),
            column("since", "起始时间", "Since", Form::Time),
            column("history", "历史", "History", Form::History)
        ]
    ),
    area!(
        "identifiers",
        "身份标识" / "Identifiers",
        "用来识别您的号码、账号和设备。" / "Numbers, accounts and devices by which you are known.",
        [
            word("namespace", "类型", "Kind"),
            plain("value", "值", "Value"),
            plain("former", "曾用", "Former"),
            column("last_seen", "最近出现", "Last seen", Form::Time)
        ]
    ),
    area!(
        "identity",
        "身份关联历史" / "How they came together",
        "这些标识为何被认为属于同一个人。" / "Why these identifiers are taken for one person.",
        [
            AT,
            word("kind", "事项", "What"),
            column("identifiers", "标识", "Identifiers", Form::Identifiers),
            plain("source", "来源", "Source"),
            plain("reason", "理由", "Reason")
        ]
    ),
    area!(
        "relations",
        "与他人的关系" / "Relations",
        "您与其他人的关系，例如由谁邀请、由谁服务；只说明对方的身份，不说明对方是谁。"
            / "How you are related to others, such as who invited or serves you; what they are, and not who.",
        [
            column("other", "对方是", "The other one is", Form::Both),
            column("since", "起始时间", "Since", Form::Time),
            column("until", "结束时间", "Until", Form::Time),
            plain("source", "来源", "Source")
        ]
    ),
    area!(
        "consents",
        "同意记录" / "Consents",
        "您对各项用途的表态及其凭证。" / "What you allowed and refused, with the proof of it.",
        [
            AT,
            plain("purpose_zh", "用途", "Purpose (Chinese)"),
            plain("purpose_en", "用途（英文）", "Purpose"),
            word("channel", "渠道", "Channel"),
            word("state", "表态", "Said"),
            plain("version", "文本版本", "Version"),
            plain("source", "来源", "Where"),
            plain("evidence", "凭证", "Proof")
        ]
    ),
    area!(
        "tags",
        "标签" / "Tags",
        "系统或人员给您的标签。" / "Tags you were given.",
        [plain("tag", "标签", "Tag"), plain("value", "值", "Value"), word("kind", "方式", "How")]
    ),
    area!(
        "segments",
        "人群" / "Segments",
        "您目前所属的人群。" / "Groups you are a member of.",
        [plain("segment", "人群", "Segment")]
    ),
    area!(
        "decisions",
        "自动决策及说明" / "Automated decisions, explained",
        "由程序作出的、与您有关的决定，以及依据的规则和事实。标注“自动化决策”的，您有权拒绝。"
            / "What programs decided about you, by which rule and on which facts. You may refuse what is marked as automated.",
        [
            plain("name", "名称", "Name"),
            column("outcome", "结果", "Outcome", Form::Both),
            plain("automated", "自动化决策", "Automated"),
            column("why", "规则", "Rule", Form::Both),
            column("facts", "依据的事实", "Facts", Form::Both),
            AT
        ]
    ),
    area!(
        "orders",
        "订单" / "Orders",
        "您的订单。" / "Your orders.",
        [
            AT,
            plain("order_id", "订单号", "Order"),
            column("paid_minor", "支付", "Paid", Form::Money),
            column("refunded_minor", "退款", "Refunded", Form::Money),
            column("lines", "明细", "Lines", Form::Pairs)
        ]
    ),
    area!(
        "messages",
        "发送给您的消息" / "Messages to you",
        "我们发送过的，以及决定不发送的消息。" / "Messages that were sent to you, or held back, and why.",
        [
            AT,
            plain("campaign", "活动", "Campaign"),
            word("channel", "渠道", "Channel"),
            word("state", "结果", "Outcome"),
            plain("reason", "原因", "Reason"),
            column("reactions", "反应", "Reactions", Form::Pairs)
        ]
    ),
    area!(
        "lists",
        "免打扰名单" / "Suppression lists",
        "不再向您发送的渠道。" / "Channels on which you are not written to.",
        [AT, word("channel", "渠道", "Channel"), plain("reason", "原因", "Reason")]
    ),
    area!(
        "notes",
        "工作人员备注" / "Notes",
        "工作人员写下的与您有关的备注。" / "What members of the team wrote down.",
        [AT, plain("text", "内容", "Text")]
    ),
    area!(
        "requests",
        "您的请求" / "Your requests",
        "您就个人信息提出的请求。" / "What you asked about your data.",
        [
            column("asked_at", "提出", "Asked", Form::Time),
            word("kind", "类型", "Kind"),
            word("state", "状态", "State"),
            column("due_at", "最迟答复", "Due", Form::Time),
            plain("answer", "答复", "Answer")
        ]
    ),
    area!(
        "corrections",
        "更正" / "Corrections",
        "已作的更正。" / "What was put right.",
        [
            AT,
            plain("what", "内容", "What"),
            plain("reason", "理由", "Reason"),
            column("undone_at", "撤销", "Undone", Form::Time)
        ]
    ),
    area!(
        "refused_rows",
        "导入时未通过的行" / "Refused rows of imports",
        "导入文件中因格式有误而未采用、目前仍保留的行。"
            / "Rows of files that could not be used and are still kept.",
        [
            AT,
            plain("file", "文件", "File"),
            plain("row", "行", "Row"),
            plain("reason", "原因", "Reason"),
            column("cells", "内容", "Cells", Form::Pairs)
        ]
    ),
    area!(
        "set_aside",
        "搁置的记录" / "Records set aside",
        "因不符合约定而未采用、目前仍保留的记录。" / "Records that were not taken in and are still kept.",
        [
            AT,
            plain("reason", "原因", "Reason"),
            plain("source", "来源", "Source"),
            column("content", "内容", "Content", Form::Pairs)
        ]
    ),
    area!(
        "copies",
        "此前的副本" / "Earlier copies",
        "此前为您制作的副本。" / "Copies that were made before.",
        [
            column("made_at", "制作", "Made", Form::Time),
            plain("downloaded_by_the_team", "工作人员下载", "Taken by the team"),
            plain("fetched_by_the_person", "您下载", "Fetched by you")
        ]
    ),
    area!(
        "events",
        "行为记录" / "What you did",
        "您的访问、点击、购买等行为。" / "Visits, clicks, purchases and the like.",
        [
            AT,
            plain("event", "事件", "Event"),
            plain("source", "来源", "Source"),
            column("properties", "属性", "Properties", Form::Pairs)
        ]
    ),
];

/// Our words, in Chinese and English; what is not here is written as it is.
pub(super) const WORDS: &[(&str, &str, &str)] = &[
    ("login", "登录账号", "Log-in"),
    ("phone", "手机号", "Phone"),
    ("email", "邮箱", "E-mail"),
    ("device", "设备", "Device"),
    ("member_no", "会员号", "Member number"),
    ("openid", "微信 openid", "WeChat openid"),
    ("unionid", "微信 unionid", "WeChat unionid"),
    ("external_userid", "企业微信客户", "WeCom contact"),
    ("ad_id", "广告标识", "Advertising id"),
    ("linked", "同时出现", "Seen together"),
    ("unlinked", "被解除", "Taken apart"),
    ("shared", "多人共用", "Shared by many"),
    ("ruled", "按规则不再关联", "No longer linked by the rules"),
    ("merged", "人工合并", "Merged by hand"),
    ("split", "人工拆分", "Split by hand"),
    ("undone", "人工撤销", "Undone by hand"),
    ("attribute", "取自属性", "From an attribute"),
    ("rule", "按规则", "By a rule"),
    ("rfm", "按消费评估", "Assessed by purchases"),
    ("*", "全部渠道", "All channels"),
    ("sms", "短信", "Text message"),
    ("wechat", "微信", "WeChat"),
    ("wecom", "企业微信", "WeCom"),
    ("push", "App 推送", "App notification"),
    ("webhook", "其他系统", "Another system"),
    ("granted", "同意", "Granted"),
    ("denied", "拒绝", "Refused"),
    ("withdrawn", "撤回", "Withdrawn"),
    ("expired", "已到期", "Expired"),
    ("access", "索取数据", "Copy of the data"),
    ("erase", "删除数据", "Deletion"),
    ("correct", "更正数据", "Correction"),
    ("explain", "说明自动决策", "Explanation"),
    ("open", "待处理", "Open"),
    ("working", "处理中", "In progress"),
    ("done", "已答复", "Answered"),
    ("refused", "未能满足", "Refused"),
    ("sent", "已发送", "Sent"),
    ("failed", "发送失败", "Not delivered"),
    ("unknown", "结果未知", "Not known"),
    ("suppressed", "未发送", "Not sent"),
    ("withheld", "对照组，未发送", "Control group, not sent"),
    ("pending", "等待发送", "Waiting"),
    ("attempting", "正在发送", "Being sent"),
    ("cancelled", "已取消", "Cancelled"),
];
