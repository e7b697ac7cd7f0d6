/** People by how lately, how often and for how much they bought. The address holds the question. */
import { useTranslation } from "react-i18next";
import type { RfmQuery, RfmScale } from "../../api/types";
import { InputNumber, MONEY_SUFFIX, Pick, useFormats } from "../../ui";
import { GainRow, worthOf } from "./GainRow";
import { RfmAnswer } from "./RfmAnswer";
import { Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

export const NUMBERS = ["recency", "frequency", "monetary"] as const;
const SCALES: RfmScale["kind"][] = ["mean", "median", "quantile", "cuts"];
const CUTS = { recency: [30, 60, 90], frequency: [2, 4, 8], monetary: [100, 500, 1_000] };

export default function RfmPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("rfm");
  const form = (
    <>
      <GainRow mark="◎" value={query.gain} onChange={(gain) => change({ ...query, gain })}>
        <span className="help">{t("analyses.rfm_gain")}</span>
      </GainRow>
      <div className="query-scope">
        <Scope value={query} onChange={change} />
        <span className="grow" />
        <Pick aria-label={t("analyses.rfm_often")} style={{ minWidth: 150 }} value={query.often} onChange={(often) => change({ ...query, often })} options={(["purchases", "days"] as const).map((one) => ({ value: one, label: t(`analyses.rfm_often_${one}`) }))} />
        <Pick aria-label={t("analyses.rfm_money")} style={{ minWidth: 130 }} value={query.money} onChange={(money) => change({ ...query, money })} options={(["total", "average"] as const).map((one) => ({ value: one, label: t(`analyses.rfm_money_${one}`) }))} />
      </div>
      <div className="query-scope">
        {NUMBERS.map((number) => <Scale key={number} number={number} query={query} change={change} />)}
      </div>
    </>
  );
  return (
    <Workbench kind="rfm" query={query} form={form} empty={t("analyses.choose_first")}>
      {(result) => <RfmAnswer query={query} result={result} />}
    </Workbench>
  );
}

interface ScaleProps {
  number: (typeof NUMBERS)[number];
  query: RfmQuery;
  change: (query: RfmQuery) => void;
}

/** How one number becomes a score. Cuts of money are typed in the currency. */
function Scale({ number, query, change }: ScaleProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const scale = query[number];
  const worth = worthOf(query.gain);
  const per = number === "monetary" && (worth === undefined || worth.endsWith(MONEY_SUFFIX)) ? format.minorPerUnit : 1;
  const set = (next: RfmScale) => change({ ...query, [number]: next });
  const pick = (kind: RfmScale["kind"]) => set(kind === "quantile" ? { kind, parts: 5 } : kind === "cuts" ? { kind, cuts: CUTS[number].map((cut) => cut * per) } : { kind });
  return (
    <span className="row row-tight">
      <span className="help">{t(`analyses.rfm_${number}`)}</span>
      <Pick aria-label={t(`analyses.rfm_${number}`)} style={{ minWidth: 120 }} value={scale.kind} onChange={pick} options={SCALES.map((kind) => ({ value: kind, label: t(`analyses.scale_${kind}`) }))} />
      {scale.kind === "quantile" && <InputNumber min={2} max={10} precision={0} style={{ width: 60 }} aria-label={t("analyses.scale_quantile")} value={scale.parts} onChange={(parts) => parts && set({ ...scale, parts })} />}
      {scale.kind === "cuts" && scale.cuts.map((cut, at) => (
        <InputNumber key={at} min={0} style={{ width: 76 }} aria-label={`${t("analyses.scale_cuts")} ${at + 1}`} value={cut / per} onChange={(next) => next !== null && set({ ...scale, cuts: scale.cuts.with(at, Math.round(next * per)) })} />
      ))}
    </span>
  );
}
