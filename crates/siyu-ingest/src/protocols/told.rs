//! What a client tells about itself beside its records: when it sent them, and the
//! library it uses. Collected while items are decoded one by one.

use std::cell::RefCell;

use siyu_types::clock::Millis;

use super::Decoded;
use super::fields::id_text;
use super::json::Json;

#[derive(Default)]
pub struct Told {
    sent: RefCell<Vec<(usize, Millis)>>,
    library: RefCell<Option<(String, String)>>,
}

impl Told {
    /// Of an item with a time of its own.
    pub fn sent(&self, index: usize, sent_at: Option<Millis>) {
        self.sent.borrow_mut().extend(sent_at.map(|at| (index, at)));
    }

    /// The first one stays: a request comes from one library.
    pub fn library(&self, name: Option<&Json<'_>>, version: Option<&Json<'_>>) {
        let mut library = self.library.borrow_mut();
        if library.is_none()
            && let Some(name) = id_text(name)
        {
            *library = Some((name.into_owned(), id_text(version).unwrap_or_default().into_owned()));
        }
    }

    pub fn add_to(self, decoded: Decoded) -> Decoded {
        Decoded { sent: self.sent.into_inner(), library: self.library.into_inner(), ..decoded }
    }
}
