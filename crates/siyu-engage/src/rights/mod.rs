//! What is kept of a person here, and what campaigns decided about them, for those who
//! ask: messages with what became of them, lists, and why they got a message or not.

mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use siyu_audience::rights::{Area, Decision, DecisionKind, Keeper, Subject, Text};
use siyu_http::At;
use siyu_types::ports::PortFuture;
use siyu_types::{ErrorCode, Result};

use crate::Engage;
use crate::campaigns::{self, Campaign};
use crate::delivery::{SendRow, SendState, of_people};
use crate::protection::{address_target, person_target};

/// Messages of one person in one copy.
const MESSAGES_MAX: i64 = 5_000;

impl Keeper for Engage {
    fn kept<'a>(&'a self, of: &'a Subject) -> PortFuture<'a, Result<Vec<Area>>> {
        Box::pin(async move { Ok(vec![self.messages(of).await?, self.lists(of).await?]) })
    }

    fn decided<'a>(&'a self, about: &'a Subject) -> PortFuture<'a, Result<Vec<Decision>>> {
        Box::pin(async move {
            let sends = of_people(&self.db, about.project, &about.numbers, MESSAGES_MAX).await?;
            let campaigns = self.campaigns_of(about, &sends).await?;
            let decided =
                sends.iter().filter_map(|send| Some(decision(send, campaigns.get(&send.campaign)?)));
            Ok(decided.collect())
        })
    }
}

/// A campaign, and the words of its segment.
struct Known {
    campaign: Campaign,
    why: Text,
}

impl Engage {
    async fn messages(&self, of: &Subject) -> Result<Area> {
        let mut sends = of_people(&self.db, of.project, &of.numbers, MESSAGES_MAX + 1).await?;
        let cut = sends.len() as i64 > MESSAGES_MAX;
        sends.truncate(MESSAGES_MAX as usize);
        let campaigns = self.campaigns_of(of, &sends).await?;
        let ids: Vec<String> = sends.iter().map(|send| send.send_id.clone()).collect();
        let mut happened = store::happened(&self.db, &ids).await?;
        let items = sends.iter().map(|send| {
            let campaign = campaigns.get(&send.campaign).map(|known| &known.campaign);
            let reactions: serde_json::Map<String, Json> = happened
                .remove(&send.send_id)
                .unwrap_or_default()
                .into_iter()
                .map(|(kind, at)| (kind, json!(At(at))))
                .collect();
            json!({ "at": send.decided_at.or(send.finished_at).map(At),
                "campaign": campaign.map(|campaign| campaign.name.as_str()),
                "channel": campaign.map(|campaign| campaign.channel.as_str()),
                "purpose": campaign.map(|campaign| campaign.purpose.as_str()),
                "state": send.state, "reason": send.reason, "delivered_at": send.delivered_at.map(At),
                "finished_at": send.finished_at.map(At), "reactions": reactions })
        });
        Ok(Area { cut, ..Area::new("messages", items.collect()) })
    }

    async fn lists(&self, of: &Subject) -> Result<Area> {
        let mut targets: Vec<String> = of.numbers.iter().map(|number| person_target(*number)).collect();
        for id in &of.identifiers {
            for channel in siyu_govern::consent::CHANNELS {
                targets.push(address_target(&self.links.secret().address_hash(channel, &id.value)));
            }
        }
        let lists = store::lists(&self.db, of.project, &targets).await?;
        let items = lists.into_iter();
        let items =
            items.map(|(channel, reason, at)| json!({ "at": At(at), "channel": channel, "reason": reason }));
        Ok(Area::new("lists", items.collect()))
    }

    /// The campaigns of these messages. One that was deleted tells nothing any more.
    async fn campaigns_of(&self, of: &Subject, sends: &[SendRow]) -> Result<HashMap<i64, Known>> {
        let mut known = HashMap::new();
        for send in sends {
            if known.contains_key(&send.campaign) {
                continue;
            }
            match campaigns::get(&self.db, of.project, send.campaign).await {
                Ok(campaign) => {
                    let segment = campaign.segment;
                    let why = segment.map(|segment| self.audience.segment_words(of.project, segment));
                    let why = why.transpose()?.unwrap_or_else(|| Text::new("", ""));
                    known.insert(send.campaign, Known { campaign, why });
                }
                Err(error) if error.code == ErrorCode::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(known)
    }
}

fn decision(send: &SendRow, Known { campaign, why }: &Known) -> Decision {
    let mut facts = Vec::new();
    if send.state == SendState::Withheld {
        let percent = campaign.control_percent;
        facts.push(Text::new(
            format!("为衡量效果，随机抽取 {percent}% 的人不发送"),
            format!("to measure what the message changes, {percent}% were drawn at random and got none"),
        ));
    }
    if let Some(reason) = &send.reason {
        let (zh, en) = reason_words(reason);
        facts.push(Text::new(zh, en));
    }
    Decision {
        kind: DecisionKind::Campaign,
        id: campaign.id,
        name: campaign.name.clone(),
        outcome: outcome(send.state),
        at: send.decided_at.or(send.finished_at).map(At),
        automated: campaign.automated,
        why: why.clone(),
        facts,
    }
}

fn outcome(state: SendState) -> Text {
    let (zh, en) = match state {
        SendState::Pending => ("等待发送", "waits to be sent"),
        SendState::Attempting => ("正在发送", "is being sent"),
        SendState::Sent => ("已发送", "sent"),
        SendState::Failed => ("发送失败", "could not be sent"),
        SendState::Unknown => ("结果未知", "not known whether it was sent"),
        SendState::Suppressed => ("决定不发送", "not sent"),
        SendState::Withheld => ("对照组，不发送", "in the control group, not sent"),
        SendState::Cancelled => ("活动取消，未发送", "the campaign was cancelled, not sent"),
    };
    Text::new(zh, en)
}

/// Why protection refused, in words; see `protection::Refusal`.
fn reason_words(reason: &str) -> (&str, &str) {
    match reason {
        "gone" => ("用户已不存在", "no longer exists"),
        "no_address" => ("没有可用地址", "there is no usable address"),
        "consent_withdrawn" => ("您已撤回同意", "you withdrew your consent"),
        "consent_missing" => ("您没有同意过", "you never consented"),
        "consent_expired" => ("您的同意已到期", "your consent has expired"),
        "minor" => ("未成年人，没有监护人同意", "a minor without a guardian's consent"),
        "automated_refused" => ("您拒绝自动化决策", "you refuse automated decisions"),
        "suppressed" => ("在免打扰名单中", "on the suppression list"),
        "same_address" => ("地址与他人重复", "the address is shared with somebody else"),
        "cap_person" => ("达到个人频次上限", "you had as many messages as a person may get"),
        "cap_address" => ("达到地址频次上限", "the address had as many messages as it may get"),
        "missing_variable" => ("缺少内容所需的信息", "something the message needs is not known"),
        "not_renderable" => ("内容无法生成", "the message could not be made"),
        other => (other, other),
    }
}
