//! Clients of the outer world: mail, webhooks, files.
