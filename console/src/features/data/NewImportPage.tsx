/** A file, how its columns are understood, and a look at every row before anything is written. */
import { useQuery } from "@tanstack/react-query";
import { ScanSearch, Upload as UploadIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Import, ImportPreview, Mapping, Upload } from "../../api/types";
import { useGo, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { Button, ErrorView, Page, Panel, Skeleton, useToast } from "../../ui";
import { FileDrop, type Sending } from "./FileDrop";
import { FileFacts } from "./FileFacts";
import { MappingEditor } from "./MappingEditor";
import { TemplateBar } from "./TemplateBar";
import { upload } from "./upload";

export default function NewImportPage() {
  const { t } = useTranslation();
  const go = useGo();
  const [search, setSearch] = usePageSearch();
  const [file, setFile] = useState<File | null>(null);
  const [sending, setSending] = useState<Sending | null>(null);
  const [stop, setStop] = useState<AbortController | null>(null);
  const send = useWrite(async (chosen: File) => {
    const abort = new AbortController();
    setStop(abort);
    const began = Date.now();
    try {
      const done = await upload(chosen, (sent) => setSending({ ...sent, rate: (1000 * sent.received) / Math.max(Date.now() - began, 1) }), abort.signal);
      setSearch({ upload: String(done.id), from: undefined });
    } finally {
      setSending(null);
      setStop(null);
    }
  });
  const choose = (chosen: File) => {
    stop?.abort();
    setFile(chosen);
    setSearch({ upload: undefined, from: undefined });
    send.mutate(chosen);
  };
  const id = Number(search.upload) || null;
  const failed = send.error && send.error.message !== "AbortError" ? send.error : null;
  return (
    <Page title={t("palette.new_import")} description={t("data.new_import_help")} back={{ label: t("nav.imports"), onClick: () => go(paths.imports) }}>
      <FileDrop name={id === null ? file?.name : undefined} small={id !== null && !sending} sending={sending} onFile={choose} onStop={() => stop?.abort()} />
      {failed && !sending && <ErrorView error={failed} onRetry={() => file && send.mutate(file)} />}
      {id !== null && !sending && <Understanding key={id} upload={id} from={Number(search.from) || null} />}
    </Page>
  );
}

interface Choice {
  sheet?: string;
  header_row?: number;
}

/** What the server sees in the file, asked again for another sheet or title row. */
function Understanding({ upload: id, from }: { upload: number; from: number | null }) {
  const [choice, setChoice] = useState<Choice>({});
  const before = useQuery({ queryKey: ["/imports", from], queryFn: ({ signal }) => get<Import>(`/imports/${from}`, { signal }), enabled: from !== null });
  const file = useQuery({ queryKey: ["/uploads", id], queryFn: ({ signal }) => get<Upload>(`/imports/uploads/${id}`, { signal }) });
  const used: Choice = choice.sheet === undefined && choice.header_row === undefined && before.data
    ? { sheet: before.data.mapping.sheet ?? undefined, header_row: before.data.mapping.header_row ?? undefined }
    : choice;
  const ready = from === null || !before.isPending;
  const preview = useQuery({
    queryKey: ["/uploads", id, "preview", used],
    queryFn: ({ signal }) => post<ImportPreview>(`/imports/uploads/${id}/preview`, used, { signal }),
    enabled: ready,
    staleTime: Infinity,
  });
  if (preview.isPending || !ready) return <Skeleton rows={6} />;
  if (preview.error) return <ErrorView error={preview.error} onRetry={() => void preview.refetch()} />;
  return (
    <Mapper
      key={JSON.stringify(used)}
      upload={id}
      file={file.data}
      preview={preview.data}
      first={choice === used || !before.data ? undefined : before.data.mapping}
      onChoice={setChoice}
    />
  );
}

interface MapperProps {
  upload: number;
  file: Upload | undefined;
  preview: ImportPreview;
  first: Mapping | undefined;
  onChoice: (choice: Choice) => void;
}

function Mapper({ upload: id, file, preview, first, onChoice }: MapperProps) {
  const { t } = useTranslation();
  const go = useGo();
  const toast = useToast();
  const best = preview.templates[0];
  const [template, setTemplate] = useState<string | null>(first ? null : (best?.key ?? null));
  const [mapping, setMapping] = useState<Mapping>(first ?? best?.mapping ?? preview.guess);
  const start = useWrite((dry_run: boolean) => post<Import>(`/imports/uploads/${id}/start`, { mapping, dry_run }), ["/imports", "/jobs"]);
  // A small file is imported, and its upload gone, before this page has heard of it: going on must not depend on what is shown.
  const run = (dry: boolean) => void start.mutateAsync(dry).then((made) => go(paths.importDetail(made.id)), toast.failed);
  const use = (key: string | null) => {
    setTemplate(key);
    setMapping(preview.templates.find((fit) => fit.key === key)?.mapping ?? preview.guess);
  };
  return (
    <>
      <Panel title={t("data.recognised")} help={t("data.recognised_help")}>
        <FileFacts file={file} preview={preview} onChoice={onChoice} />
      </Panel>
      <Panel title={t("data.mapping")} help={t(template === null ? "data.mapping_help" : "data.mapping_help_template")} extra={<TemplateBar fitting={preview.templates} chosen={template} mapping={mapping} onChoose={use} />}>
        <MappingEditor preview={preview} value={mapping} fromTemplate={template !== null} onChange={setMapping} />
      </Panel>
      <div className="row row-end import-actions">
        <span className="help grow">{t("data.check_first")}</span>
        <Button icon={<UploadIcon size={14} />} disabled={start.isPending} onClick={() => run(false)}>{t("data.import_at_once")}</Button>
        <Button type="primary" icon={<ScanSearch size={14} />} loading={start.isPending} onClick={() => run(true)}>{t("data.check_file")}</Button>
      </div>
    </>
  );
}
