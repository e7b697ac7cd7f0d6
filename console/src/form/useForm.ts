/** The one form: values, inline errors, a server's field errors, and whether anything was changed. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "../api/errors";
import { useErrorText } from "../ui";

export type FieldErrors = Partial<Record<string, string>>;

interface Options<T> {
  initial: T;
  /** Pure; an empty object means all is well. */
  validate?: (values: T) => FieldErrors;
  submit: (values: T) => Promise<unknown>;
}

export interface FormState<T> {
  values: T;
  set: <K extends keyof T>(name: K, value: T[K]) => void;
  reset: (values: T) => void;
  errors: FieldErrors;
  /** The error that belongs to no field. */
  failure: string | null;
  busy: boolean;
  dirty: boolean;
  submit: () => Promise<boolean>;
}

export function useForm<T extends object>({ initial, validate, submit }: Options<T>): FormState<T> {
  const errorText = useErrorText();
  const [start, setStart] = useState(initial);
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const run = async () => {
    const found = validate?.(values) ?? {};
    setErrors(found);
    setFailure(null);
    if (Object.keys(found).length > 0) return false;
    setBusy(true);
    try {
      await submit(values);
      setStart(values);
      return true;
    } catch (caught) {
      const error = asApiError(caught);
      const text = errorText(error);
      const field = error.field && rootOf(error.field);
      // Under its whole path as well, for fields that are lists.
      if (error.field && field && field in values) setErrors({ [field]: text, [error.field]: text });
      else setFailure(text);
      return false;
    } finally {
      setBusy(false);
    }
  };

  return {
    values,
    set: (name, value) => {
      setValues((before) => ({ ...before, [name]: value }));
      setErrors((before) => Object.fromEntries(Object.entries(before).filter(([path]) => rootOf(path) !== name)));
    },
    reset: (next) => {
      setStart(next);
      setValues(next);
      setErrors({});
      setFailure(null);
    },
    errors,
    failure,
    busy,
    dirty: JSON.stringify(values) !== JSON.stringify(start),
    submit: run,
  };
}

/** The field of the form that a path such as `tell[0].to` is in. */
function rootOf(path: string): string {
  return path.split(/[.[]/)[0] ?? path;
}

/** Rules shared by forms. */
export function useRules() {
  const { t } = useTranslation();
  return {
    required: (value: string) => (value.trim() === "" ? t("form.required") : undefined),
    email: (value: string) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.trim()) ? undefined : t("form.email")),
    password: (value: string) => (value.length < PASSWORD_LENGTH_MIN ? t("form.password_short", { count: PASSWORD_LENGTH_MIN }) : undefined),
  };
}

export const PASSWORD_LENGTH_MIN = 8;

/** Keeps only the rules that failed. */
export function failed(errors: FieldErrors): FieldErrors {
  return Object.fromEntries(Object.entries(errors).filter(([, text]) => text !== undefined));
}
