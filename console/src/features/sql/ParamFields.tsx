/** The values of a statement's parameters, and of what kind they are. */
import { useTranslation } from "react-i18next";
import type { SqlParam } from "../../api/types";
import { Input, Pick } from "../../ui";
import { paramValue } from "./statement";

const KINDS = ["text", "number", "date", "bool"] as const;

interface ParamFieldsProps {
  params: SqlParam[];
  written: Record<string, string>;
  onWrite: (written: Record<string, string>) => void;
  onDeclare: (params: SqlParam[]) => void;
}

export function ParamFields({ params, written, onWrite, onDeclare }: ParamFieldsProps) {
  const { t } = useTranslation();
  const declare = (name: string, kind: SqlParam["kind"]) => onDeclare(params.map((param) => (param.name === name ? { ...param, kind } : param)));
  return (
    <div className="sql-params">
      {params.map((param) => {
        const value = written[param.name] ?? param.default;
        return (
          <div key={param.name} className="sql-param">
            <label htmlFor={`param-${param.name}`}><code>${param.name}</code></label>
            <Input
              id={`param-${param.name}`}
              value={value}
              status={paramValue(param.kind, value) === undefined ? "error" : undefined}
              placeholder={t(`sql.param_${param.kind}`)}
              onChange={(event) => onWrite({ ...written, [param.name]: event.target.value })}
            />
            <Pick aria-label={t("sql.param_kind", { name: param.name })} value={param.kind} onChange={(kind) => declare(param.name, kind)} options={KINDS.map((kind) => ({ value: kind, label: t(`sql.kind_${kind}`) }))} />
          </div>
        );
      })}
    </div>
  );
}
