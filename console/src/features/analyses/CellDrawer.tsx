/** The people behind a number of an analysis, and the way to keep them as a segment. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { AnalysisCell, AnalysisQuery, CellPeople, Segment } from "../../api/types";
import { useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, Drawer, Loaded, Num, useNameDialog, useToast } from "../../ui";
import { MakeAlert } from "../alerts/MakeAlert";
import { AsOfNote, useAsOf } from "../identity/AsOf";
import { PeopleRows } from "../people/PeopleTable";
import { useQuestionTitle } from "./questionTitle";

/** A question, the cell of its answer that was clicked, and what to call it. */
export type Cell = AnalysisCell & { title: string };

export function CellDrawer({ open, onClose }: { open: Cell | null; onClose: () => void }) {
  return (
    <Drawer open={open !== null} onClose={onClose} title={open?.title} size={640} destroyOnHidden>
      {open && (open.kind === "trend" && open.cell.series >= open.query.series.length ? <FormulaBody cell={open} /> : <CellBody cell={open} />)}
    </Drawer>
  );
}

/** A formula has a number, but no people. */
function FormulaBody({ cell }: { cell: Cell }) {
  const { t } = useTranslation();
  const titleOf = useQuestionTitle();
  return (
    <div className="stack">
      <p className="help">{t("analyses.formula_people")}</p>
      <div><MakeAlert cell={cell} name={[titleOf({ kind: cell.kind, ...cell.query } as AnalysisQuery), cell.title].join(" · ")} /></div>
    </div>
  );
}

function CellBody({ cell }: { cell: Cell }) {
  const { t } = useTranslation();
  const go = useGo();
  const ask = useNameDialog();
  const toast = useToast();
  const { may } = useSession();
  const [identity_as_of] = useAsOf();
  const alertName = useQuestionTitle()({ kind: cell.kind, ...cell.query } as AnalysisQuery);
  const body = { kind: cell.kind, query: cell.query, cell: cell.cell };
  const people = useQuery({
    queryKey: ["/analyses/people", body, identity_as_of],
    queryFn: ({ signal }) => post<CellPeople>("/analyses/people", body, { query: { identity_as_of }, signal }),
  });
  const save = useWrite((name: string) => post<Segment>("/segments/from_people", { name, people: body }), ["/segments"]);
  const saveAs = () =>
    ask({
      title: t("segments.save_as"),
      label: t("segments.name_example"),
      initial: cell.title,
      action: t("app.save"),
      run: async (name) => {
        const segment = await save.mutateAsync(name);
        toast.done(t("segments.saved_snapshot", { name }));
        go(paths.segment(segment.id));
      },
    });
  return (
    <Loaded query={people} rows={8}>
      {(data) => (
        <div className="stack">
          <AsOfNote />
          <div className="spread">
            <span><span className="count-number"><Num value={data.count} /></span> <span className="muted">{t("analyses.people")}</span></span>
            {/* A segment is of the people of now, and an alert looks at those to come. */}
            {identity_as_of === undefined && (
              <span className="row">
                <MakeAlert cell={cell} name={alertName} />
                {may("segments.write") && data.count > 0 && <Button type="primary" onClick={saveAs}>{t("segments.save_as")}</Button>}
              </span>
            )}
          </div>
          {data.count > data.people.length && <p className="help">{t("analyses.first_people", { count: data.people.length })}</p>}
          {data.people.length > 0 && <PeopleRows people={data.people} />}
        </div>
      )}
    </Loaded>
  );
}
