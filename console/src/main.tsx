/** Starts the console. */
import { QueryClientProvider, MutationCache, QueryCache } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { useTranslation } from "react-i18next";
import { asApiError } from "./api/errors";
import { newQueryClient } from "./api/query";
import "./ui/ui.css";
import "./app/frame.css";
import "./chart/chart.css";
import "./condition/condition.css";
import "./features/features.css";
import "./features/dashboards/dashboards.css";
import "./form/form.css";
import { startLanguages } from "./i18n";
import { newRouter } from "./routes";
import "./table/table.css";
import { ThemeProvider } from "./ui/theme";

const client = newQueryClient();
const router = newRouter(client);

/** A session that ended anywhere ends here: the log-in page, then back. */
function onError(error: unknown): void {
  if (asApiError(error).code !== "unauthenticated" || location.pathname === "/login") return;
  const here = location.pathname + location.search;
  // Forgotten only when nobody looks at it any more: removed before, it would be asked for again at once, and again.
  void router.navigate({ to: "/login", search: here === "/" ? {} : { next: here }, replace: true }).then(() => client.removeQueries({ queryKey: ["/session"] }));
}
client.getQueryCache().config.onError = onError satisfies QueryCache["config"]["onError"];
client.getMutationCache().config.onError = onError satisfies MutationCache["config"]["onError"];

function Console() {
  const { i18n } = useTranslation();
  return (
    <ThemeProvider language={i18n.language}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ThemeProvider>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

void startLanguages().then(() => {
  createRoot(root).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  );
});
