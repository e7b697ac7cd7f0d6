/** Labels, help and errors around a control; the form element and its buttons. */
import { useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui";
import type { FormState } from "./useForm";

export interface ControlProps {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean;
  status: "error" | undefined;
}

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: string;
  optional?: boolean;
  children: (control: ControlProps) => ReactNode;
}

export function Field({ label, help, error, optional, children }: FieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const note = `${id}-note`;
  const described = error !== undefined || help !== undefined;
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {optional && <span className="muted small"> {t("form.optional")}</span>}
      </label>
      {children({ id, "aria-describedby": described ? note : undefined, "aria-invalid": error !== undefined, status: error === undefined ? undefined : "error" })}
      {described && (
        <p id={note} className={error === undefined ? "help" : "field-error"} role={error === undefined ? undefined : "alert"}>
          {error ?? help}
        </p>
      )}
    </div>
  );
}

interface FormProps<T> {
  form: FormState<T>;
  children: ReactNode;
  submitLabel: string;
  /** Beside the primary button. */
  extra?: ReactNode;
  onDone?: () => void;
  disabled?: boolean;
}

export function Form<T extends object>({ form, children, submitLabel, extra, onDone, disabled }: FormProps<T>) {
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit().then((done) => done && onDone?.());
      }}
    >
      {children}
      {form.failure !== null && <p className="field-error" role="alert">{form.failure}</p>}
      <div className="row form-actions">
        <Button type="primary" htmlType="submit" loading={form.busy} disabled={disabled}>{submitLabel}</Button>
        {extra}
      </div>
    </form>
  );
}
