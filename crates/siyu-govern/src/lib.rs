//! Accounts, access, audit, consent.
