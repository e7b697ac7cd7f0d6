/** The message as one real person would get it, rendered by the server. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import type { Campaign, Page as List, PersonRow, Rendered } from "../../api/types";
import { personTitle } from "../../app/names";
import { useDebounced } from "../../app/useDebounced";
import { Label, Loaded, Panel, Pick, Segmented } from "../../ui";
import { isEmail, type CampaignDraft } from "./draft";

const TYPING_MILLIS = 250;
const PREVIEW_MILLIS = 400;

interface PreviewProps {
  campaign: Campaign;
  /** As it is being written, saved or not. */
  draft: CampaignDraft;
}

export default function Preview({ campaign, draft }: PreviewProps) {
  const { t } = useTranslation();
  const [person, setPerson] = useState<number | undefined>();
  const settled = useDebounced(draft.content, PREVIEW_MILLIS);
  const written = isEmail(settled) ? settled.html.trim() !== "" && settled.subject.trim() !== "" : settled.url.trim() !== "";
  const [width, setWidth] = useState<"desktop" | "phone">("desktop");
  const preview = useQuery({
    queryKey: ["/campaigns/preview", campaign.id, settled, person],
    queryFn: ({ signal }) => post<Rendered>(`/campaigns/${campaign.id}/preview`, { person, content: settled }, { signal }),
    placeholderData: (before) => before,
    enabled: written,
    retry: false,
  });
  return (
    <Panel
      title={t("campaigns.preview")}
      extra={
        <>
          <PersonPick segment={draft.segment_id ?? null} value={person} onChange={setPerson} />
          <Segmented size="small" value={width} onChange={setWidth} options={[{ value: "desktop", label: t("campaigns.desktop") }, { value: "phone", label: t("campaigns.phone") }]} />
        </>
      }
    >
      {!written && !preview.data ? <p className="help">{t("campaigns.preview_empty")}</p> : (
      <Loaded query={preview} rows={8}>
        {(data) => (
          <div className="stack stack-tight">
            {data.missing.length > 0 && <div className="note tone-warning"><p>{t("campaigns.missing", { names: data.missing.join(", ") })}</p></div>}
            <div className="mail-head">
              <span className="muted">{t("campaigns.to")} {data.to || t("campaigns.no_address")}</span>
              <strong>{data.subject}</strong>
            </div>
            {data.html ? (
              <iframe className={`mail mail-${width}`} title={t("campaigns.preview")} sandbox="" srcDoc={data.html} />
            ) : (
              <pre className="mail-text">{data.body ?? data.text}</pre>
            )}
          </div>
        )}
      </Loaded>
      )}
    </Panel>
  );
}

interface PersonPickProps {
  segment: number | null;
  value: number | undefined;
  onChange: (person: number | undefined) => void;
}

/** Somebody of the segment, or anybody found by an identifier. */
export function PersonPick({ segment, value, onChange }: PersonPickProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const query = useDebounced(text.trim(), TYPING_MILLIS);
  const found = useQuery({
    queryKey: ["/people", "pick", segment, query],
    queryFn: ({ signal }) => get<List<PersonRow>>("/people", { query: { query, segment: query === "" ? segment : undefined, limit: 20 }, signal }),
    placeholderData: (before) => before,
  });
  return (
    <Pick
      allowClear
      size="small"
      style={{ minWidth: 150 }}
      showSearch={{ filterOption: false, onSearch: setText }}
      placeholder={t("campaigns.preview_as")}
      aria-label={t("campaigns.preview_as")}
      value={value}
      onChange={(person: number | undefined) => onChange(person)}
      options={(found.data?.items ?? []).map((person) => ({ value: person.person, label: personTitle(person) }))}
      optionRender={(option) => <Label>{option.label}</Label>}
    />
  );
}
