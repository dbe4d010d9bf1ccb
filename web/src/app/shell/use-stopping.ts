/** The stop dialog's facts and verbs: what runs, how far the switch is thrown, what was asked for. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { floorResume, floorStopAll } from "../../api/generated/sdk.gen";
import type { Stop } from "../../api/generated/types.gen";
import { deploymentsQuery, switchQuery } from "../../lib/queries";

const WATCH_EVERY_MS = 1_000;

export type Stopping = ReturnType<typeof useStopping>;

export function useStopping() {
  const client = useQueryClient();
  /** Those that ran when the button was pressed: they stay listed until each has stopped. */
  const [told, setTold] = useState<readonly string[] | null>(null);
  const deployments = useQuery({ ...deploymentsQuery, ...(told ? { refetchInterval: WATCH_EVERY_MS } : {}) });
  const { data: killSwitch } = useQuery(switchQuery);
  const level = killSwitch?.level ?? "nothing";
  const rows = deployments.data?.items.filter((row) => row.state === "running" || told?.includes(row.id));
  const running = rows?.filter((row) => row.state === "running").length ?? 0;
  const onSettled = () => client.invalidateQueries({ queryKey: deploymentsQuery.queryKey });
  const stop = useMutation({
    mutationFn: (how: Stop) => floorStopAll({ body: { how } }),
    onMutate: (how) => setTold(how === "entries" ? null : (rows ?? []).map((row) => row.id)),
    onSettled,
  });
  const resume = useMutation({ mutationFn: () => floorResume(), onMutate: () => setTold(null), onSettled });
  return {
    deployments,
    rows,
    running,
    level,
    told: told !== null,
    /** Everything has stopped: only a person lets it go on. */
    over: level === "all" && running === 0,
    trouble: stop.error ?? resume.error,
    stop,
    resume,
  };
}
