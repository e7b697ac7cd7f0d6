/** A file, how its columns are understood, and the start of the import. */
import { FileSpreadsheet, UploadCloud } from "lucide-react";
import { useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Import, ImportPreview, Mapping } from "../../api/types";
import { useGo } from "../../app/router";
import { paths } from "../../paths";
import { Button, ErrorView, Label, Page, Panel, Skeleton, useToast } from "../../ui";
import { MappingEditor } from "./MappingEditor";

/** The server needs only the head of a file to guess. */
const PREVIEW_BYTES_MAX = 4 * 1024 * 1024;

export default function NewImportPage() {
  const { t } = useTranslation();
  const go = useGo();
  const toast = useToast();
  const [file, setFile] = useState<File | null>(null);
  const [mapping, setMapping] = useState<Mapping | null>(null);
  const preview = useWrite(async (chosen: File) => {
    const body = new FormData();
    const head = isText(chosen) ? chosen.slice(0, PREVIEW_BYTES_MAX) : chosen;
    body.append("file", head, chosen.name);
    const answer = await post<ImportPreview>("/imports/preview", body);
    setMapping(answer.guess);
    return answer;
  });
  const start = useWrite((input: { file: File; mapping: Mapping }) => {
    const body = new FormData();
    body.append("mapping", JSON.stringify(input.mapping));
    body.append("file", input.file, input.file.name);
    return post<Import>("/imports", body);
  }, ["/imports", "/jobs"]);
  const choose = (chosen: File) => {
    setFile(chosen);
    setMapping(null);
    preview.mutate(chosen);
  };
  return (
    <Page title={t("palette.new_import")} description={t("data.new_import_help")} back={{ label: t("nav.imports"), onClick: () => go(paths.imports) }}>
      <DropZone file={file} onFile={choose} />
      {preview.isPending && <Skeleton rows={5} />}
      {preview.error && <ErrorView error={preview.error} onRetry={() => file && preview.mutate(file)} />}
      {file && preview.data && mapping && (
        <>
          <Panel
            title={t("data.mapping")}
            help={t("data.mapping_help")}
            extra={<><Label>{preview.data.format}</Label>{preview.data.encoding && <Label>{preview.data.encoding}</Label>}</>}
          >
            <MappingEditor preview={preview.data} value={mapping} onChange={setMapping} />
          </Panel>
          <div className="row row-end">
            <Button onClick={() => go(paths.imports)}>{t("app.cancel")}</Button>
            <Button
              type="primary"
              loading={start.isPending}
              onClick={() => start.mutate({ file, mapping }, { onSuccess: (made) => go(paths.importDetail(made.id)), onError: toast.failed })}
            >
              {t("data.start_import")}
            </Button>
          </div>
        </>
      )}
    </Page>
  );
}

function isText(file: File): boolean {
  return /\.(csv|tsv|txt)$/i.test(file.name);
}

function DropZone({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    <label
      className={over ? "drop drop-over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input type="file" className="sr-only" accept=".csv,.tsv,.txt,.parquet" onChange={(event) => event.target.files?.[0] && onFile(event.target.files[0])} />
      {file ? <FileSpreadsheet size={26} strokeWidth={1.5} aria-hidden /> : <UploadCloud size={26} strokeWidth={1.5} aria-hidden />}
      <strong>{file ? file.name : t("data.drop")}</strong>
      <span className="help">{file ? t("data.drop_other") : t("data.drop_help")}</span>
    </label>
  );
}
