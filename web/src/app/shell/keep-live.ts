/** What happens on the server makes the answers that this tab shows stale: which topic concerns which of them. */

import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { opsPositions } from "../../api/generated/sdk.gen";
import { liveHub } from "../../lib/live";
import { deploymentsQuery, proposalsQuery, sessionsQuery } from "../../lib/queries";

/** A burst of events is one reading. */
const GATHER_MS = 500;
/** A busy topic is read again no sooner. */
const PAUSE_MS = 2_000;

type Stale = { queryKey: QueryKey; exact?: boolean };

/** Watch `topics` from now on; returns how to stop. Without an answer the slow look of each query remains. */
export function keepLive(client: QueryClient, topics: readonly string[]): () => void {
  const stops: (() => void)[] = [];
  let wanted = true;
  opsPositions({ query: { topics: topics.join(",") } })
    .then(({ positions }) => {
      if (!wanted) return;
      for (const topic of topics) {
        const refresh = gathered(() => staleBy(topic).map((stale) => client.invalidateQueries(stale)));
        stops.push(liveHub().watch(topic, positions[topic] ?? 0, refresh.soon), refresh.stop);
      }
    })
    .catch(() => undefined);
  return () => {
    wanted = false;
    for (const stop of stops) stop();
  };
}

function staleBy(topic: string): Stale[] {
  const sessions = { queryKey: sessionsQuery.queryKey, exact: true };
  const proposals = { queryKey: proposalsQuery.queryKey };
  switch (topic.split(":")[0]) {
    case "audit":
      return [{ queryKey: ["strategies"] }, { queryKey: ["deployments"] }, sessions];
    case "books":
      return [{ queryKey: ["pnl"] }];
    case "imports":
      return [{ queryKey: ["series"], exact: true }];
    case "session":
      return [sessions, proposals];
    default:
      return [{ queryKey: deploymentsQuery.queryKey, exact: true }];
  }
}

function gathered(act: () => unknown): { soon: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last = 0;
  const soon = () => {
    timer ??= setTimeout(
      () => {
        timer = null;
        last = Date.now();
        act();
      },
      Math.max(GATHER_MS, last + PAUSE_MS - Date.now()),
    );
  };
  return { soon, stop: () => timer && clearTimeout(timer) };
}
