/** What more than one screen reads from the API: the same key everywhere, so one answer serves all. */

import { queryOptions } from "@tanstack/react-query";
import {
  booksSummary,
  engineStrategies,
  floorGetSwitch,
  floorListDeployments,
  labModels,
  labProposals,
  labSessions,
  ledgersListSeries,
  opsStatus,
} from "../api/generated/sdk.gen";
import { askMe } from "./who";

const STATUS_EVERY_MS = 30_000;
/** Events tell what changed (app/shell/keep-live); this is for the event that was lost. */
const BUSY_EVERY_MS = 60_000;
/** Who is signed in and which models there are change rarely, and never by themselves. */
const RARELY_MS = 300_000;

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => askMe(signal),
  staleTime: RARELY_MS,
});

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => opsStatus({ signal }),
  refetchInterval: STATUS_EVERY_MS,
});

export const seriesQuery = queryOptions({
  queryKey: ["series"],
  queryFn: ({ signal }) => ledgersListSeries({ signal }),
});

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: async ({ signal }) => (await labModels({ signal })).items,
  staleTime: RARELY_MS,
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => labSessions({ signal }),
  refetchInterval: BUSY_EVERY_MS,
});

export const strategiesQuery = queryOptions({
  queryKey: ["strategies"],
  queryFn: ({ signal }) => engineStrategies({ signal }),
});

/** What research laid before a person, decided or not. */
export const proposalsQuery = queryOptions({
  queryKey: ["strategies", "proposals"],
  queryFn: ({ signal }) => labProposals({ signal }),
  refetchInterval: BUSY_EVERY_MS,
});

export const deploymentsQuery = queryOptions({
  queryKey: ["deployments"],
  queryFn: ({ signal }) => floorListDeployments({ signal }),
  refetchInterval: BUSY_EVERY_MS,
});

export const pnlQuery = queryOptions({
  queryKey: ["pnl", "summary", {}],
  queryFn: ({ signal }) => booksSummary({ signal }),
});

/** The kill switch: thrown, no order goes out until a person resumes. */
export const switchQuery = queryOptions({
  queryKey: ["deployments", "switch"],
  queryFn: ({ signal }) => floorGetSwitch({ signal }),
  refetchInterval: BUSY_EVERY_MS,
});
