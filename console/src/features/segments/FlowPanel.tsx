/** Who came to a segment and who went, count by count, and the people behind each number. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { PersonRow, SegmentStep } from "../../api/types";
import { ListTable, type Column } from "../../table";
import { DateTime, Empty, Label, Modal, Num, TextButton, useFormats } from "../../ui";
import { PeopleTable } from "../people/PeopleTable";

type Side = "joined" | "left";

export function FlowPanel({ segment }: { segment: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<{ step: SegmentStep; side: Side } | null>(null);
  const list = useList<SegmentStep>(`/segments/${segment}/flow`, { limit: 20 });
  const count = (step: SegmentStep, side: Side) =>
    step[side] === 0 ? <span className="muted">–</span> : <TextButton onClick={() => setOpen({ step, side })}>{side === "joined" ? "+" : "−"}<Num value={step[side]} /></TextButton>;
  const columns: Column<SegmentStep>[] = [
    {
      key: "at",
      title: t("segments.flow_at"),
      cell: (step) => (
        <span className="row row-tight">
          <DateTime at={step.at} />
          {!step.after && <Label>{t("segments.flow_first")}</Label>}
          {step.redefined && <Label tone="warning">{t("segments.flow_redefined")}</Label>}
        </span>
      ),
    },
    { key: "joined", title: t("segments.flow_joined"), align: "end", cell: (step) => count(step, "joined") },
    { key: "left", title: t("segments.flow_left"), align: "end", cell: (step) => count(step, "left") },
    { key: "reshaped", title: t("segments.flow_reshaped"), align: "end", wideOnly: true, cell: (step) => (step.reshaped === 0 ? <span className="muted">–</span> : <span className="num" title={t("segments.flow_reshaped_help")}>{step.reshaped > 0 ? "+" : ""}{step.reshaped}</span>) },
    { key: "people", title: t("segments.flow_people"), align: "end", cell: (step) => <Num value={step.people} /> },
  ];
  return (
    <>
      <p className="help">{t("segments.flow_help")}</p>
      <ListTable label={t("segments.flow")} list={list} columns={columns} rowKey={(step) => step.at} empty={<p className="help">{t("segments.flow_none")}</p>} />
      {open && <FlowPeople segment={segment} step={open.step} side={open.side} onClose={() => setOpen(null)} />}
    </>
  );
}

function FlowPeople({ segment, step, side, onClose }: { segment: number; step: SegmentStep; side: Side; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormats();
  const people = useList<PersonRow>(`/segments/${segment}/flow/people`, { at: step.at, side });
  return (
    <Modal open centered width={860} footer={null} title={t(`segments.flow_${side}_title`, { at: format.dateTime(step.at) })} onCancel={onClose}>
      <PeopleTable list={people} empty={<Empty title={t("segments.nobody")} />} />
    </Modal>
  );
}
