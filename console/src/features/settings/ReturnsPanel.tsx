/** How what becomes of a message later gets here: lines to copy for the mail server and for providers. */
import { useTranslation } from "react-i18next";
import { CodeBlock, Panel } from "../../ui";

const PLACEHOLDER_KEY = "sk_…";
const EXAMPLE_DOMAIN = "bounces.example.com";

export function ReturnsPanel({ domain = EXAMPLE_DOMAIN }: { domain?: string }) {
  const { t } = useTranslation();
  const blocks = [
    { key: "postfix", code: postfix(location.origin, domain) },
    { key: "curl", code: piped(location.origin, "@returned.eml").replaceAll(" -H", " \\\n  -H").replace(" http", " \\\n  http") },
    { key: "receipts", code: receipts(location.origin) },
  ] as const;
  return (
    <Panel title={t("settings.returns")} help={t("settings.returns_help")}>
      <div className="stack">
        <p className="help">{t("settings.returns_key")}</p>
        {blocks.map((block) => (
          <div key={block.key} className="stack stack-tight">
            <p>{t(`settings.returns_${block.key}`)}</p>
            <CodeBlock code={block.code} />
          </div>
        ))}
      </div>
    </Panel>
  );
}

function piped(origin: string, data: string): string {
  return `curl -fsS --data-binary ${data} -H "Authorization: Bearer ${PLACEHOLDER_KEY}" -H "Content-Type: message/rfc822" ${origin}/api/v1/receipts/mail`;
}

/** 75 tells Postfix to try again later: nothing is lost while siyu is down. */
function postfix(origin: string, domain: string): string {
  const command = piped(origin, "@-").replaceAll('"', "'");
  return `# /etc/aliases, then run newaliases
bounce: "|${command} >/dev/null || exit 75"

# /etc/postfix/main.cf, with an MX record for ${domain} that leads here
recipient_delimiter = +
mydestination = $myhostname, localhost, ${domain}`;
}

function receipts(origin: string): string {
  return `curl ${origin}/api/v1/receipts \\
  -H "Authorization: Bearer ${PLACEHOLDER_KEY}" \\
  -H "Content-Type: application/json" \\
  -d '{ "items": [
    { "send_id": "…", "kind": "delivered", "time": "2026-11-21T10:00:00Z" },
    { "provider_id": "…", "kind": "bounced", "permanent": true, "reason": "no such user" },
    { "message_id": "<…@example.com>", "kind": "complained" }
  ] }'`;
}
