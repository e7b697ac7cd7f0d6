//! Campaigns, delivery, protection, content.
