/** Who is logged in, in which project, and what they may do. */
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useMemo, type ReactNode } from "react";
import { chooseProject, chosenProject, get, remove, setCsrfToken } from "../api/client";
import { roleMay, type Permission } from "../api/permissions";
import type { Session, SessionProject } from "../api/types";
import { FormatProvider } from "../ui";
import { activeItem } from "./nav";

interface SessionValue {
  session: Session;
  project: SessionProject;
  may: (permission: Permission) => boolean;
  switchProject: (id: number) => void;
  logOut: () => Promise<void>;
}

const SessionContext = createContext<SessionValue | null>(null);

export function useSession(): SessionValue {
  const value = useContext(SessionContext);
  if (!value) throw new Error("used outside of a session");
  return value;
}

export function useSessionQuery() {
  return useQuery({
    queryKey: ["/session"],
    queryFn: async ({ signal }) => acceptSession(await get<Session>("/session", { signal })),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Keeps the anti-forgery token, and a project that this person really has. */
export function acceptSession(session: Session): Session {
  setCsrfToken(session.csrf_token);
  const chosen = chosenProject();
  const first = session.projects[0];
  if (first && !session.projects.some((project) => project.id === chosen)) chooseProject(first.id);
  return session;
}

/** Whether somebody is known to be logged in and may see the page there. */
export function maySee(client: QueryClient, path: string): boolean {
  const session = client.getQueryData<Session>(["/session"]);
  const project = session?.projects.find((item) => item.id === chosenProject());
  const needs = activeItem(path)?.needs;
  return project !== undefined && (needs === undefined || roleMay(project.role, needs));
}

interface ProviderProps {
  session: Session;
  project: SessionProject;
  language: string;
  children: ReactNode;
}

export function SessionProvider({ session, project, language, children }: ProviderProps) {
  const client = useQueryClient();
  const value = useMemo<SessionValue>(
    () => ({
      session,
      project,
      may: (permission) => roleMay(project.role, permission),
      switchProject: (id) => {
        chooseProject(id);
        location.assign("/");
      },
      logOut: async () => {
        await remove("/session");
        client.clear();
        location.assign("/login");
      },
    }),
    [session, project, client],
  );
  return (
    <SessionContext.Provider value={value}>
      <FormatProvider language={language} zone={project.zone} currency={project.currency}>{children}</FormatProvider>
    </SessionContext.Provider>
  );
}
