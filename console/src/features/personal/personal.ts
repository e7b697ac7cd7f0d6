/** Words and questions that the pages about personal data share. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { FieldKind, Look, PersonalSettings } from "../../api/types";
import { useNames } from "../../app/names";

export const CLASSES = ["phone", "name", "email", "id_card", "bank_card", "address", "birthday", "other"] as const;
export const LEVELS = ["clear", "masked", "hidden"] as const;
export const ROLES = ["owner", "operator", "analyst", "viewer"] as const;

/** Looks of one kind, or all. */
export const LOOKS = ["all", "opened", "listed", "revealed", "exported"] as const;
export type LookChoice = (typeof LOOKS)[number];

/** What the address asks for. */
export function lookOf(text: string | undefined): LookChoice {
  return LOOKS.find((look) => look === text) ?? "all";
}

/** The mark of an export and what was exported: `SY-7K2M-… 黑金会员`. */
export function exportOf(detail: string): { code: string; title: string } {
  const [code = "", ...rest] = detail.split(" ");
  return { code, title: rest.join(" ") };
}

/** What a mask leaves of a made-up value. */
export const EXAMPLES: Record<(typeof CLASSES)[number], string> = {
  phone: "138****5678",
  name: "王**",
  email: "w**@example.com",
  id_card: "110****2X",
  bank_card: "622202****7890",
  address: "浙江省杭州市西湖区****",
  birthday: "1990-**-**",
  other: "me****23",
};

export function usePersonalSettings() {
  return useQuery({ queryKey: ["/personal"], queryFn: ({ signal }) => get<PersonalSettings>("/personal", { signal }) });
}

export function fieldPath(kind: FieldKind, name: string): string {
  return `/personal/fields/${kind}/${encodeURIComponent(name)}`;
}

export function usePersonalNames() {
  const { t } = useTranslation();
  const names = useNames();
  const field = (kind: string, name: string) => (kind === "identifier" ? names.namespace(name) : names.property(name));
  return {
    field,
    /** What of a person, a list or a file was seen. */
    detail: (look: Look): string => {
      if (look.what === "revealed") {
        const [kind = "", ...rest] = look.detail.split(":");
        return field(kind, rest.join(":"));
      }
      if (look.what === "exported") return look.detail;
      return look.detail.split(",").map((part) => t(`personal.parts.${part as "page"}`, { defaultValue: part })).join(t("personal.and"));
    },
  };
}
