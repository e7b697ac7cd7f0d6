/** Our small way of using the router: plain paths, and search parameters as page state. */
import { Link as RouterLink, useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Search } from "../paths";
import { useConfirm } from "../ui";

interface LinkProps {
  to: string;
  search?: Search;
  className?: string;
  title?: string;
  children: ReactNode;
  onClick?: () => void;
  "aria-label"?: string;
}

export function Link({ to, search, ...rest }: LinkProps) {
  return <RouterLink to={to} search={search ?? {}} {...rest} />;
}

export function useGo() {
  const navigate = useNavigate();
  return useCallback(
    (to: string, search: Search = {}, replace = false) => void navigate({ to, search, replace }),
    [navigate],
  );
}

/** Page state in the address; setting it replaces the entry, so that "back" leaves the page. */
export function usePageSearch(): [Search, (change: Partial<Search>) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (next: Partial<Search>) =>
      void navigate({
        to: ".",
        search: (before: Record<string, unknown>) => Object.fromEntries(Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined && value !== "")),
        replace: true,
      }),
    [navigate],
  );
  return [search, change];
}

export function useIdParam(): number {
  const params: Record<string, string> = useParams({ strict: false });
  return Number(params.id);
}

/** Asks before leaving a page with unsaved changes. */
export function useDirtyGuard(dirty: boolean) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const blocker = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: dirty, withResolver: true });
  const blocked = blocker.status === "blocked";
  useEffect(() => {
    if (!blocked) return;
    confirm({
      title: t("app.leave_title"),
      content: t("app.leave_text"),
      action: t("app.leave"),
      danger: true,
      run: () => Promise.resolve(blocker.proceed?.()),
      onCancel: () => blocker.reset?.(),
    });
    // Asked once per attempt to leave.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [blocked]);
}
