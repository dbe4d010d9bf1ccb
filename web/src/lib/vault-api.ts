/** Asks for keys, models, prices, presets, caps and bills. A plain key passes through here and is kept nowhere. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import {
  vaultListCalls,
  vaultListCredentials,
  vaultListModels,
  vaultListPresets,
  vaultListProviders,
  vaultReadCaps,
  vaultReadUsage,
} from "../api/generated/sdk.gen";
import { get, post } from "./http";
import type { Choice, UsageBy } from "./vault";

type Items<Row> = { items: Row[] };

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
  queryFn: async ({ signal }) => (await get<Items<Partial<Choice>>>("/lab/models", { signal })).items.map(whole),
});

/** A server that tells less of its models says of each that it needs no key. */
function whole(choice: Partial<Choice>): Choice {
  const { id = "", label = id, provider = "builtin", kind = "rules", credential_id = null, credential = null } = choice;
  const { is_default = false, price_known = kind === "rules", free = kind === "rules" } = choice;
  return { id, label, provider, kind, credential_id, credential, is_default, price_known, free };
}

export type Estimate = {
  n: number;
  cost_low?: string | null;
  cost_high?: string | null;
  minutes_low?: number | null;
  minutes_high?: number | null;
};

/** What sessions with this model cost and took, here. */
export const estimateQuery = (choice: Choice | undefined) =>
  queryOptions({
    queryKey: ["models", "estimate", choice?.credential_id, choice?.id],
    queryFn: ({ signal }) =>
      get<Estimate>("/lab/estimate", {
        query: { credential_id: choice?.credential_id ?? null, model: choice?.id ?? null },
        signal,
      }),
    enabled: choice !== undefined && choice.credential_id !== null,
    staleTime: 60_000,
    retry: false,
  });

export type UnderWay = { id: string; goal: string; state: string; model?: string };

export const sessionsOfKey = (id: string) =>
  queryOptions({
    queryKey: ["vault", "credentials", id, "sessions"],
    queryFn: async ({ signal }) => (await get<Items<UnderWay>>(`/lab/credentials/${id}/sessions`, { signal })).items,
    staleTime: 0,
  });

export type Reassignment = { credential_id: string; model: string };

export const removeKey = (id: string, reassign: Reassignment | null) =>
  post<{ ended: string[]; moved: string[] }>(`/lab/credentials/${id}/remove`, { body: { reassign } });
