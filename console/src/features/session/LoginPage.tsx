/** Log-in. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import type { Session } from "../../api/types";
import { useGo, usePageSearch } from "../../app/router";
import { acceptSession } from "../../app/session";
import { LanguageButton, ThemeButton } from "../../app/TopBar";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { chooseLanguage, storedLanguage } from "../../i18n";
import { Input } from "../../ui";

export default function LoginPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const rules = useRules();
  const go = useGo();
  const [search] = usePageSearch();
  const form = useForm({
    initial: { email: "", password: "" },
    validate: ({ email, password }) => failed({ email: rules.required(email), password: rules.required(password) }),
    submit: async (values) => {
      const session = acceptSession(await post<Session>("/session", values));
      if (storedLanguage() === null && session.user.locale.startsWith("en")) await chooseLanguage("en");
      client.clear();
      client.setQueryData(["/session"], session);
      const next = search.next?.startsWith("/") && !search.next.startsWith("//") ? search.next : "/";
      go(next, {}, true);
    },
  });
  useEffect(() => {
    document.title = `${t("login.title")} · siyu`;
  }, [t]);
  return (
    <div className="login">
      <div className="login-words">
        <div className="login-brand"><img src="/favicon.svg" alt="" width={30} height={30} />siyu</div>
        <h1>{t("login.subtitle")}</h1>
        <Rings />
      </div>
      <main className="login-box">
        <div className="login-tools"><LanguageButton /><ThemeButton /></div>
        <Form form={form} submitLabel={t("login.submit")}>
          <h2>{t("login.title")}</h2>
          {search.next && !form.failure && <p className="help">{t("login.expired")}</p>}
          <Field label={t("login.email")} error={form.errors.email}>
            {(control) => <Input {...control} type="email" name="email" autoComplete="username" autoFocus size="large" value={form.values.email} onChange={(event) => form.set("email", event.target.value)} />}
          </Field>
          <Field label={t("login.password")} error={form.errors.password}>
            {(control) => <Input.Password {...control} name="password" autoComplete="current-password" size="large" value={form.values.password} onChange={(event) => form.set("password", event.target.value)} />}
          </Field>
        </Form>
      </main>
    </div>
  );
}

/** The loop, as rings. */
function Rings() {
  return (
    <svg viewBox="0 0 400 400" aria-hidden fill="none" stroke="#bfe6dd" strokeWidth="1.5">
      {[60, 100, 140, 180].map((radius, index) => (
        <circle key={radius} cx="200" cy="200" r={radius} strokeDasharray={index % 2 === 0 ? undefined : "3 7"} />
      ))}
      <circle cx="200" cy="200" r="16" fill="#bfe6dd" />
      <circle cx="300" cy="200" r="7" fill="#bfe6dd" />
      <circle cx="100" cy="300" r="5" fill="#bfe6dd" />
      <circle cx="260" cy="75" r="6" fill="#bfe6dd" />
    </svg>
  );
}
