/** ⌘K: pages, actions, segments, tags, campaigns, and people by any identifier. Pinyin finds pages too. */
import { useQuery } from "@tanstack/react-query";
import { CornerDownLeft } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useSegments, useTags } from "../api/catalog";
import { get } from "../api/client";
import { useList } from "../api/query";
import type { Campaign, Page, PersonRow } from "../api/types";
import { paths, type Search } from "../paths";
import { matches, Modal } from "../ui";
import { personTitle, useNames } from "./names";
import { NAV } from "./nav";
import { PLACES } from "./places";
import { useGo } from "./router";
import { useSession } from "./session";
import { useDebounced } from "./useDebounced";

interface Entry {
  key: string;
  group: string;
  label: string;
  words: string;
  to: string;
  search?: Search;
}

const SHOWN_MAX = 12;
const TYPING_MILLIS = 250;
/** Three signs, or the two of a Chinese name: fewer fit too many people to be worth a look. */
const WORTH_A_LOOK = /^(?:.{3,}|\p{Script=Han}{2})$/u;
const PEOPLE_MAX = 5;

function useEntries(): Entry[] {
  const { t } = useTranslation();
  const { may } = useSession();
  const segments = useSegments().data ?? [];
  const tags = useTags().data ?? [];
  const campaigns = useQuery({ queryKey: ["/campaigns", "all"], queryFn: ({ signal }) => get<Page<Campaign>>("/campaigns", { query: { limit: 200 }, signal }) }).data?.items ?? [];
  // Beside a page stands the group it is in, so that the eye learns where it is.
  const pages = NAV.flatMap((group) => group.items.map((item) => ({ ...item, group: t(group.title ?? "palette.pages") }))).filter((item) => may(item.needs));
  const places = PLACES.filter((place) => may(place.needs));
  const actions: Entry[] = [
    { key: "new-segment", group: t("palette.actions"), label: t("palette.new_segment"), words: "xinjianrenqun xjrq new segment", to: paths.newSegment },
    { key: "new-campaign", group: t("palette.actions"), label: t("palette.new_campaign"), words: "xinjianyingxiaohuodong xjyxhd new campaign", to: paths.campaigns, search: { tab: "new" } },
    { key: "new-tag", group: t("palette.actions"), label: t("palette.new_tag"), words: "xinjianbiaoqian xjbq new tag", to: paths.newTag },
    { key: "me", group: t("palette.pages"), label: t("nav.me"), words: "wodezhanghao wdzh", to: paths.me },
    { key: "new-import", group: t("palette.actions"), label: t("palette.new_import"), words: "daoruwenjian drwj import", to: paths.newImport },
  ];
  return [
    ...pages.map((item) => ({ key: item.to, group: item.group, label: t(item.title), words: `${item.pinyin} ${item.to}`, to: item.to })),
    ...actions,
    ...places.map((place) => ({ key: `${place.to}?${place.search.tab ?? ""}`, group: t(place.page), label: t(place.title), words: place.pinyin, to: place.to, search: place.search })),
    ...segments.map((item) => ({ key: `segment-${item.id}`, group: t("nav.segments"), label: item.name, words: "", to: paths.segment(item.id) })),
    ...tags.map((item) => ({ key: `tag-${item.id}`, group: t("nav.tags"), label: item.display || item.name, words: item.name, to: paths.tag(item.id) })),
    ...campaigns.map((item) => ({ key: `campaign-${item.id}`, group: t("nav.campaigns"), label: item.name, words: "", to: paths.campaign(item.id) })),
  ];
}

/** People by what is typed: the end of a phone number leads to somebody without a list in between. */
function useFoundPeople(text: string): Entry[] {
  const { t } = useTranslation();
  const { may } = useSession();
  const names = useNames();
  const query = useDebounced(text, TYPING_MILLIS);
  const found = useList<PersonRow>("/people", { query, limit: PEOPLE_MAX }, may("people.read") && WORTH_A_LOOK.test(query));
  if (query !== text || !WORTH_A_LOOK.test(query)) return [];
  return (found.items ?? []).map((person) => {
    const title = personTitle(person);
    const known = person.identifiers.filter((id) => id.namespace !== "device" && id.value !== title).slice(0, 2);
    return { key: `person-${person.person}`, group: t("nav.people"), label: [title, ...known.map((id) => `${names.namespace(id.namespace)} ${id.value}`)].join(" · "), words: "", to: paths.person(person.person) };
  });
}

export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const entries = useEntries();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = entries.filter((entry) => matches(text, `${entry.label} ${entry.words}`)).slice(0, SHOWN_MAX);
  const query = text.trim();
  const people = useFoundPeople(query);
  const shown: Entry[] =
    query === "" ? found : [...found, ...people, { key: "people", group: t("nav.people"), label: t("palette.people", { text: query }), words: "", to: paths.people, search: { query } }];
  const open = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    go(entry.to, entry.search);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : shown.length - 1;
      setAt((before) => (before + step) % shown.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      open(shown[at]);
    }
  };
  return (
    <Modal open onCancel={onClose} footer={null} closable={false} width={600} style={{ top: 96 }} styles={{ container: { padding: 0 } }} destroyOnHidden>
      <input
        className="palette-input"
        autoFocus
        value={text}
        placeholder={t("palette.placeholder")}
        aria-label={t("nav.search")}
        aria-controls="palette-list"
        aria-activedescendant={shown[at] ? `palette-${shown[at].key}` : undefined}
        role="combobox"
        aria-expanded
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
      />
      <ul id="palette-list" className="palette-list" role="listbox" aria-label={t("nav.search")}>
        {shown.map((entry, index) => (
          <li key={entry.key} id={`palette-${entry.key}`} role="option" aria-selected={index === at} onPointerMove={() => setAt(index)} onClick={() => open(entry)}>
            <span className="grow ellipsis">{entry.label}</span>
            <span className="muted small">{entry.group}</span>
            {index === at && <CornerDownLeft size={13} aria-hidden />}
          </li>
        ))}
        {shown.length === 0 && <li className="muted" role="option" aria-selected={false}>{t("palette.empty")}</li>}
      </ul>
    </Modal>
  );
}
