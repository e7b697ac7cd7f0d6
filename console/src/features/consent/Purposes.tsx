/** The register of purposes. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Purpose } from "../../api/types";
import { useSession } from "../../app/session";
import { DataTable, type Column } from "../../table";
import { Button, DateTime, Label, Loaded, Panel } from "../../ui";
import { PurposeDrawer } from "./PurposeDrawer";
import { EVERY_CHANNEL, useConsentNames, usePurposes } from "./consent";

export function Purposes() {
  const { t } = useTranslation();
  const names = useConsentNames();
  const { may } = useSession();
  const query = usePurposes();
  const [open, setOpen] = useState<Purpose | "new" | null>(null);
  const silence = (purpose: Purpose) => {
    const [first, ...others] = Object.values(purpose.silence);
    if (first && others.every((means) => means === first)) return `${names.channel(EVERY_CHANNEL)} · ${t(`consent.silence.${first}`)}`;
    return Object.entries(purpose.silence)
      .toSorted(([a], [b]) => Number(b === EVERY_CHANNEL) - Number(a === EVERY_CHANNEL) || a.localeCompare(b))
      .map(([channel, means]) => `${channel === EVERY_CHANNEL && Object.keys(purpose.silence).length > 1 ? t("consent.channels.others") : names.channel(channel)} · ${t(`consent.silence.${means}`)}`)
      .join(" / ");
  };
  const columns: Column<Purpose>[] = [
    {
      key: "name",
      title: t("consent.purpose"),
      cell: (row) => (
        <div>
          <div className="row row-tight">
            <strong>{names.purpose(row)}</strong>
            {row.essential && <Label>{t("consent.essential")}</Label>}
            {row.sensitive && <Label tone="warning">{t("consent.sensitive")}</Label>}
            {row.archived && <Label>{t("consent.archived")}</Label>}
          </div>
          <p className="help">{names.description(row)}</p>
        </div>
      ),
    },
    { key: "silence", title: t("consent.unsaid"), wideOnly: true, cell: (row) => (row.essential ? "–" : silence(row)) },
    { key: "version", title: t("consent.text"), width: 96, cell: (row) => <span style={{ whiteSpace: "nowrap" }}>{t("consent.version", { version: row.version })}</span> },
    { key: "basis", title: t("consent.basis"), wideOnly: true, cell: (row) => t(`consent.bases.${row.basis}`) },
    { key: "at", title: t("consent.changed"), wideOnly: true, cell: (row) => (row.updated_at ? <DateTime at={row.updated_at} /> : <span className="muted">{t("consent.shipped")}</span>) },
  ];
  return (
    <div className="stack">
      <Loaded query={query} rows={7}>
        {(purposes) => (
          <>
            {purposes.some((purpose) => purpose.id === "marketing" && Object.values(purpose.silence).includes("opt_out")) && <div className="note tone-warning">{t("consent.opt_out_note")}</div>}
            <Panel flush extra={may("protection.manage") && <Button onClick={() => setOpen("new")}>{t("consent.new_purpose")}</Button>} title={t("consent.purposes")}>
              <DataTable label={t("consent.purposes")} columns={columns} rows={purposes} rowKey={(row) => row.id} onOpen={setOpen} />
            </Panel>
          </>
        )}
      </Loaded>
      {open !== null && <PurposeDrawer purpose={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </div>
  );
}
