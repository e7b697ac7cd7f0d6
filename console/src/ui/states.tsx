/** What a place shows when it has nothing to show: loading, empty, error, no permission. */
import { AlertTriangle, Lock, RotateCw, SearchX } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asApiError, type ApiError } from "../api/errors";
import { Button } from "./controls";
import { useErrorText } from "./errorText";

const SKELETON_DELAY_MILLIS = 150;

/** Grey bars, but only when the answer takes long enough to be noticed. */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation();
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setVisible(true), SKELETON_DELAY_MILLIS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="skeleton" role="status" aria-label={t("app.loading")}>
      {visible && Array.from({ length: rows }, (_, row) => <span key={row} style={{ width: `${92 - ((row * 17) % 40)}%` }} />)}
    </div>
  );
}

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Says what this is, and offers the one next step. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="state">
      {icon && <div className="state-icon" aria-hidden>{icon}</div>}
      <h2>{title}</h2>
      {children && <div className="state-text">{children}</div>}
      {action}
    </div>
  );
}

export function FilteredEmpty({ onClear }: { onClear: () => void }) {
  const { t } = useTranslation();
  return (
    <Empty
      icon={<SearchX size={28} strokeWidth={1.5} />}
      title={t("app.filtered_empty")}
      action={<Button onClick={onClear}>{t("app.clear_filters")}</Button>}
    />
  );
}

interface ErrorViewProps {
  error: unknown;
  onRetry?: () => void;
}

export function ErrorView({ error, onRetry }: ErrorViewProps) {
  const { t } = useTranslation();
  const text = useErrorText();
  const failure = asApiError(error);
  if (failure.code === "forbidden") return <NoPermission permission={failure.params.permission ?? ""} />;
  return (
    <div className="state" role="alert">
      <div className="state-icon state-danger" aria-hidden><AlertTriangle size={28} strokeWidth={1.5} /></div>
      <h2>{text(failure)}</h2>
      <p className="state-text">
        <code>{failure.code}</code>
        {failure.requestId && <code> · {failure.requestId}</code>}
      </p>
      <div className="state-actions">
        {onRetry && <Button icon={<RotateCw size={14} />} onClick={onRetry}>{t("app.retry")}</Button>}
        <CopyDetails error={failure} />
      </div>
    </div>
  );
}

function CopyDetails({ error }: { error: ApiError }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const details = { code: error.code, message: error.message, field: error.field, params: error.params, request_id: error.requestId };
  return (
    <Button
      type="text"
      onClick={() => {
        void navigator.clipboard.writeText(JSON.stringify(details, null, 2)).then(() => setCopied(true));
      }}
    >
      {copied ? t("app.copied") : t("app.copy_details")}
    </Button>
  );
}

export function NoPermission({ permission }: { permission: string }) {
  const { t } = useTranslation();
  return (
    <Empty icon={<Lock size={28} strokeWidth={1.5} />} title={t("app.no_permission")}>
      {t("app.no_permission_ask", { permission })}
    </Empty>
  );
}

interface LoadedProps<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  rows?: number;
  children: (data: T) => ReactNode;
}

/** The three states of one question. Old data stays while new data comes. */
export function Loaded<T>({ query, rows, children }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton rows={rows} />;
}
