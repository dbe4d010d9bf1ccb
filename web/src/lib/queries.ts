/** What more than one screen reads from the API: the same key everywhere, so one answer serves all. */

import { queryOptions } from "@tanstack/react-query";
import type { Deployment, Me, Model, Page, PnlSummary, Series, Session, Status, Strategy } from "./contract";
import { get, rememberCsrf } from "./http";

const STATUS_EVERY_MS = 30_000;
const BUSY_EVERY_MS = 15_000;

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await get<Me>("/identity/me", { signal });
    rememberCsrf(me.csrf);
    return me;
  },
  staleTime: 300_000,
});

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => get<Status>("/ops/status", { signal }),
  refetchInterval: STATUS_EVERY_MS,
});

export const seriesQuery = queryOptions({
  queryKey: ["series"],
  queryFn: ({ signal }) => get<Page<Series>>("/ledgers/series", { signal }),
});

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: async ({ signal }) => {
    const answer = await get<Model[] | Page<Model>>("/lab/models", { signal });
    return Array.isArray(answer) ? answer : answer.items;
  },
  staleTime: 300_000,
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => get<Page<Session>>("/lab/sessions", { signal }),
  refetchInterval: BUSY_EVERY_MS,
});

export const strategiesQuery = queryOptions({
  queryKey: ["strategies"],
  queryFn: ({ signal }) => get<Page<Strategy>>("/engine/strategies", { signal }),
});

export const deploymentsQuery = queryOptions({
  queryKey: ["deployments"],
  queryFn: ({ signal }) => get<Page<Deployment>>("/floor/deployments", { signal }),
  refetchInterval: BUSY_EVERY_MS,
});

export const pnlQuery = queryOptions({
  queryKey: ["pnl", "summary", {}],
  queryFn: ({ signal }) => get<PnlSummary>("/books/summary", { signal }),
});
