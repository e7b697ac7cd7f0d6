/** Mapping templates: use one that fits, or keep this mapping for the next file. */
import { Save, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useQuery } from "@tanstack/react-query";
import { get, post, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { ImportPreview, ImportTemplates, Mapping, SavedTemplate } from "../../api/types";
import { Button, IconButton, Pick, useConfirm, useNameDialog, useToast } from "../../ui";

const NONE = "";
const SAVED = "saved:";

interface TemplateBarProps {
  fitting: ImportPreview["templates"];
  chosen: string | null;
  mapping: Mapping;
  onChoose: (key: string | null) => void;
}

export function TemplateBar({ fitting, chosen, mapping, onChoose }: TemplateBarProps) {
  const { t, i18n } = useTranslation();
  const toast = useToast();
  const confirm = useConfirm();
  const askName = useNameDialog();
  const known = useQuery({ queryKey: ["/imports/templates"], queryFn: ({ signal }) => get<ImportTemplates>("/imports/templates", { signal }) });
  const save = useWrite((name: string) => post<SavedTemplate>("/imports/templates", { name, mapping }), ["/imports/templates", "/uploads"]);
  const drop = useWrite((id: number) => remove(`/imports/templates/${id}`), ["/imports/templates", "/uploads"]);
  const nameOf = (fit: ImportPreview["templates"][number]) => {
    if (fit.name) return fit.name;
    const builtIn = known.data?.built_in.find((one) => one.key === fit.key);
    return (i18n.language.startsWith("zh") ? builtIn?.name_zh : builtIn?.name_en) ?? fit.key;
  };
  const options = [{ value: NONE, label: t("data.no_template") }, ...fitting.map((fit) => ({ value: fit.key, label: nameOf(fit) }))];
  const saved = chosen?.startsWith(SAVED) ? Number(chosen.slice(SAVED.length)) : null;
  const keep = () =>
    askName({
      title: t("data.save_template"),
      label: t("data.template_name"),
      action: t("app.save"),
      initial: fitting.find((fit) => fit.key === chosen)?.name ?? "",
      run: async (name) => {
        await save.mutateAsync(name);
        toast.done(t("data.template_saved"));
      },
    });
  const forget = (id: number) =>
    confirm({
      title: t("data.remove_template"),
      content: t("data.remove_template_text"),
      action: t("app.delete"),
      danger: true,
      run: async () => {
        await drop.mutateAsync(id);
        onChoose(null);
      },
    });
  return (
    <>
      {fitting.length > 0 && <Pick style={{ minWidth: 180 }} aria-label={t("data.template")} value={chosen ?? NONE} onChange={(key) => onChoose(key === NONE ? null : key)} options={options} />}
      {saved !== null && <IconButton label={t("data.remove_template")} icon={<Trash2 size={14} />} onClick={() => forget(saved)} />}
      <Button icon={<Save size={14} />} onClick={keep}>{t("data.save_template")}</Button>
    </>
  );
}
