//! A transaction, with what seals texts that are written in it.

use std::ops::{Deref, DerefMut};

use sqlx::AnyConnection;

use crate::Texts;

/// A transaction that may write. Dropped without `commit` it is rolled back.
pub struct Tx {
    inner: sqlx::Transaction<'static, sqlx::Any>,
    texts: Texts,
}

impl Tx {
    pub(crate) fn new(inner: sqlx::Transaction<'static, sqlx::Any>, texts: Texts) -> Tx {
        Tx { inner, texts }
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.inner.commit().await
    }

    /// Seals and opens texts of rows.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}
