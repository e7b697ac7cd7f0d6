/** A dashboard on a wall: the whole screen, without what is around it, asked anew each minute. It ends with Escape. */
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "../../ui";

const EVERY_MILLIS = 60_000;

export function useWall(): { on: boolean; every: number | undefined; enter: () => void } {
  const { t } = useTranslation();
  const toast = useToast();
  const [on, setOn] = useState(false);
  useEffect(() => {
    const changed = () => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  useEffect(() => {
    document.documentElement.classList.toggle("wall", on);
    return () => document.documentElement.classList.remove("wall");
  }, [on]);
  const enter = useCallback(() => {
    document.documentElement.requestFullscreen().then(
      () => toast.done(t("dashboards.wall_on")),
      () => toast.done(t("dashboards.wall_refused")),
    );
  }, [t, toast]);
  return { on, every: on ? EVERY_MILLIS : undefined, enter };
}
