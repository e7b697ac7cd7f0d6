/** Starting points for e-mails: whole letters, and blocks to put into them. */
import type { TFunction } from "i18next";

type Make<T> = (t: TFunction) => T;

const BUTTON_STYLE = "display:inline-block;padding:12px 24px;border-radius:6px;background:#0b6b5d;color:#ffffff;text-decoration:none;font-weight:600";

function letter(t: TFunction, body: string): string {
  return `<div style="background:#f4f2ed;padding:24px 12px;font-family:-apple-system,'PingFang SC','Microsoft YaHei',sans-serif;color:#23211d">
  <div style="max-width:560px;margin:0 auto;background:#ffffff;border-radius:10px;padding:32px 28px;line-height:1.7">
${body}
  </div>
  <p style="max-width:560px;margin:16px auto 0;font-size:12px;color:#736e64;text-align:center">
    {{ project.name }} · <a href="{{ unsubscribe_url }}" style="color:#736e64">${t("campaigns.mail_unsubscribe")}</a> · <a href="{{ preferences_url }}" style="color:#736e64">${t("campaigns.mail_preferences")}</a>
  </p>
</div>
`;
}

function greeting(t: TFunction): string {
  return `    <p>${t("campaigns.mail_hello", { name: `{{ person.name | default('${t("campaigns.default_name")}') }}` })}</p>`;
}

function button(t: TFunction): string {
  return `    <p style="text-align:center;margin:28px 0"><a href="https://" style="${BUTTON_STYLE}">${t("campaigns.mail_button")}</a></p>`;
}

export const EMAIL_TEMPLATES = {
  offer: (t) => ({
    subject: t("campaigns.mail_offer_subject"),
    html: letter(t, [`    <h1 style="font-size:22px;margin:0 0 16px">${t("campaigns.mail_offer_title")}</h1>`, greeting(t), `    <p>${t("campaigns.mail_offer_text")}</p>`, button(t)].join("\n")),
  }),
  welcome: (t) => ({
    subject: t("campaigns.mail_welcome_subject"),
    html: letter(t, [`    <h1 style="font-size:22px;margin:0 0 16px">${t("campaigns.mail_welcome_title")}</h1>`, greeting(t), `    <p>${t("campaigns.mail_welcome_text")}</p>`, button(t)].join("\n")),
  }),
  blank: (t) => ({ subject: "", html: letter(t, greeting(t)) }),
} satisfies Record<string, Make<{ subject: string; html: string }>>;

export const EMAIL_BLOCKS = {
  heading: (t) => `<h2 style="font-size:18px;margin:24px 0 8px">${t("campaigns.block_heading")}</h2>\n`,
  text: (t) => `<p>${t("campaigns.block_text")}</p>\n`,
  button: (t) => `${button(t).trim()}\n`,
  image: () => `<p><img src="https://" alt="" style="max-width:100%;border-radius:6px" /></p>\n`,
} satisfies Record<string, Make<string>>;
