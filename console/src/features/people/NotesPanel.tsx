/** What colleagues wrote down about a person. */
import { useQuery } from "@tanstack/react-query";
import { Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, patch, post, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Note, Page, Person } from "../../api/types";
import { useSession } from "../../app/session";
import { Ago, Button, IconButton, Input, Loaded, TextButton, useConfirm, useToast } from "../../ui";
import { Section } from "./Section";

const TEXT_MAX = 2000;
const SHOWN = 3;

export function NotesPanel({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const path = `/people/${person.person}/notes`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<Page<Note>>(path, { signal }) });
  const [all, setAll] = useState(false);
  return (
    <Section title={t("people.notes")}>
      {may("people.note") && <NewNote person={person.person} />}
      <Loaded query={query} rows={2}>
        {({ items }) => (
          <>
            {items.length === 0 && !may("people.note") && <p className="help">{t("people.no_notes")}</p>}
            <ul className="notes">{(all ? items : items.slice(0, SHOWN)).map((note) => <NoteItem key={note.id} person={person.person} note={note} />)}</ul>
            {items.length > SHOWN && <TextButton className="small" onClick={() => setAll(!all)}>{all ? t("people.fewer") : t("people.more", { count: items.length - SHOWN })}</TextButton>}
          </>
        )}
      </Loaded>
    </Section>
  );
}

/** What a note changes: the list, and the timeline it stands in. */
function touched(person: number): string[] {
  return [`/people/${person}/notes`, `/people/${person}/timeline`];
}

export function NewNote({ person }: { person: number }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const write = useWrite((draft: { text: string }) => post<Note>(`/people/${person}/notes`, draft), touched(person));
  const save = () => {
    if (text.trim() === "") return;
    write.mutate({ text }, { onSuccess: () => setText(""), onError: toast.failed });
  };
  return (
    <div className="note-new">
      <Input.TextArea
        aria-label={t("people.note_new")}
        placeholder={t("people.note_new")}
        rows={1}
        // Only while somebody writes: working out its height costs as much as the rest of the panel.
        autoSize={open || text !== "" ? { minRows: 2, maxRows: 8 } : undefined}
        maxLength={TEXT_MAX}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) save();
        }}
      />
      {text.trim() !== "" && <Button type="primary" size="small" loading={write.isPending} onClick={save}>{t("people.note_save")}</Button>}
    </div>
  );
}

function NoteItem({ person, note }: { person: number; note: Note }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const toast = useToast();
  const confirm = useConfirm();
  const [draft, setDraft] = useState<string | null>(null);
  const change = useWrite((what: { text?: string; pinned?: boolean }) => patch<Note>(`/people/${person}/notes/${note.id}`, what), touched(person));
  const drop = useWrite(() => remove(`/people/${person}/notes/${note.id}`), touched(person));
  if (draft !== null) {
    return (
      <li className="note-new">
        <Input.TextArea autoFocus aria-label={t("people.note_edit")} autoSize={{ minRows: 2, maxRows: 10 }} maxLength={TEXT_MAX} value={draft} onChange={(event) => setDraft(event.target.value)} />
        <span className="row">
          <Button type="primary" size="small" loading={change.isPending} disabled={draft.trim() === ""} onClick={() => change.mutate({ text: draft }, { onSuccess: () => setDraft(null), onError: toast.failed })}>{t("people.note_save")}</Button>
          <Button size="small" onClick={() => setDraft(null)}>{t("app.cancel")}</Button>
        </span>
      </li>
    );
  }
  return (
    <li className={note.pinned ? "note-item note-pinned" : "note-item"}>
      <p>{note.text}</p>
      <footer>
        <span className="small muted">{note.pinned && <Pin size={11} aria-label={t("people.note_pinned")} />} {note.author} · <Ago at={note.created_at} />{note.edited_at && ` · ${t("people.note_edited")}`}</span>
        {may("people.note") && (
          <span className="about-act">
            <IconButton label={t(note.pinned ? "people.note_unpin" : "people.note_pin")} icon={note.pinned ? <PinOff size={13} /> : <Pin size={13} />} onClick={() => change.mutate({ pinned: !note.pinned }, { onError: toast.failed })} />
            {note.mine && <IconButton label={t("people.note_edit")} icon={<Pencil size={13} />} onClick={() => setDraft(note.text)} />}
            {note.mine && (
              <IconButton
                label={t("people.note_delete")}
                icon={<Trash2 size={13} />}
                onClick={() => confirm({ title: t("people.note_delete_title"), content: <p className="note-quote">{note.text}</p>, action: t("people.note_delete"), danger: true, run: () => drop.mutateAsync(undefined) })}
              />
            )}
          </span>
        )}
      </footer>
    </li>
  );
}
