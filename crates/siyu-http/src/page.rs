//! Lists are pages with a cursor; there are no page numbers.

use serde::{Deserialize, Serialize};
use siyu_types::{Error, Result};
use utoipa::{IntoParams, ToSchema};

pub const LIMIT_DEFAULT: i64 = 50;
pub const LIMIT_MAX: i64 = 200;

/// One page of a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// How many there are, where that is cheap to know.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// A list that always fits on one page.
    pub fn whole(items: Vec<T>) -> Page<T> {
        let total = Some(items.len() as u64);
        Page { items, next_cursor: None, total }
    }

    /// Of items read with one more than the limit: the surplus one only says that
    /// there is a next page, whose cursor is made from the last item shown.
    pub fn cut(mut items: Vec<T>, limit: i64, cursor: impl FnOnce(&T) -> String) -> Page<T> {
        let more = items.len() as i64 > limit;
        items.truncate(limit.max(0) as usize);
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Page { items, next_cursor, total: None }
    }

    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            next_cursor: self.next_cursor,
            total: self.total,
        }
    }
}

/// Which page. Do not `flatten` it into another query struct: numbers in a query
/// string cannot be read through `flatten`; name `cursor` and `limit` there instead.
#[derive(Clone, Default, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Items per page: 1 to 200, 50 if absent.
    pub limit: Option<i64>,
}

impl PageQuery {
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX)
    }

    /// The cursor of lists that are ordered by id.
    pub fn cursor_id(&self) -> Result<Option<i64>> {
        let parse = |text: &String| text.parse().map_err(|_| Error::invalid("cursor", "is not one of ours"));
        self.cursor.as_ref().map(parse).transpose()
    }
}
