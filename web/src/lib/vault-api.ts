/** Asks for keys, models, prices, presets, caps and bills. A plain key passes through here and is kept nowhere. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import {
  labEstimate,
  labModels,
  labSessionsUsing,
  vaultListCalls,
  vaultListCredentials,
  vaultListModels,
  vaultListPresets,
  vaultListProviders,
  vaultReadCaps,
  vaultReadUsage,
} from "../api/generated/sdk.gen";
import type { Choice, UsageBy } from "./vault";

/** The providers change with a release, not in between. */
const RARELY_MS = 300_000;
const KEYS_EVERY_MS = 30_000;
const CALLS = 50;

export const providersQuery = queryOptions({
  queryKey: ["vault", "providers"],
  queryFn: ({ signal }) => vaultListProviders({ signal }),
  staleTime: RARELY_MS,
});

export const credentialsQuery = queryOptions({
  queryKey: ["vault", "credentials"],
  queryFn: async ({ signal }) => (await vaultListCredentials({ signal })).items,
  refetchInterval: KEYS_EVERY_MS,
});

export const comparisonQuery = queryOptions({
  queryKey: ["vault", "models"],
  queryFn: ({ signal }) => vaultListModels({ signal }),
});

export const presetsQuery = queryOptions({
  queryKey: ["vault", "presets"],
  queryFn: async ({ signal }) => (await vaultListPresets({ signal })).items,
});

export const capsQuery = queryOptions({
  queryKey: ["vault", "caps"],
  queryFn: async ({ signal }) => {
    const { currency: _, ...caps } = await vaultReadCaps({ signal });
    return caps;
  },
});

export const usageQuery = (by: UsageBy, from: string) =>
  queryOptions({
    queryKey: ["vault", "usage", by, from],
    queryFn: ({ signal }) => vaultReadUsage({ query: { by, from }, signal }),
  });

export const callsPage = infiniteQueryOptions({
  queryKey: ["vault", "calls"],
  queryFn: ({ pageParam, signal }) => vaultListCalls({ query: { cursor: pageParam, limit: CALLS }, signal }),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

/** What a session may be opened with: the analyst first, then every model of every key. */
export const choicesQuery = queryOptions({
  queryKey: ["models", "choices"],
  queryFn: async ({ signal }) => (await labModels({ signal })).items,
});

/** What sessions with this model cost and took, here. */
export const estimateQuery = (choice: Choice) =>
  queryOptions({
    queryKey: ["models", "estimate", choice.credential_id, choice.id],
    queryFn: ({ signal }) => labEstimate({ query: { credential_id: choice.credential_id, model: choice.id }, signal }),
    staleTime: 60_000,
  });

export const sessionsOfKey = (id: string) =>
  queryOptions({
    queryKey: ["vault", "credentials", id, "sessions"],
    queryFn: async ({ signal }) => (await labSessionsUsing({ path: { credential_id: id }, signal })).items,
    staleTime: 0,
  });
