/** Connecting a source: a write key, and code to copy. */
import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Hook, Key, NewKey, Page as List } from "../../api/types";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, CodeBlock, CopyButton, Label, Page, Panel, Status, Tabs, useNameDialog } from "../../ui";
import { Ciphers } from "./Ciphers";
import { SNIPPETS, type SnippetKind } from "./snippets";

const PLACEHOLDER_KEY = "wk_…";

export default function SourcesPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Page title={t("nav.sources")} description={t("data.sources_help")}>
      {may("keys.manage") ? <WriteKeys secret={secret} onSecret={setSecret} /> : <Panel><p className="help">{t("data.keys_ask_owner")}</p></Panel>}
      {may("keys.manage") && <Hooks />}
      {may("keys.manage") && <SourceCiphers />}
      <Panel title={t("data.snippets")} help={t("data.snippets_help")}>
        <Tabs
          // All of them fit a phone, so that none hides behind a menu.
          tabBarGutter={14}
          items={(Object.keys(SNIPPETS) as SnippetKind[]).map((kind) => ({
            key: kind,
            label: t(`data.snippet_${kind}`),
            children: (
              <div className="stack stack-tight">
                <p className="help">{t(`data.snippet_${kind}_help`)}</p>
                <CodeBlock code={SNIPPETS[kind](location.origin, secret ?? PLACEHOLDER_KEY)} />
              </div>
            ),
          }))}
        />
        <p className="help"><Link to={paths.live}>{t("data.check_live")}</Link></p>
      </Panel>
    </Page>
  );
}

function WriteKeys({ secret, onSecret }: { secret: string | null; onSecret: (secret: string) => void }) {
  const { t } = useTranslation();
  const ask = useNameDialog();
  const keys = useQuery({ queryKey: ["/keys"], queryFn: ({ signal }) => get<List<Key>>("/keys", { signal }) });
  const create = useWrite((name: string) => post<NewKey>("/keys", { name, kind: "write" }), ["/keys"]);
  const writeKeys = keys.data?.items.filter((key) => key.kind === "write" && !key.revoked_at) ?? [];
  return (
    <Panel
      title={t("data.write_keys")}
      help={t("data.write_keys_help")}
      extra={
        <Button
          type="primary"
          icon={<KeyRound size={14} />}
          onClick={() => ask({ title: t("data.new_write_key"), label: t("data.source_name"), action: t("app.create"), run: async (name) => onSecret((await create.mutateAsync(name)).secret) })}
        >
          {t("data.new_write_key")}
        </Button>
      }
    >
      <div className="row">
        {writeKeys.map((key) => <Label key={key.id}>{key.name}</Label>)}
        {keys.data && writeKeys.length === 0 && <span className="help">{t("data.no_write_keys")}</span>}
        <Link to={paths.keys} className="small">{t("data.manage_keys")}</Link>
      </div>
      {secret !== null && (
        <div className="note tone-success" style={{ marginTop: 12 }}>
          <div className="grow">
            <p>{t("data.secret_once")}</p>
            <div className="row"><code>{secret}</code><CopyButton text={secret} /></div>
          </div>
        </div>
      )}
    </Panel>
  );
}

function SourceCiphers() {
  const keys = useQuery({ queryKey: ["/keys"], queryFn: ({ signal }) => get<List<Key>>("/keys", { signal }) });
  return <Ciphers sources={keys.data?.items.filter((key) => key.kind === "write" && !key.revoked_at) ?? []} />;
}

/** Which sources have a webhook mapping. Shown once there is a source. */
function Hooks() {
  const { t } = useTranslation();
  const keys = useQuery({ queryKey: ["/keys"], queryFn: ({ signal }) => get<List<Key>>("/keys", { signal }) });
  const hooks = useQuery({ queryKey: ["/hooks"], queryFn: ({ signal }) => get<{ items: Hook[] }>("/hooks", { signal }) });
  const sources = keys.data?.items.filter((key) => key.kind === "write" && !key.revoked_at) ?? [];
  if (sources.length === 0 || !hooks.data) return null;
  return (
    <Panel title={t("data.hooks")} help={t("data.hooks_help")}>
      <div className="stack stack-tight">
        {sources.map((key) => {
          const hook = hooks.data.items.find((one) => one.key === key.id);
          return (
            <div className="row" key={key.id}>
              <span className="strong">{key.name}</span>
              {hook ? <Status tone="success">{t("data.hook_version", { version: hook.version })}</Status> : <Status tone="neutral">{t("data.hook_none")}</Status>}
              <Link to={paths.hook(key.id)} className="small">{t(hook ? "data.hook_edit" : "data.hook_set_up")}</Link>
            </div>
          );
        })}
      </div>
    </Panel>
  );
}
