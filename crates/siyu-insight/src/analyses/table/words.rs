//! The words of tables, in both languages, as the console has them.

use super::Language;

/// Chinese, English.
#[derive(Clone, Copy)]
pub(super) struct Word(&'static str, &'static str);

impl Word {
    pub(super) fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.0,
            Language::English => self.1,
        }
    }
}

macro_rules! words {
    ($($name:ident: $chinese:literal, $english:literal;)*) => {
        $(pub(super) const $name: Word = Word($chinese, $english);)*
    };
}

words! {
    GROUP: "分组", "Breakdown";
    WHOLE: "全部", "All";
    MISSING: "（没有值）", "(no value)";
    NOT_REACHED: "（未到这一步）", "(step not reached)";
    OTHER: "其他", "Other";
    NO_SEGMENT: "（不在这些人群中）", "(in none of these segments)";
    EMPTY: "（空文本）", "(empty text)";
    ANYTHING: "任意事件", "Any event";
    DATE: "日期", "Date";
    EARLIER_DATE: "以前的日期", "Earlier date";
    EARLIER: "以前", "earlier";
    COMPLETE: "已结束", "Complete";
    YES: "是", "Yes";
    NO: "否", "No";
    TOTAL: "合计", "Total";
    MEAN: "均值", "Mean";
    PEOPLE: "人数", "People";
    TIMES: "次数", "Times";
    SHARE: "占比", "Share";
    VALUE: "金额", "Value";
    VALUE_SHARE: "金额占比", "Share of value";
    PER_PERSON: "人均", "Per person";
    STEP: "步骤", "Step";
    STEP_NAME: "事件", "Event";
    SINCE_BEFORE: "较上一步", "Of the step before";
    SINCE_FIRST: "较第一步", "Of the first step";
    MEDIAN_TIME: "距上一步中位", "Median from the step before";
    STEPS_DONE: "完成步数", "Steps done";
    COHORT: "起始日", "Started on";
    SAME: "当期", "Same";
    SO_FAR: "累计", "so far";
    NEW: "新增", "New";
    RETURNING: "持续活跃", "Returning";
    RESURRECTING: "回流", "Resurrecting";
    DORMANT: "沉默", "Dormant";
    SESSIONS: "会话数", "Sessions";
    DEPTH: "深度（次）", "Depth";
    LENGTH: "平均时长", "Mean length";
    BOUNCE: "跳出率", "Bounce rate";
    FIRST_TIME: "首次完成", "First time";
    RANGE: "区间", "Range";
    ACTIVE: "活跃期数", "Active intervals";
    BELOW: "低于", "below";
    AND_MORE: "及以上", "and more";
    FROM: "从", "From";
    TO: "到", "To";
    ENDS: "（在此结束）", "(ends here)";
    TOUCH: "触点", "Touch";
    TOUCHES: "触点次数", "Touches";
    CONVERSIONS: "转化次数", "Conversions";
    CONVERSIONS_AFTER: "其后的转化", "Conversions after it";
    NO_TOUCH: "无触点", "No touch";
    REMOVAL: "移除效应", "Lost without it";
    CLASS: "客户类别", "Class";
    PURCHASES: "购买次数", "Purchases";
    HOUR: "时段", "Hour";
    QUESTION: "问题", "Question";
    AS_OF: "截至", "As of";
    ZONE: "时区", "Time zone";
    DAY_UNIT: "天", "d";
    HOUR_UNIT: "小时", "h";
    MINUTE_UNIT: "分钟", "min";
    SECOND_UNIT: "秒", "s";
}

pub(super) const WEEKDAYS: [Word; 7] = [
    Word("周一", "Mon"),
    Word("周二", "Tue"),
    Word("周三", "Wed"),
    Word("周四", "Thu"),
    Word("周五", "Fri"),
    Word("周六", "Sat"),
    Word("周日", "Sun"),
];

pub(super) const INTERVALS: [Word; 3] = [Word("天", "day"), Word("周", "week"), Word("月", "month")];

/// In the order of `RfmClass::ALL`.
pub(super) const CLASSES: [(&str, Word); 8] = [
    ("important_value", Word("重要价值", "Important, valuable")),
    ("important_develop", Word("重要发展", "Important, develop")),
    ("important_keep", Word("重要保持", "Important, keep")),
    ("important_retain", Word("重要挽留", "Important, retain")),
    ("general_value", Word("一般价值", "Valuable")),
    ("general_develop", Word("一般发展", "Develop")),
    ("general_keep", Word("一般保持", "Keep")),
    ("general_retain", Word("一般挽留", "Retain")),
];

/// By the kind of `AttributionModel`.
pub(super) const MODELS: [Word; 8] = [
    Word("首次触点", "First"),
    Word("末次触点", "Last"),
    Word("末次非直接", "Last non-direct"),
    Word("线性", "Linear"),
    Word("位置", "Position"),
    Word("时间衰减", "Time decay"),
    Word("马尔可夫", "Markov"),
    Word("Shapley", "Shapley"),
];
