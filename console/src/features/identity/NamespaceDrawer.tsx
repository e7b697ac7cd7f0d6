/** One namespace: what it is, how many a person may have, how many people may share a value. */
import { useTranslation } from "react-i18next";
import type { Namespace } from "../../api/types";
import { useNames } from "../../app/names";
import { Button, Checkbox, Drawer, Input, InputNumber, ManyValues, Pick } from "../../ui";
import { CLASSES } from "./identity";

const NORMALISERS = ["text", "lower", "phone", "email"] as const;
const NONE = "";

export function freshNamespace(known: Namespace[]): Namespace {
  let number = 1;
  while (known.some((namespace) => namespace.name === `id_${number}`)) number += 1;
  return { name: `id_${number}`, class: "strong", normaliser: "text", per_person: 1, scoped: false, enabled: true, per_person_days: 0, replaces: false, people_max: 0, people_days: 0, parent: null, blocked: [] };
}

interface NamespaceDrawerProps {
  namespace: Namespace;
  others: Namespace[];
  /** In force already: its name and whether it is scoped stay. */
  known: boolean;
  /** Kept as hashes already: that and the form stay. */
  hashed: boolean;
  onChange: (namespace: Namespace) => void;
  onRemove: () => void;
  onClose: () => void;
}

export function NamespaceDrawer({ namespace, others, known, hashed, onChange, onRemove, onClose }: NamespaceDrawerProps) {
  const { t } = useTranslation();
  const names = useNames();
  const set = (change: Partial<Namespace>) => onChange({ ...namespace, ...change });
  const single = namespace.per_person === 1;
  return (
    <Drawer open size={460} title={names.namespace(namespace.name)} onClose={onClose} extra={<Button type="primary" onClick={onClose}>{t("app.done")}</Button>}>
      <div className="stack">
        <Field label={t("identity.name")} help={t("identity.name_help")}>
          <Input disabled={known} maxLength={40} value={namespace.name} onChange={(event) => set({ name: event.target.value.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_") })} />
        </Field>
        <Field label={t("identity.class")} help={t(`identity.classes_help.${namespace.class}`)}>
          <Pick value={namespace.class} onChange={(value) => set({ class: value, ...(value === "device" ? { replaces: false } : {}) })} options={CLASSES.map((value) => ({ value, label: t(`identity.classes.${value}`) }))} />
        </Field>
        <Checkbox disabled={known} checked={namespace.scoped === true} onChange={(event) => set({ scoped: event.target.checked })}>{t("identity.scoped")}</Checkbox>
        <Checkbox checked={namespace.enabled !== false} onChange={(event) => set({ enabled: event.target.checked })}>{t("identity.enabled")}</Checkbox>
        <Field label={t("identity.normaliser")}>
          <Pick disabled={hashed} value={namespace.normaliser} onChange={(value) => set({ normaliser: value })} options={NORMALISERS.map((value) => ({ value, label: t(`identity.normalisers.${value}`) }))} />
        </Field>
        <Field label={t("identity.per_person")} help={t("identity.per_person_help")}>
          <div className="row">
            <InputNumber min={1} max={5000} precision={0} value={namespace.per_person} onChange={(value) => value && set({ per_person: value, ...(value === 1 ? { per_person_days: 0 } : { replaces: false }) })} />
            {!single && <>{t("identity.within_days")} <InputNumber min={0} max={3650} precision={0} value={namespace.per_person_days ?? 0} onChange={(value) => set({ per_person_days: value ?? 0 })} /></>}
          </div>
        </Field>
        {single && namespace.class !== "device" && <Checkbox checked={namespace.replaces === true} onChange={(event) => set({ replaces: event.target.checked })}>{t("identity.replaces")}</Checkbox>}
        <Field label={t("identity.people_max")} help={t("identity.people_max_help")}>
          <div className="row">
            <InputNumber min={0} max={1000} precision={0} value={namespace.people_max ?? 0} onChange={(value) => set({ people_max: value ?? 0 })} />
            {t("identity.within_days")}
            <InputNumber min={0} max={3650} precision={0} value={namespace.people_days ?? 0} onChange={(value) => set({ people_days: value ?? 0 })} />
          </div>
        </Field>
        <Field label={t("identity.parent")} help={t("identity.parent_help")}>
          <Pick value={namespace.parent ?? NONE} onChange={(value) => set({ parent: value === NONE ? null : value })} options={[{ value: NONE, label: t("identity.no_parent") }, ...others.map((other) => ({ value: other.name, label: names.namespace(other.name) }))]} />
        </Field>
        <Field label={t("identity.blocked")} help={t("identity.blocked_help")}>
          <ManyValues value={namespace.blocked ?? []} onChange={(blocked) => set({ blocked })} ariaLabel={t("identity.blocked")} />
        </Field>
        <Checkbox disabled={hashed} checked={namespace.hash_at_rest === true} onChange={(event) => set({ hash_at_rest: event.target.checked })}>{t("identity.hash_at_rest")}</Checkbox>
        <span className="help">{t(hashed ? "identity.hash_at_rest_on" : "identity.hash_at_rest_help")}</span>
        {!known && <Button danger onClick={onRemove}>{t("identity.remove_namespace")}</Button>}
      </div>
    </Drawer>
  );
}

function Field({ label, help, children }: { label: string; help?: string; children: React.ReactNode }) {
  return (
    // The control inside is what it labels.
    <label className="stack stack-tight">
      <span className="strong">{label}</span>
      {children}
      {help !== undefined && <span className="help">{help}</span>}
    </label>
  );
}
