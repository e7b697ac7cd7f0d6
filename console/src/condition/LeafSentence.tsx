/** One leaf as a sentence of chips; each chip opens the editor of its part. */
import { Ban, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAttributes, useEventNames, useSegments, useTags } from "../api/catalog";
import type { EventLeaf, Leaf, OrderLeaf } from "../api/types";
import { useNames } from "../app/names";
import { Chip, IconButton, useFormats } from "../ui";
import { FilterEditor, ORDERS } from "./FilterEditor";
import { MeasureEditor } from "./MeasureEditor";
import { OptionList } from "./OptionList";
import { OrderMeasureEditor } from "./OrderMeasureEditor";
import { RelationEditor } from "./RelationEditor";
import { RangeEditor } from "./RangeEditor";
import { ANY_EVENT, isDidNot, leafTokens, type Slot, type Token } from "./sentence";
import { defaultTest, TestEditor } from "./TestEditor";
import { useDictionary } from "./useDictionary";

interface LeafSentenceProps {
  leaf: Leaf;
  negated: boolean;
  onChange: (leaf: Leaf) => void;
  onNegate: () => void;
  onRemove: () => void;
}

export function LeafSentence({ leaf, negated, onChange, onNegate, onRemove }: LeafSentenceProps) {
  const { t } = useTranslation();
  const dictionary = useDictionary();
  const tokens = leafTokens(leaf, negated, dictionary);
  const firstMissing = tokens.findIndex((token) => token.missing);
  const toggles = (slot: Slot) => {
    if (slot === "member") return onNegate;
    if (slot === "did" && leaf.kind === "event") return () => onChange(withDid(leaf, isDidNot(leaf)));
    return null;
  };
  return (
    <div className="sentence">
      <div className="sentence-words">
        {negated && leaf.kind !== "segment" && (
          <button type="button" className="chip chip-not" onClick={onNegate} title={t("condition.negate")}>{t("condition.not_leaf")}</button>
        )}
        {tokens.map((token, index) => {
          if (token.slot === null) return <span key={index} className="sentence-plain">{token.text}</span>;
          const toggle = toggles(token.slot);
          if (toggle) return <button key={token.slot} type="button" className="chip" onClick={toggle}>{token.text}</button>;
          return <TokenChip key={token.slot} token={token} slot={token.slot} leaf={leaf} onChange={onChange} openAtFirst={index === firstMissing} />;
        })}
        {((leaf.kind === "event" && leaf.event !== "") || leaf.kind === "order") && (
          <button
            type="button"
            className="chip chip-add"
            title={t("condition.add_filter")}
            aria-label={t("condition.add_filter")}
            onClick={() => onChange({ ...leaf, filters: [...leaf.filters, { property: "", test: { op: "is", values: [] } }] })}
          >
            + {t("condition.add_filter")}
          </button>
        )}
      </div>
      <div className="sentence-tools">
        {leaf.kind !== "segment" && leaf.kind !== "event" && <IconButton label={t("condition.negate")} icon={<Ban size={14} />} onClick={onNegate} />}
        <IconButton label={t("condition.remove")} icon={<X size={15} />} onClick={onRemove} />
      </div>
    </div>
  );
}

function withDid(leaf: EventLeaf, did: boolean): EventLeaf {
  return did ? { ...leaf, measure: { kind: "count" }, compare: "at_least", value: 1 } : { ...leaf, measure: { kind: "count" }, compare: "equal", value: 0 };
}

interface TokenChipProps {
  token: Token;
  slot: Slot;
  leaf: Leaf;
  onChange: (leaf: Leaf) => void;
  openAtFirst: boolean;
}

function TokenChip({ token, slot, leaf, onChange, openAtFirst }: TokenChipProps) {
  const { t } = useTranslation();
  return (
    <Chip
      label={t("condition.edit", { what: token.text })}
      missing={token.missing}
      openAtFirst={openAtFirst}
      editor={(close) => <SlotEditor slot={slot} leaf={leaf} onChange={onChange} close={close} />}
    >
      {token.text}
    </Chip>
  );
}

interface SlotEditorProps {
  slot: Slot;
  leaf: Leaf;
  onChange: (leaf: Leaf) => void;
  close: () => void;
}

function SlotEditor({ slot, leaf, onChange, close }: SlotEditorProps) {
  if (leaf.kind === "event") return <EventSlotEditor slot={slot} leaf={leaf} onChange={onChange} close={close} />;
  if (leaf.kind === "order") return <OrderSlotEditor slot={slot} leaf={leaf} onChange={onChange} close={close} />;
  if (leaf.kind === "attribute") return <AttributeSlotEditor slot={slot} leaf={leaf} onChange={onChange} close={close} />;
  if (leaf.kind === "relation") return <RelationEditor slot={slot} leaf={leaf} onChange={onChange} close={close} />;
  if (leaf.kind === "tag") return <TagSlotEditor slot={slot} leaf={leaf} onChange={onChange} close={close} />;
  return <SegmentPicker value={leaf.segment} onPick={(segment) => { onChange({ ...leaf, segment }); close(); }} />;
}

