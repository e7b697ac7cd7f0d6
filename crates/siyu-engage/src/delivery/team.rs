//! Messages to the team about the product itself. No guard is asked: whoever gets them is an
//! address of the settings, not a person. They are counted nowhere; whoever has something to
//! tell keeps what became of it.

use siyu_connect::addresses::check_email;
use siyu_connect::{Content, EmailContent, Message, Outcome, WebhookContent};
use siyu_types::ProjectId;
use siyu_types::error::Result;
use siyu_types::ports::{PortFuture, Tells};
use siyu_types::telling::{Receiver, TeamMessage, Told};

use crate::Engage;
use crate::channels::not_configured;

impl Tells for Engage {
    fn check<'a>(&'a self, project: ProjectId, receiver: &'a Receiver) -> PortFuture<'a, Result<()>> {
        Box::pin(async move {
            match receiver {
                Receiver::Email { to } => check_email(to)?,
                Receiver::Webhook { url } => self.channels.check_url(url)?,
            }
            match self.channels.is_configured(project, receiver.channel()).await? {
                true => Ok(()),
                false => Err(not_configured(receiver.channel()).at(receiver.field())),
            }
        })
    }

    fn tell<'a>(
        &'a self,
        project: ProjectId,
        receiver: &'a Receiver,
        message: &'a TeamMessage,
    ) -> PortFuture<'a, Result<Told>> {
        Box::pin(async move {
            let channel = self.channels.open(project, receiver.channel()).await?;
            let repeatable = channel.repeatable();
            // A mail whose outcome is not known is not sent again (ADR 6).
            if message.again && !repeatable {
                let reason = "the process ended while the message was handed over".to_owned();
                return Ok(Told::Unknown { reason, repeatable });
            }
            let (send_id, at) = (message.send_id.clone(), self.clock.now());
            let message = Message { send_id, at, content: content(receiver, message) };
            Ok(match channel.send(&message).await {
                Outcome::Accepted { .. } => Told::Accepted,
                Outcome::Refused { reason, .. } => Told::Refused { reason },
                Outcome::Transient { cause, reason } => Told::Transient { code: cause.code(), reason },
                Outcome::Unknown { reason } => Told::Unknown { reason, repeatable },
            })
        })
    }
}

fn content(receiver: &Receiver, message: &TeamMessage) -> Content {
    match receiver {
        Receiver::Email { to } => Content::Email(EmailContent {
            to: to.clone(),
            subject: message.subject.clone(),
            html: message.html.clone(),
            text: message.text.clone(),
            unsubscribe_url: None,
        }),
        Receiver::Webhook { url } => Content::Webhook(WebhookContent {
            url: url.clone(),
            method: "POST".to_owned(),
            body: message.body.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use siyu_connect::mail_catcher::{Fault, FaultRule};
    use siyu_testkit::databases;
    use siyu_types::error::ErrorCode;

    use super::*;
    use crate::testing::{PROJECT, Town, receiver};

    fn mail(to: &str) -> Receiver {
        Receiver::Email { to: to.to_owned() }
    }

    fn message(again: bool) -> TeamMessage {
        TeamMessage {
            send_id: "alert-00000000000000000000000000000001".to_owned(),
            again,
            subject: "开始预警".to_owned(),
            text: "数值:3".to_owned(),
            html: "<p>数值:3</p>".to_owned(),
            body: json!({ "alert": 1 }).to_string(),
        }
    }

    #[tokio::test]
    async fn who_can_be_told() {
        let database = databases::sqlite().await;
        let town = Town::open(database.db.clone(), 1).await;
        let hook = |url: &str| Receiver::Webhook { url: url.to_owned() };
        let check = async |receiver: Receiver| {
            let found = town.engage.check(PROJECT, &receiver).await;
            found.err().map(|error| (error.code, error.field.unwrap_or_default()))
        };
        let refused = |code, field: &str| Some((code, field.to_owned()));
        assert_eq!(
            check(hook("https://8.8.8.8/x")).await,
            refused(ErrorCode::ChannelNotConfigured, "url"),
            "a channel without settings"
        );
        town.ok("PUT", "/api/v1/channels/webhook", json!({ "secret": "sixteen-letters!" })).await;
        for (receiver, found) in [
            (mail("ops@shop.example"), None),
            (mail("ops"), refused(ErrorCode::InvalidInput, "to")),
            (hook("https://8.8.8.8/x"), None),
            (hook("somewhere"), refused(ErrorCode::InvalidInput, "url")),
            (hook("ftp://8.8.8.8/x"), refused(ErrorCode::ForbiddenAddress, "url")),
            (hook("http://10.0.0.8/x"), refused(ErrorCode::ForbiddenAddress, "url")),
        ] {
            assert_eq!(check(receiver.clone()).await, found, "{receiver:?}");
        }
    }

    #[tokio::test]
    async fn mail_is_never_repeated_and_a_webhook_has_its_key() {
        let database = databases::sqlite().await;
        let town = Town::open(database.db.clone(), 1).await;
        let ops = mail("ops@shop.example");
        let tell = async |receiver: &Receiver, again| {
            town.engage.tell(PROJECT, receiver, &message(again)).await.expect("has an outcome")
        };
        assert_eq!(tell(&ops, false).await, Told::Accepted);
        assert!(matches!(tell(&ops, true).await, Told::Unknown { repeatable: false, .. }));
        assert_eq!(town.mails()["ops@shop.example"], 1);
        let fault = |fault| town.catcher.inject(FaultRule { to: None, fault, times: Some(1) });
        fault(Fault::RefuseRecipient { code: 550, words: "5.1.1 nobody".into() });
        let Told::Refused { reason } = tell(&ops, false).await else { panic!("was not refused") };
        assert!(reason.contains("nobody"), "{reason}");
        fault(Fault::RefuseRecipient { code: 451, words: "later".into() });
        let later = tell(&ops, false).await;
        assert!(matches!(later, Told::Transient { code: ErrorCode::ProviderRefused, .. }), "{later:?}");

        town.ok("PUT", "/api/v1/channels/webhook", json!({ "secret": "sixteen-letters!" })).await;
        let (url, served) = receiver(&[500, 200]).await;
        let hook = Receiver::Webhook { url };
        assert!(matches!(tell(&hook, false).await, Told::Unknown { repeatable: true, .. }));
        assert_eq!(tell(&hook, true).await, Told::Accepted);
        let keys = served.await.expect("served");
        assert!(keys.iter().all(|key| *key == message(false).send_id), "{keys:?}");
    }
}
