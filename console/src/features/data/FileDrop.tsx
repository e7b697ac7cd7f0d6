/** Where a file is dropped, and how far its upload is. */
import { FileSpreadsheet, UploadCloud } from "lucide-react";
import { useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button, Progress, useFormats } from "../../ui";

export interface Sending {
  received: number;
  bytes: number;
  /** Bytes per second since it began. */
  rate: number;
}

interface FileDropProps {
  name: string | undefined;
  /** A file is here already; the zone only takes another. */
  small: boolean;
  sending: Sending | null;
  onFile: (file: File) => void;
  onStop: () => void;
}

export function FileDrop({ name, small, sending, onFile, onStop }: FileDropProps) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  if (sending) return <Upload name={name ?? ""} sending={sending} onStop={onStop} />;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    <label
      className={["drop", over && "drop-over", small && "drop-small"].filter(Boolean).join(" ")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        type="file"
        className="sr-only"
        accept=".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.jsonl,.ndjson,.json,.parquet"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          // The same file may be chosen again after it was corrected.
          event.target.value = "";
          if (chosen) onFile(chosen);
        }}
      />
      {name ? <FileSpreadsheet size={26} strokeWidth={1.5} aria-hidden /> : <UploadCloud size={26} strokeWidth={1.5} aria-hidden />}
      <strong>{name ?? t(small ? "data.drop_another" : "data.drop")}</strong>
      {!small && <span className="help">{name ? t("data.drop_other") : t("data.drop_help")}</span>}
    </label>
  );
}

function Upload({ name, sending, onStop }: { name: string; sending: Sending; onStop: () => void }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { received, bytes, rate } = sending;
  return (
    <div className="drop drop-busy">
      <FileSpreadsheet size={26} strokeWidth={1.5} aria-hidden />
      <strong>{name}</strong>
      <Progress percent={Math.floor((100 * received) / bytes)} status="active" aria-label={t("data.uploading")} />
      <span className="help num">
        {t("data.uploaded", { received: format.bytes(received), bytes: format.bytes(bytes), rate: format.bytes(rate) })}
      </span>
      <Button size="small" onClick={onStop}>{t("app.cancel")}</Button>
    </div>
  );
}
