//! Argon2id, with the parameters OWASP asks for (the crate's defaults).

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use siyu_types::{Error, Result};

use crate::Govern;

impl Govern {
    pub(crate) async fn hash_password(&self, password: String) -> Result<String> {
        let salt = self.salt();
        self.hashing(move || {
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(Error::internal)
        })
        .await?
    }

    /// Takes as long for an address that nobody has (`hash` is `None`), so that the
    /// duration does not tell which addresses exist.
    pub(crate) async fn password_fits(&self, password: String, hash: Option<String>) -> Result<bool> {
        const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        self.hashing(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let fits = Argon2::default().verify_password(password.as_bytes(), hash.as_str());
            known && fits.is_ok()
        })
        .await
    }

    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _slot = self.inner.hashing.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}
