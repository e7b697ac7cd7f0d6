/** The draft on screen, and the one on the server following it. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { patch } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Campaign } from "../../api/types";
import { useDebounced } from "../../app/useDebounced";
import { useToast } from "../../ui";
import type { CampaignDraft } from "./draft";

const TYPING_MILLIS = 700;

function draftOf({ name, channel, segment_id, content, control_percent, goal, purpose, automated }: Campaign): CampaignDraft {
  return { name, channel, segment_id, content, control_percent, goal, purpose, automated };
}

export function useAutosave(campaign: Campaign) {
  const client = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(() => draftOf(campaign));
  const [stored, setStored] = useState(draft);
  const settled = useDebounced(draft, TYPING_MILLIS);
  const save = useWrite((next: CampaignDraft) => patch<Campaign>(`/campaigns/${campaign.id}`, next));
  const { mutate, isPending } = save;

  useEffect(() => {
    if (settled === stored || isPending || save.variables === settled) return;
    mutate(settled, {
      onSuccess: (answer) => {
        setStored(settled);
        client.setQueryData(["/campaigns", campaign.id], answer);
        void client.invalidateQueries({ queryKey: ["/campaigns/audience", campaign.id] });
      },
      onError: toast.failed,
    });
  }, [settled, stored, isPending, save.variables, mutate, client, campaign.id, toast]);

  return {
    draft,
    change: (part: Partial<CampaignDraft>) => setDraft((before) => ({ ...before, ...part })),
    saving: isPending,
    saved: draft === stored,
  };
}