function EventSlotEditor({ slot, leaf, onChange, close }: SlotEditorProps & { leaf: EventLeaf }) {
  if (slot === "window") return <RangeEditor value={leaf.window} onChange={(window) => onChange({ ...leaf, window })} />;
  if (slot === "measure") return <MeasureEditor leaf={leaf} onChange={onChange} />;
  if (slot === "event") {
    return (
      <EventPicker
        value={leaf.event}
        onPick={(event) => {
          const measure = "property" in leaf.measure ? { measure: { kind: "count" } as const, value: 1 } : {};
          onChange(event === leaf.event ? leaf : { ...leaf, event, filters: [], ...measure });
          close();
        }}
      />
    );
  }
  const index = Number(slot.slice("filter:".length));
  const filter = leaf.filters[index];
  if (!filter) return null;
  return (
    <FilterEditor
      event={leaf.event}
      value={filter}
      onChange={(next) => onChange({ ...leaf, filters: leaf.filters.with(index, next) })}
      onRemove={() => {
        close();
        onChange({ ...leaf, filters: leaf.filters.filter((_, at) => at !== index) });
      }}
    />
  );
}

function OrderSlotEditor({ slot, leaf, onChange, close }: SlotEditorProps & { leaf: OrderLeaf }) {
  if (slot === "window") return <RangeEditor value={leaf.window} onChange={(window) => onChange({ ...leaf, window })} />;
  if (slot === "measure") return <OrderMeasureEditor leaf={leaf} onChange={onChange} />;
  const index = Number(slot.slice("filter:".length));
  const filter = leaf.filters[index];
  if (!filter) return null;
  return (
    <FilterEditor
      event={ORDERS}
      value={filter}
      onChange={(next) => onChange({ ...leaf, filters: leaf.filters.with(index, next) })}
      onRemove={() => {
        close();
        onChange({ ...leaf, filters: leaf.filters.filter((_, at) => at !== index) });
      }}
    />
  );
}

interface EventPickerProps {
  value: string;
  onPick: (event: string) => void;
  /** Any event may be meant. */
  any?: boolean;
}

export function EventPicker({ value, onPick, any }: EventPickerProps) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const events = useEventNames().data ?? [];
  const options: { value: string; label: string; keywords: string; note?: string }[] = events.map((event) => ({ value: event.name, label: names.event(event.name, event.display), keywords: event.name, note: format.compact(event.count) }));
  if (any) options.unshift({ value: ANY_EVENT, label: names.event(ANY_EVENT), keywords: "any renyi ry" });
  return <OptionList options={options} value={value} onPick={onPick} label={t("condition.choose_event")} empty={t("condition.no_events")} />;
}

function AttributeSlotEditor({ slot, leaf, onChange, close }: SlotEditorProps & { leaf: Extract<Leaf, { kind: "attribute" }> }) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const attributes = useAttributes().data ?? [];
  const kind = attributes.find((attribute) => attribute.name === leaf.name)?.kind ?? "text";
  if (slot === "test") return <TestEditor value={leaf.test} kind={kind} onChange={(test) => onChange({ ...leaf, test })} source={{ kind: "attribute", name: leaf.name }} />;
  const options = attributes.map((attribute) => ({ value: attribute.name, label: names.property(attribute.name), keywords: attribute.name, note: format.compact(attribute.count) }));
  const pick = (name: string) => {
    onChange({ ...leaf, name, test: defaultTest(attributes.find((attribute) => attribute.name === name)?.kind ?? "text") });
    close();
  };
  return <OptionList options={options} value={leaf.name} onPick={pick} label={t("condition.choose_attribute")} empty={t("people.no_attributes")} />;
}

function TagSlotEditor({ slot, leaf, onChange, close }: SlotEditorProps & { leaf: Extract<Leaf, { kind: "tag" }> }) {
  const { t } = useTranslation();
  const format = useFormats();
  const tags = useTags().data ?? [];
  if (slot === "test") {
    const values = tags.find((tag) => tag.id === leaf.tag)?.values.map((item) => item.value) ?? [];
    return <TestEditor value={leaf.test} kind="text" onChange={(test) => onChange({ ...leaf, test })} source={{ kind: "fixed", values }} />;
  }
  const options = tags.map((tag) => ({ value: tag.id, label: tag.display || tag.name, keywords: tag.name, note: format.compact(tag.coverage) }));
  return <OptionList options={options} value={leaf.tag} onPick={(tag) => { onChange({ kind: "tag", tag, test: { op: "is", values: [] } }); close(); }} label={t("condition.choose_tag")} empty={t("tags.empty")} />;
}

export function SegmentPicker({ value, onPick }: { value: number; onPick: (segment: number) => void }) {
  const { t } = useTranslation();
  const format = useFormats();
  const segments = useSegments().data ?? [];
  const options = segments.map((segment) => ({ value: segment.id, label: segment.name, note: format.compact(segment.count) }));
  return <OptionList options={options} value={value} onPick={onPick} label={t("condition.choose_segment")} empty={t("segments.empty")} />;
}
