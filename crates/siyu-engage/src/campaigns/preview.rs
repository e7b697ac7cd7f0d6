//! Previews and test sends: the message as one person would get it.

use siyu_connect::Content as Sendable;
use siyu_govern::masking;
use siyu_govern::personal::Look;
use siyu_types::error::{Error, Result};
use siyu_types::value::Props;
use siyu_types::{FieldKind, Viewer};

use super::model::Campaign;
use crate::Engage;
use crate::audience::PersonView;
use crate::content::{Rendered, Shown};

/// A rendered message and the names that had no value.
pub struct Preview {
    pub rendered: Rendered,
    pub missing: Vec<String>,
    pub variables: Vec<String>,
    /// The person it was rendered for, if there was one.
    pub person: Option<u32>,
}

/// Renders for a person, for the first of the audience, or for nobody. Links are
/// real in form but belong to no send: following them counts nothing. What the viewer
/// sees masked is masked in the message too.
pub async fn preview(
    engage: &Engage,
    viewer: &Viewer,
    campaign: &Campaign,
    person: Option<u32>,
) -> Result<Preview> {
    let compiled = super::compile(&*engage.audience, campaign.project, &campaign.content)?;
    let chosen = match (person, campaign.segment) {
        (Some(person), _) => Some(person),
        (None, Some(segment)) => engage.members(campaign.project, segment).await?.min(),
        (None, None) => None,
    };
    let mut view: Option<PersonView> = match chosen {
        Some(number) => engage.audience.people(campaign.project, &[number])?.pop().flatten(),
        None => None,
    };
    if let (Some(person), None) = (person, &view) {
        return Err(Error::not_found("person", person));
    }
    if let Some(view) = &mut view {
        let look = Look::listed(viewer, engage.clock.now(), "preview", vec![view.person]);
        engage.govern.looked(look).await?;
        let all = std::mem::take(&mut view.attributes).into_iter();
        let masked = all.map(|(name, value)| {
            let value = masking::shown_value(viewer, FieldKind::Attribute, &name, value);
            (name, value)
        });
        view.attributes = masked.collect();
    }
    let empty = (Props::new(), Props::new());
    let (attributes, tags) =
        view.as_ref().map_or((&empty.0, &empty.1), |view| (&view.attributes, &view.tags));
    let shown = Shown { person: view.as_ref().map_or(0, |view| view.person), attributes, tags };
    let to = view.as_ref().and_then(|view| view.email.clone()).unwrap_or_default();
    // Only our own links, so that the others can be read as written.
    let own = engage.links.of("preview");
    let links = crate::content::Tracking {
        unsubscribe: own.unsubscribe,
        preferences: own.preferences,
        ..crate::content::Tracking::default()
    };
    let (rendered, missing) = compiled.preview(&shown, &to, &links)?;
    Ok(Preview { rendered, missing, variables: compiled.variables(), person: view.map(|view| view.person) })
}

/// The message of a test send: marked, and to the address that was typed in.
pub fn as_test(rendered: Rendered, to: &str) -> Sendable {
    match rendered {
        Rendered::Email(mut mail) => {
            mail.subject = format!("[测试] {}", mail.subject);
            mail.to = to.to_owned();
            Sendable::Email(mail)
        }
        Rendered::Webhook(hook) => Sendable::Webhook(hook),
    }
}
