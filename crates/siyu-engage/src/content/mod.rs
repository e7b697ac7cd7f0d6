//! Content: templates that people write and everybody gets rendered. User data
//! is only ever a value, never a template; work and size are bounded; a value
//! that is missing and has no default stops the message instead of leaving a hole.

mod context;
mod filters;
mod html;
mod model;
mod sandbox;
mod template;
#[cfg(test)]
mod tests;

pub(crate) use html::escape;
pub use html::{Tracking, text_of, track};
pub use model::{Content, EmailTemplate, WebhookTemplate};
pub use template::{Compiled, Rendered, Setting, Shown, missing_names};
