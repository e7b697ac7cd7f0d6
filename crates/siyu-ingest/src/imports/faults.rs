//! Why a row was not used.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mapping::PlanColumn;
use super::values::Fault;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $english:literal, $chinese:literal;)*) => {
        /// Why a row was not used; the console translates by it.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum RowCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl RowCode {
            pub const ALL: &[RowCode] = &[$(RowCode::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(RowCode::$name => $text,)* }
            }

            /// English; never the value, which may be personal.
            pub fn message(self) -> &'static str {
                match self { $(RowCode::$name => $english,)* }
            }

            /// For tables that leave the system, where no console translates.
            pub fn message_in(self, language: &str) -> &'static str {
                if !language.starts_with("zh") {
                    return self.message();
                }
                match self { $(RowCode::$name => $chinese,)* }
            }
        }
    };
}

codes! {
    /// Another number of cells than the title row has.
    WrongWidth = "wrong_width",
        "the row has another number of cells than the titles",
        "单元格数量与表头不一致";
    /// Bytes that are no text in the file's encoding, or U+0000.
    Undecodable = "undecodable",
        "the cell is not text in the file's encoding",
        "单元格内容无法按文件编码读取";
    /// A line that is not one JSON object.
    BadJson = "bad_json",
        "the line is not a JSON object",
        "这一行不是 JSON 对象";
    /// A member that the start of the file does not have.
    UnknownColumn = "unknown_column",
        "the line has a member that the start of the file does not have",
        "出现了文件开头没有的字段";
    BadDate = "bad_date",
        "is not a date like 2026-11-21 or 2026-11-21 08:30:00",
        "不是日期，应形如 2026-11-21 或 2026-11-21 08:30:00";
    BadNumber = "bad_number",
        "is not a number",
        "不是数字";
    BadMoney = "bad_money",
        "is not an amount, or has more decimals than the currency",
        "不是金额，或小数位数超过币种";
    BadBool = "bad_bool",
        "is not yes or no",
        "不是“是”或“否”";
    /// A long number that a spreadsheet rounded (`1.23457E+17`).
    ScientificId = "scientific_id",
        "was rounded by a spreadsheet; its digits are lost",
        "长数字已被电子表格舍入（如 1.23457E+17），末尾数字已丢失；请把该列设为文本后重新导出";
    /// A formula that failed: `#N/A`.
    FormulaError = "formula_error",
        "holds a formula that failed, such as #N/A",
        "公式出错，如 #N/A";
    /// A needed cell is empty.
    MissingValue = "missing_value",
        "is empty",
        "必填单元格为空";
    /// Not of the form a phone number or e-mail address has.
    BadIdentifier = "bad_identifier",
        "is not of the form it should have",
        "格式不正确";
    /// Stars or a virtual number, and nothing else says who the row is about.
    MaskedIdentifier = "masked_identifier",
        "is masked or a virtual number, and nothing else says who the row is about",
        "是脱敏或虚拟号码，且没有其他身份标识";
    /// No cell says who the row is about.
    NoIdentifier = "no_identifier",
        "no cell says who the row is about",
        "没有能说明是谁的身份标识";
    /// On a list, somebody who is not known.
    UnknownPerson = "unknown_person",
        "nobody is known by these identifiers",
        "没有这个身份标识对应的用户";
    /// An order's state that the mapping does not know.
    UnknownState = "unknown_state",
        "is a state that the mapping does not know",
        "订单状态不在对照表中";
    TooLarge = "too_large",
        "is too long",
        "内容过长";
    FutureTime = "future_time",
        "lies more than a day in the future",
        "时间在未来一天之后";
    BadTime = "bad_time",
        "lies before 1970",
        "时间早于 1970 年";
    /// More different orders than one file may hold.
    TooManyOrders = "too_many_orders",
        "the file holds too many different orders; split it",
        "文件中订单过多，请拆分";
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowFault {
    pub column: Option<String>,
    pub code: RowCode,
}

impl RowFault {
    pub fn new(code: RowCode, column: Option<&PlanColumn>) -> RowFault {
        RowFault { column: column.map(|column| column.title.clone()), code }
    }
}

impl From<Fault> for RowCode {
    fn from(fault: Fault) -> RowCode {
        match fault {
            Fault::BadDate => RowCode::BadDate,
            Fault::BadNumber => RowCode::BadNumber,
            Fault::BadMoney => RowCode::BadMoney,
            Fault::BadBool => RowCode::BadBool,
            Fault::ScientificId => RowCode::ScientificId,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_called_one_thing() {
        for code in RowCode::ALL {
            assert_eq!(serde_json::to_value(code).expect("JSON"), code.as_str());
            assert_ne!(code.message_in("zh-CN"), code.message_in("en"));
        }
    }
}
