/** What a file was recognised as; sheet and title row can be put right. */
import { useTranslation } from "react-i18next";
import type { ImportPreview, Upload } from "../../api/types";
import { InputNumber, Label, Num, Pick, useFormats } from "../../ui";

/** The titles are looked for among so many rows. */
const HEADER_ROWS = 20;
const DELIMITERS: Record<string, string> = { "\t": "tab", ",": ",", ";": ";", "|": "|" };

interface FileFactsProps {
  file: Upload | undefined;
  preview: ImportPreview;
  onChoice: (choice: { sheet?: string; header_row?: number }) => void;
}

export function FileFacts({ file, preview, onChoice }: FileFactsProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const sheet = preview.sheet ?? undefined;
  return (
    <dl className="file-facts">
      {file && <div><dt>{t("data.file")}</dt><dd className="strong file-name">{file.name}</dd></div>}
      <div>
        <dt>{t("data.format")}</dt>
        <dd className="row row-tight">
          <Label tone="brand">{t(`data.format_${preview.format as "csv"}`)}</Label>
          {preview.encoding && <Label>{preview.encoding}</Label>}
          {preview.delimiter && <Label title={t("data.delimiter")}>{DELIMITERS[preview.delimiter] ?? preview.delimiter}</Label>}
        </dd>
      </div>
      {file && <div><dt>{t("data.size")}</dt><dd className="num">{format.bytes(file.bytes)}</dd></div>}
      {preview.rows !== null && preview.rows !== undefined && preview.rows > 0 && <div><dt>{t("data.rows")}</dt><dd><Num value={preview.rows} /></dd></div>}
      <div><dt>{t("data.columns")}</dt><dd><Num value={preview.columns.length} /></dd></div>
      {preview.sheets.length > 1 && (
        <div>
          <dt>{t("data.sheet")}</dt>
          <dd><Pick size="small" style={{ minWidth: 120 }} aria-label={t("data.sheet")} value={sheet} onChange={(next) => onChoice({ sheet: next })} options={preview.sheets.map((name) => ({ value: name, label: name }))} /></dd>
        </div>
      )}
      {preview.header_row > 0 && (
        <div>
          <dt>{t("data.header_row")}</dt>
          <dd>
            <InputNumber
              size="small"
              style={{ width: 72 }}
              min={1}
              max={HEADER_ROWS}
              aria-label={t("data.header_row")}
              value={preview.header_row}
              onChange={(row) => typeof row === "number" && Number.isInteger(row) && row !== preview.header_row && onChoice({ sheet, header_row: row })}
              changeOnWheel={false}
            />
          </dd>
        </div>
      )}
    </dl>
  );
}
