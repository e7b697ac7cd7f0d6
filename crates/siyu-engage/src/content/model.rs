//! What a campaign says, as it is written and stored.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The content of a campaign; its shape follows the channel.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Content {
    Email(EmailTemplate),
    Webhook(WebhookTemplate),
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailTemplate {
    pub subject: String,
    pub html: String,
    /// Made from the HTML if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Shown by `{{ coupon }}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookTemplate {
    /// Not a template: what a person is called must not change whom we call.
    pub url: String,
    /// `POST` or `PUT`.
    #[serde(default = "post")]
    pub method: String,
    /// JSON; every text in it is a template.
    pub body: serde_json::Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
}

fn post() -> String {
    "POST".to_owned()
}

impl Content {
    /// The channel it can be sent by.
    pub fn channel(&self) -> &'static str {
        match self {
            Content::Email(_) => "email",
            Content::Webhook(_) => "webhook",
        }
    }
}
