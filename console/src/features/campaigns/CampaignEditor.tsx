/** A draft, in four steps. Every change is saved by itself. */
import { Check, CloudCheck, CloudUpload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Campaign } from "../../api/types";
import { useGo, usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, Page, useConfirm, useToast } from "../../ui";
import { AudienceStep } from "./AudienceStep";
import { CampaignStatus } from "./CampaignStatus";
import { CheckStep } from "./CheckStep";
import { lacking, STEPS, type CampaignDraft, type Step } from "./draft";
import { GoalStep } from "./GoalStep";
import { MessageStep } from "./MessageStep";
import { useAutosave } from "./useAutosave";

export interface StepProps {
  campaign: Campaign;
  draft: CampaignDraft;
  change: (part: Partial<CampaignDraft>) => void;
}

export function CampaignEditor({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const go = useGo();
  const confirm = useConfirm();
  const toast = useToast();
  const { may } = useSession();
  const [search, setSearch] = usePageSearch();
  const { draft, change, saving, saved } = useAutosave(campaign);
  const drop = useWrite(() => remove(`/campaigns/${campaign.id}`), ["/campaigns"]);
  const step = STEPS.find((item) => item === search.step) ?? "audience";
  const missing = lacking(draft);
  const at = STEPS.indexOf(step);
  const goTo = (next: Step) => {
    setSearch({ step: next });
    window.scrollTo({ top: 0 });
  };
  const askDelete = () =>
    confirm({
      title: t("campaigns.delete_title", { name: draft.name }),
      content: t("campaigns.delete_text"),
      action: t("app.delete"),
      danger: true,
      run: async () => {
        await drop.mutateAsync(undefined);
        toast.done(t("app.deleted"));
        go(paths.campaigns);
      },
    });
  const props: StepProps = { campaign, draft, change };
  return (
    <Page
      title={draft.name || t("campaigns.campaign")}
      status={
        <>
          <CampaignStatus state="draft" />
          <span className="muted small row row-tight" role="status">
            {saved ? <CloudCheck size={15} aria-hidden /> : <CloudUpload size={15} aria-hidden />}
            {t(saving ? "campaigns.saving" : saved ? "campaigns.autosaved" : "campaigns.unsaved")}
          </span>
        </>
      }
      back={{ label: t("nav.campaigns"), onClick: () => go(paths.campaigns) }}
      more={may("campaigns.write") ? [{ key: "delete", danger: true, label: t("app.delete"), onClick: askDelete }] : undefined}
      moreLabel={t("app.more")}
    >
      <nav className="stepper" aria-label={t("campaigns.steps")}>
        {STEPS.map((item, index) => (
          <button key={item} type="button" aria-current={item === step ? "step" : undefined} className={item === step ? "stepper-on" : undefined} onClick={() => goTo(item)}>
            <span className="stepper-mark">{item !== "check" && !missing.includes(item) ? <Check size={13} aria-hidden /> : index + 1}</span>
            {t(`campaigns.step_${item}`)}
          </button>
        ))}
      </nav>
      {step === "audience" && <AudienceStep {...props} />}
      {step === "message" && <MessageStep {...props} />}
      {step === "goal" && <GoalStep {...props} />}
      {step === "check" && <CheckStep {...props} missing={missing} saved={saved} goTo={goTo} />}
      <div className="spread">
        {at > 0 ? <Button onClick={() => goTo(STEPS[at - 1] ?? "audience")}>{t("campaigns.previous")}</Button> : <span />}
        {at < STEPS.length - 1 && <Button type="primary" onClick={() => goTo(STEPS[at + 1] ?? "check")}>{t("campaigns.next")}</Button>}
      </div>
    </Page>
  );
}
