/** Who was erased, by number, and what was removed where. */
import { useQuery } from "@tanstack/react-query";
import { Download, Eraser } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import { useList } from "../../api/query";
import type { Erasure, ErasureCertificate, ErasureDetail } from "../../api/types";
import type { Texts } from "../../i18n";
import { ListTable, type Column } from "../../table";
import { Button, DateTime, Drawer, Empty, Label, Loaded, Num, Panel, Status, type Tone } from "../../ui";

const TONES: Record<Erasure["state"], Tone> = { ordered: "warning", removing: "info", done: "success" };
/** The server's codes, each with its words. */
type Steps = Texts["erasure"]["steps"];
type Removals = Texts["erasure"]["removed"];
type Remains = Texts["erasure"]["remains"];
/** How often one under way is looked at. */
const LOOK_MILLIS = 2_000;

export function Erasures() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Erasure | null>(null);
  const list = useList<Erasure>("/erasures");
  const columns: Column<Erasure>[] = [
    { key: "person", title: t("erasure.number"), cell: (row) => <Label>#{row.person}</Label> },
    { key: "state", title: t("erasure.state"), cell: (row) => <Status tone={TONES[row.state]}>{t(`erasure.states.${row.state}`)}</Status> },
    { key: "reason", title: t("erasure.reason"), cell: (row) => row.reason },
    { key: "at", title: t("erasure.applied"), cell: (row) => <DateTime at={row.applied_at ?? row.ordered_at} /> },
    { key: "by", title: t("erasure.by"), wideOnly: true, cell: (row) => row.ordered_by },
  ];
  return (
    <Panel flush title={t("erasure.list")} help={t("erasure.list_help")}>
      <ListTable label={t("erasure.list")} list={list} columns={columns} rowKey={(row) => row.id} onOpen={setOpen} empty={<Empty icon={<Eraser size={28} strokeWidth={1.5} />} title={t("erasure.none")}>{t("erasure.none_text")}</Empty>} />
      {open !== null && <ErasureDrawer id={open.id} onClose={() => setOpen(null)} />}
    </Panel>
  );
}

export function ErasureDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ["/erasures", id],
    queryFn: ({ signal }) => get<ErasureDetail>(`/erasures/${id}`, { signal }),
    refetchInterval: (asked) => (asked.state.data?.state === "done" ? false : LOOK_MILLIS),
  });
  return (
    <Drawer title={t("erasure.one", { id })} open onClose={onClose} size={560} extra={query.data?.state === "done" && <Button icon={<Download size={16} />} href={`/api/v1/erasures/${id}/certificate`}>{t("erasure.download")}</Button>}>
      <Loaded query={query} rows={10}>{(erasure) => <Whole erasure={erasure} />}</Loaded>
    </Drawer>
  );
}

function Whole({ erasure }: { erasure: ErasureDetail }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <dl className="pairs">
        <dt>{t("erasure.number")}</dt>
        <dd>#{erasure.person}</dd>
        <dt>{t("erasure.state")}</dt>
        <dd><Status tone={TONES[erasure.state]}>{t(`erasure.states.${erasure.state}`)}</Status></dd>
        <dt>{t("erasure.reason")}</dt>
        <dd>{erasure.reason}</dd>
        <dt>{t("erasure.by")}</dt>
        <dd>{erasure.ordered_by} · <DateTime at={erasure.ordered_at} /></dd>
        {erasure.applied_at && <dt>{t("erasure.applied")}</dt>}
        {erasure.applied_at && <dd><DateTime at={erasure.applied_at} /></dd>}
        {erasure.finished_at && <dt>{t("erasure.finished")}</dt>}
        {erasure.finished_at && <dd><DateTime at={erasure.finished_at} /></dd>}
      </dl>
      <h3>{t("erasure.steps_title")}</h3>
      <dl className="pairs">
        {erasure.steps.map((step) => (
          <Step key={step.step} step={step} />
        ))}
      </dl>
      {erasure.state === "done" && <Certificate id={erasure.id} />}
    </div>
  );
}

function Step({ step }: { step: ErasureDetail["steps"][number] }) {
  const { t } = useTranslation();
  const counted = step.removed.filter((one) => one.count > 0);
  return (
    <>
      <dt>{t(`erasure.steps.${step.step as keyof Steps}`)}</dt>
      <dd>
        {step.state !== "done" ? (
          <span className="muted">{t(`erasure.step_states.${step.state}`)}</span>
        ) : counted.length === 0 ? (
          <span className="muted">{t("erasure.nothing")}</span>
        ) : (
          counted.map((one) => (
            <div key={one.what}>{t(`erasure.removed.${one.what as keyof Removals}`)} <Num value={one.count} /></div>
          ))
        )}
      </dd>
    </>
  );
}

/** What remains and why, and by what the list of identifiers is known again. */
function Certificate({ id }: { id: number }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["/erasures", id, "certificate"], queryFn: ({ signal }) => get<ErasureCertificate>(`/erasures/${id}/certificate`, { signal }) });
  return (
    <Loaded query={query} rows={4}>
      {(certificate) => (
        <>
          <h3>{t("erasure.remains_title")}</h3>
          <ul className="stack stack-tight">
            {certificate.remains.map((what) => <li key={what}>{t(`erasure.remains.${what as keyof Remains}`)}</li>)}
          </ul>
          <p className="small muted">{t("erasure.digest", { count: certificate.identifiers })} <code style={{ overflowWrap: "anywhere" }}>{certificate.identifiers_digest}</code></p>
        </>
      )}
    </Loaded>
  );
}
