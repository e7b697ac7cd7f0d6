/** The list of what happened on days: add, change and remove. Opened from the menu of a chart. */
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { patch, post, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Annotation } from "../../api/types";
import { useSession } from "../../app/session";
import { Button, Drawer, IconButton, Input, Loaded, useConfirm, useFormats, useToast } from "../../ui";
import { useAnnotations } from "./useAnnotations";

const NOTE_CHARS_MAX = 200;

interface Draft {
  id?: number;
  day: string;
  note: string;
}

export function AnnotationsDrawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer open={open} onClose={onClose} title={t("annotations.title")} size={440} destroyOnHidden>
      {open && <Annotations />}
    </Drawer>
  );
}

function Annotations() {
  const { t } = useTranslation();
  const toast = useToast();
  const confirm = useConfirm();
  const { may } = useSession();
  const all = useAnnotations();
  const [editing, setEditing] = useState<Annotation | null>(null);
  const drop = useWrite((id: number) => remove(`/annotations/${id}`), ["/annotations"]);
  const writes = may("analyses.write");
  const ask = (row: Annotation) =>
    confirm({ title: t("annotations.delete_title", { note: row.note }), content: t("annotations.delete_text"), action: t("app.delete"), danger: true, run: () => drop.mutateAsync(row.id).then(() => toast.done(t("app.deleted"))) });
  return (
    <div className="stack">
      <p className="help">{t("annotations.help")}</p>
      {writes && <Editor key={editing?.id ?? 0} row={editing} onDone={() => setEditing(null)} />}
      <Loaded query={all}>
        {(rows) => (rows.length === 0 ? <p className="help">{t("annotations.empty")}</p> : (
          <ul className="annotations">
            {rows.map((row) => (
              <li key={row.id}>
                <time className="num muted" dateTime={row.day}>{row.day}</time>
                <span className="annotation-note">{row.note}</span>
                {writes && (
                  <span className="row row-tight">
                    <IconButton label={t("annotations.change")} icon={<Pencil size={14} />} onClick={() => setEditing(row)} />
                    <IconButton label={t("app.delete")} icon={<Trash2 size={14} />} onClick={() => ask(row)} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        ))}
      </Loaded>
    </div>
  );
}

function Editor({ row, onDone }: { row: Annotation | null; onDone: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const format = useFormats();
  const [draft, setDraft] = useState<Draft>(() => row ?? { day: format.date(Date.now()), note: "" });
  const body = { day: draft.day, note: draft.note.trim() };
  const write = useWrite(() => (row ? patch<Annotation>(`/annotations/${row.id}`, body) : post<Annotation>("/annotations", body)), ["/annotations"]);
  const keep = () =>
    write.mutate(undefined, {
      onSuccess: () => {
        toast.done(t(row ? "app.saved" : "annotations.added"));
        setDraft({ ...draft, note: "" });
        onDone();
      },
      onError: toast.failed,
    });
  return (
    <form className="annotation-form" onSubmit={(event) => { event.preventDefault(); if (body.note !== "") keep(); }}>
      <Input type="date" required style={{ width: 150 }} aria-label={t("annotations.day")} value={draft.day} onChange={(event) => setDraft({ ...draft, day: event.target.value })} />
      <Input autoFocus aria-label={t("annotations.note")} placeholder={t("annotations.example")} maxLength={NOTE_CHARS_MAX} value={draft.note} onChange={(event) => setDraft({ ...draft, note: event.target.value })} />
      <span className="row row-tight">
        <Button type="primary" htmlType="submit" disabled={body.note === "" || draft.day === ""} loading={write.isPending}>{t(row ? "app.save" : "annotations.add")}</Button>
        {row && <Button onClick={onDone}>{t("app.cancel")}</Button>}
      </span>
    </form>
  );
}
