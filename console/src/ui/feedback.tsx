/** One toast and one confirmation for the whole console. */
import { App, Input } from "antd";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "./errorText";

export function useToast() {
  const { message } = App.useApp();
  const errorText = useErrorText();
  return useMemo(
    () => ({
      done: (text: string) => void message.success(text),
      failed: (error: unknown) => void message.error(errorText(error), 6),
    }),
    [message, errorText],
  );
}

interface ConfirmOptions {
  title: string;
  /** Says exactly what will happen. */
  content: ReactNode;
  action: string;
  danger?: boolean;
  run: () => Promise<unknown>;
  onCancel?: () => void;
}

/** Asked only before what cannot be undone. Stays open while it works; an error is shown as a toast. */
export function useConfirm() {
  const { modal } = App.useApp();
  const { t } = useTranslation();
  const toast = useToast();
  return useMemo(
    () =>
      ({ title, content, action, danger, run, onCancel }: ConfirmOptions) => {
        modal.confirm({
          title,
          content,
          icon: null,
          centered: true,
          okText: action,
          cancelText: t("app.cancel"),
          okButtonProps: { danger: danger ?? false },
          onCancel,
          onOk: async () => {
            try {
              await run();
            } catch (error) {
              toast.failed(error);
            }
          },
        });
      },
    [modal, t, toast],
  );
}

interface NameDialogOptions {
  title: string;
  label: string;
  initial?: string;
  action: string;
  run: (name: string) => Promise<unknown>;
}

/** Asks for one name. */
export function useNameDialog() {
  const { modal } = App.useApp();
  const { t } = useTranslation();
  const toast = useToast();
  return ({ title, label, initial = "", action, run }: NameDialogOptions) => {
    let name = initial;
    modal.confirm({
      title,
      icon: null,
      centered: true,
      content: <NameInput label={label} initial={initial} onChange={(next) => (name = next)} />,
      okText: action,
      cancelText: t("app.cancel"),
      onOk: async () => {
        if (name.trim() === "") return Promise.reject(new Error(t("form.required")));
        try {
          await run(name.trim());
        } catch (error) {
          toast.failed(error);
        }
      },
    });
  };
}

function NameInput({ label, initial, onChange }: { label: string; initial: string; onChange: (name: string) => void }) {
  const [value, setValue] = useState(initial);
  return (
    <Input
      autoFocus
      aria-label={label}
      placeholder={label}
      value={value}
      maxLength={120}
      onChange={(event) => {
        setValue(event.target.value);
        onChange(event.target.value);
      }}
    />
  );
}
