/** Copies of everything about a person: made, taken, handed out. */
import { useQuery } from "@tanstack/react-query";
import { Download, KeyRound, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { download, get, post, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { CopyCode, Page, RightsCopy, RightsRequest } from "../../api/types";
import { JobProgress, useJob } from "../../app/Jobs";
import { useSession } from "../../app/session";
import { Ago, Button, CopyButton, DateTime, Label, Loaded, Modal, Segmented, Status, useConfirm, useFormats, useToast, type Tone } from "../../ui";
import { TOUCHED } from "./rights";

const TONES: Record<RightsCopy["state"], Tone> = { making: "info", ready: "success", failed: "danger", removed: "neutral" };

interface Props {
  person: number;
  request?: RightsRequest;
}

export function Copies({ person, request }: Props) {
  const { t } = useTranslation();
  const { may } = useSession();
  const path = request ? `/rights/requests/${request.id}/copies` : `/people/${person}/copies`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<Page<RightsCopy>>(path, { signal }) });
  const works = !request || request.state === "working";
  return (
    <div className="stack">
      {may("rights.export") ? works && <Make person={person} request={request} /> : <p className="note tone-neutral">{t("rights.export_needed")}</p>}
      <Loaded query={query} rows={2}>
        {({ items }) => (items.length === 0 ? <p className="help">{t("rights.no_copies")}</p> : (
          <ul className="rights-copies">{items.map((copy) => <Copy key={copy.id} copy={copy} request={request} />)}</ul>
        ))}
      </Loaded>
    </div>
  );
}

function Make({ person, request }: Props) {
  const { t } = useTranslation();
  const toast = useToast();
  const [language, setLanguage] = useState<"zh" | "en">(request?.language === "en" ? "en" : "zh");
  const make = useWrite(() => post<RightsCopy>(`/people/${person}/copies`, { language, ...(request ? { request: request.id } : {}) }), TOUCHED);
  return (
    <div className="stack stack-tight">
      <p className="help">{t("rights.copy_help")}</p>
      <div className="row">
        <Segmented<"zh" | "en"> aria-label={t("rights.report_language")} value={language} onChange={setLanguage} options={[{ value: "zh", label: "中文" }, { value: "en", label: "English" }]} />
        <Button type="primary" loading={make.isPending} onClick={() => make.mutate(undefined, { onError: toast.failed })}>{t("rights.make_copy")}</Button>
      </div>
    </div>
  );
}

function Copy({ copy, request }: { copy: RightsCopy; request: RightsRequest | undefined }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const total = copy.contents.reduce((sum, content) => sum + content.count, 0);
  const events = copy.contents.find((content) => content.area === "events")?.count ?? 0;
  return (
    <li>
      <div className="spread">
        <span className="row">
          <Status tone={TONES[copy.state]}>{t(`rights.copy_states.${copy.state}`)}</Status>
          <span className="small muted">#{copy.id} · {copy.language === "en" ? "English" : "中文"} · {copy.created_by} · <Ago at={copy.created_at} /></span>
        </span>
        {copy.state === "ready" && <span className="small num">{formats.bytes(copy.bytes)}</span>}
      </div>
      {copy.state === "making" && <Making job={copy.job} />}
      {copy.state === "failed" && <p className="help">{t("rights.copy_failed")}</p>}
      {copy.state === "ready" && (
        <>
          <p className="small muted">{t("rights.copy_holds", { total: formats.number(total), events: formats.number(events) })} {t("rights.copy_until")} <DateTime at={copy.expires_at} /></p>
          <div className="row">
            {copy.downloads > 0 && <Label>{t("rights.downloaded", { count: copy.downloads })}</Label>}
            {copy.fetches > 0 && <Label tone="success">{t("rights.fetched", { count: copy.fetches })}</Label>}
            {copy.handed_out && copy.fetches === 0 && <Label tone={copy.locked ? "danger" : "info"}>{copy.locked ? t("rights.locked") : t("rights.handed_out")}</Label>}
          </div>
          <CopyActions copy={copy} request={request} />
        </>
      )}
    </li>
  );
}

/** Follows the job; when it ends the list is asked again. */
function Making({ job: id }: { job: number }) {
  const job = useJob(id);
  const refresh = useWrite(() => Promise.resolve(), TOUCHED);
  const over = job.data && job.data.state !== "queued" && job.data.state !== "running";
  const { mutate } = refresh;
  useEffect(() => {
    if (over) mutate(undefined);
  }, [over, mutate]);
  return job.data ? <JobProgress job={job.data} /> : null;
}

function CopyActions({ copy, request }: { copy: RightsCopy; request: RightsRequest | undefined }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const toast = useToast();
  const confirm = useConfirm();
  const [code, setCode] = useState<string | null>(null);
  const take = useWrite(() => download(`/rights/copies/${copy.id}/file`, `copy-${copy.id}.zip`), TOUCHED);
  const handOut = useWrite(() => post<CopyCode>(`/rights/copies/${copy.id}/hand_out`), TOUCHED);
  const drop = useWrite(() => remove(`/rights/copies/${copy.id}`), TOUCHED);
  if (!may("rights.export")) return null;
  const ask = () => confirm({ title: t("rights.remove_copy"), content: t("rights.remove_copy_help"), action: t("rights.remove_copy"), danger: true, run: () => drop.mutateAsync(undefined) });
  return (
    <div className="row">
      <Button size="small" icon={<Download size={14} />} loading={take.isPending} onClick={() => take.mutate(undefined, { onError: toast.failed })}>{t("rights.download")}</Button>
      {request && <Button size="small" icon={<KeyRound size={14} />} loading={handOut.isPending} disabled={!request.verified} title={request.verified ? undefined : t("rights.verify_first")} onClick={() => handOut.mutate(undefined, { onSuccess: (made) => setCode(made.code), onError: toast.failed })}>{copy.handed_out ? t("rights.another_code") : t("rights.hand_out")}</Button>}
      <Button size="small" type="text" icon={<Trash2 size={14} />} onClick={ask}>{t("rights.remove_copy")}</Button>
      {code !== null && (
        <Modal open centered width={440} title={t("rights.code")} footer={<Button type="primary" onClick={() => setCode(null)}>{t("app.done")}</Button>} onCancel={() => setCode(null)}>
          <div className="stack">
            <p className="rights-code" data-testid="code">{code}</p>
            <div><CopyButton text={code} label={t("app.copy")} /></div>
            <p className="help">{t("rights.code_help")}</p>
          </div>
        </Modal>
      )}
    </div>
  );
}
