/** Display names of what customers and systems call things: events, properties, identifiers, reasons. */
import i18next from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Group, Identifier, Props, Value } from "../api/types";
import type { Texts } from "../i18n";
import { usePlanNames, type GivenNames } from "../api/catalog";
import { MONEY_SUFFIX, useFormats, type Formats } from "../ui/format";

type NameTable = keyof Texts["names"];

function lookUp(language: string, table: NameTable, name: string): string | undefined {
  const bundle: Texts | undefined = i18next.getResourceBundle(language, "translation");
  const texts: Record<string, string> | undefined = bundle?.names[table];
  return texts && Object.hasOwn(texts, name) ? texts[name] : undefined;
}

export interface Names {
  /** What the tracking plan calls it, else the translated name of a standard event, else its own name. */
  event: (name: string, display?: string | null) => string;
  property: (name: string) => string;
  /** Of an item, not of a person: its name is no personal name. */
  itemProperty: (name: string) => string;
  /** A type of items that nobody gave a name of its own. */
  itemType: (name: string) => string;
  namespace: (name: string) => string;
  reason: (name: string) => string;
  /** A value as people read it; money by the property's name. */
  value: (property: string, value: Value) => string;
  number: (property: string, value: number) => string;
  /** The value of a tag; the classes of RFM have names. */
  tagValue: (value: Value) => string;
  group: (group: Group) => string;
}

/** The name the tracking plan gives in this language, or in the other one. */
function called(given: GivenNames, table: keyof GivenNames, language: string, name: string): string | undefined {
  const found = given[table]?.get(name);
  if (!found) return undefined;
  return language === "en" ? found.display_en || found.display_zh : found.display_zh || found.display_en;
}

export function makeNames(language: string, format: Formats, words: { yes: string; no: string; missing: string; other: string; whole: string }, given: GivenNames = {}): Names {
  const number = (property: string, value: number) => (property.endsWith(MONEY_SUFFIX) ? format.money(value) : format.number(value));
  return {
    event: (name, display) => called(given, "events", language, name) ?? lookUp(language, "events", name) ?? (display || name),
    property: (name) => called(given, "properties", language, name) ?? called(given, "attributes", language, name) ?? lookUp(language, "properties", name) ?? name,
    itemProperty: (name) => lookUp(language, "item_properties", name) ?? called(given, "properties", language, name) ?? lookUp(language, "properties", name) ?? name,
    itemType: (name) => lookUp(language, "item_types", name) ?? name,
    namespace: (name) => {
      const [kind = name, scope] = name.split(":");
      const plain = lookUp(language, "namespaces", kind) ?? kind;
      return scope ? `${plain} (${scope})` : plain;
    },
    reason: (name) => lookUp(language, "suppression", name) ?? name,
    number,
    tagValue: (value) => (typeof value === "string" ? (lookUp(language, "rfm", value) ?? value) : String(value)),
    value: (property, value) => {
      if (typeof value === "boolean") return value ? words.yes : words.no;
      if (typeof value === "number") return number(property, value);
      if (property === "cause" && typeof value === "string") return lookUp(language, "causes", value) ?? value;
      return Array.isArray(value) ? value.join(", ") : value;
    },
    group: (group) => {
      if (group.kind === "value") return lookUp(language, "rfm", group.value) ?? group.value;
      if (group.kind === "missing") return words.missing;
      return group.kind === "other" ? words.other : words.whole;
    },
  };
}

export function useNames(): Names {
  const { t, i18n } = useTranslation();
  const format = useFormats();
  const given = usePlanNames();
  return useMemo(
    () =>
      makeNames(i18n.language, format, {
        yes: t("app.yes"),
        no: t("app.no"),
        missing: t("analyses.group_missing"),
        other: t("analyses.group_other"),
        whole: t("analyses.group_whole"),
      }, given),
    [t, i18n.language, format, given],
  );
}

const NAMESPACE_ORDER = ["phone", "email", "login", "device"];

/** What to call a person: a name if there is one, else the best identifier. */
export function personTitle(person: { person: number; attributes: Props; identifiers: Identifier[] }): string {
  const { name } = person.attributes;
  if (typeof name === "string" && name !== "") return name;
  const best = person.identifiers.toSorted((a, b) => order(a) - order(b))[0];
  return best?.value ?? `#${person.person}`;
}

function order(identifier: Identifier): number {
  const at = NAMESPACE_ORDER.indexOf(identifier.namespace);
  return at === -1 ? NAMESPACE_ORDER.length : at;
}
