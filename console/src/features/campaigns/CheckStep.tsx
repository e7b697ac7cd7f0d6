/** Step 4: exactly who gets it and who does not, a test to oneself, and the start. */
import { useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Audience, Campaign } from "../../api/types";
import { useNames } from "../../app/names";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { Distribution } from "../../chart";
import { Field } from "../../form";
import { paths } from "../../paths";
import { Button, Input, Loaded, Num, Panel, Stat, TextButton, useConfirm, useFormats, useToast } from "../../ui";
import type { StepProps } from "./CampaignEditor";
import type { Step } from "./draft";

interface CheckStepProps extends StepProps {
  missing: Step[];
  saved: boolean;
  goTo: (step: Step) => void;
}

export function CheckStep({ campaign, draft, missing, saved, goTo }: CheckStepProps) {
  const { t } = useTranslation();
  if (missing.length > 0) {
    return (
      <Panel title={t("campaigns.step_check")}>
        <p>{t("campaigns.lacking")}</p>
        <div className="row" style={{ marginTop: 8 }}>{missing.map((step) => <TextButton key={step} onClick={() => goTo(step)}>{t(`campaigns.step_${step}`)}</TextButton>)}</div>
      </Panel>
    );
  }
  return <Ready campaign={campaign} channel={draft.channel} saved={saved} />;
}

function Ready({ campaign, channel, saved }: { campaign: Campaign; channel: Campaign["channel"]; saved: boolean }) {
  const { t } = useTranslation();
  const audience = useQuery({
    queryKey: ["/campaigns/audience", campaign.id],
    queryFn: ({ signal }) => post<Audience>(`/campaigns/${campaign.id}/audience`, {}, { signal }),
    enabled: saved,
    retry: false,
  });
  return (
    <div className="halves">
      <Panel title={t("campaigns.who_gets_it")} help={t("campaigns.who_help")}>
        <Loaded query={audience}>{(data) => <AudienceNumbers campaign={campaign} channel={channel} audience={data} saved={saved} />}</Loaded>
      </Panel>
      <TestSend campaign={campaign} channel={channel} saved={saved} />
    </div>
  );
}

/** Of very large audiences the server looks at a sample; its numbers are scaled to all. */
function scaled(audience: Audience) {
  const { chosen, looked_at, suppressed_by_reason } = audience;
  const sampled = looked_at > 0 && looked_at < chosen;
  const scale = (people: number) => (sampled ? Math.round((people * chosen) / looked_at) : people);
  const reasons = suppressed_by_reason.map((item) => ({ reason: item.reason, people: scale(item.people) }));
  return { sampled, reasons, reachable: scale(audience.reachable), control: scale(audience.control), suppressed: reasons.reduce((sum, item) => sum + item.people, 0) };
}

interface AudienceNumbersProps {
  campaign: Campaign;
  channel: Campaign["channel"];
  audience: Audience;
  saved: boolean;
}

function AudienceNumbers({ campaign, channel, audience, saved }: AudienceNumbersProps) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const confirm = useConfirm();
  const { may } = useSession();
  const start = useWrite(() => post<Campaign>(`/campaigns/${campaign.id}/start`), ["/campaigns", "/overview", "/jobs"]);
  const { reachable, control, suppressed, reasons, sampled } = scaled(audience);
  const approximately = (people: number) => (sampled ? t("campaigns.about", { people: format.number(people) }) : format.number(people));
  const ask = () =>
    confirm({
      title: t(`campaigns.confirm_${channel}`, { people: approximately(reachable) }),
      content: (
        <div className="stack stack-tight">
          {control > 0 && <p>{t("campaigns.confirm_control", { people: approximately(control) })}</p>}
          {suppressed > 0 && <p>{t("campaigns.confirm_suppressed", { people: approximately(suppressed) })}</p>}
          <p className="strong">{t("campaigns.confirm_final")}</p>
        </div>
      ),
      action: t("campaigns.start"),
      run: () => start.mutateAsync(undefined),
    });
  return (
    <div className="stack">
      {audience.automated && <div className="note tone-info">{t("consent.automated_note")}</div>}
      <div className="stats">
        <Stat label={t("campaigns.chosen")}><Num value={audience.chosen} /></Stat>
        <Stat label={t("campaigns.control")}><Num value={control} /></Stat>
        <Stat label={t("campaigns.suppressed")}><Num value={suppressed} /></Stat>
        <Stat label={t("campaigns.reachable")}><span className="brand"><Num value={reachable} /></span></Stat>
      </div>
      {sampled && <p className="help">{t("campaigns.sampled", { people: format.number(audience.looked_at) })}</p>}
      {reasons.length > 0 && (
        <div>
          <p className="help">{t("campaigns.why_not")}</p>
          <Distribution rows={reasons.map((item) => ({ key: item.reason, name: names.reason(item.reason), value: item.people }))} total={audience.chosen} />
          <p className="help"><Link to={paths.protection}>{t("nav.protection")}</Link></p>
        </div>
      )}
      {may("campaigns.send") && (
        <Button type="primary" size="large" icon={<Send size={15} />} disabled={!saved || reachable === 0} loading={start.isPending} onClick={ask}>
          {t("campaigns.start_n", { people: approximately(reachable) })}
        </Button>
      )}
    </div>
  );
}

function TestSend({ campaign, channel, saved }: { campaign: Campaign; channel: Campaign["channel"]; saved: boolean }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { session, may } = useSession();
  const [to, setTo] = useState(session.user.email);
  const test = useWrite(() => post(`/campaigns/${campaign.id}/test`, { to: channel === "email" ? to : undefined }));
  if (!may("campaigns.send")) return null;
  return (
    <Panel title={t("campaigns.test")} help={t("campaigns.test_help")}>
      <div className="form">
        {channel === "email" && (
          <Field label={t("login.email")}>{(control) => <Input {...control} type="email" value={to} onChange={(event) => setTo(event.target.value)} />}</Field>
        )}
        <div>
          <Button disabled={!saved || (channel === "email" && to.trim() === "")} loading={test.isPending} onClick={() => test.mutate(undefined, { onSuccess: () => toast.done(t("campaigns.test_sent")), onError: toast.failed })}>
            {t("campaigns.send_test")}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
