/** Bake-offs: several models on one frozen task, each several times. */

import { queryOptions } from "@tanstack/react-query";
import { get, post } from "./http";

export type BakeoffState = "queued" | "running" | "done" | "failed" | "cancelled" | "budget_reached";

export type BakeoffEntry = { credential_id: string | null; model: string; preset_id?: string | null };
export type NewBakeoff = {
  goal: string;
  symbol: string;
  timeframe: string;
  entries: BakeoffEntry[];
  repeats: number;
  cap: string | null;
};

export type BakeoffShort = {
  id: string;
  goal: string;
  symbol: string;
  timeframe: string;
  state: BakeoffState;
  repeats: number;
  models: string[];
  done: number;
  total: number;
  spent: string;
  cap: string | null;
  created_at: string;
  ended_at: string | null;
};

/** A middle value and the range in which it lies with 95 %; null where nothing was measured. */
export type Measured = { value: string | number; low: string | number | null; high: string | number | null } | null;

export type BakeoffResult = {
  credential_id: string | null;
  credential: string | null;
  provider: string;
  model: string;
  runs: number;
  finished: number;
  evidence_valid: Measured;
  tool_call_success: Measured;
  steps: Measured;
  latency_ms: Measured;
  cost: Measured;
  outcomes: Record<string, number>;
  sessions: string[];
};
export type Bakeoff = BakeoffShort & { entries: BakeoffResult[]; data_hash: string | null; error: string | null };

const LIST_EVERY_MS = 5_000;
const RUNNING_EVERY_MS = 2_000;

export function isOver(state: BakeoffState): boolean {
  return state !== "queued" && state !== "running";
}

export const bakeoffsQuery = queryOptions({
  queryKey: ["bakeoffs"],
  queryFn: async ({ signal }) => (await get<{ items: BakeoffShort[] }>("/lab/bakeoffs", { signal })).items,
  refetchInterval: (query) => (query.state.data?.some((row) => !isOver(row.state)) ? LIST_EVERY_MS : false),
});

export const bakeoffQuery = (id: string) =>
  queryOptions({
    queryKey: ["bakeoffs", id],
    queryFn: ({ signal }) => get<Bakeoff>(`/lab/bakeoffs/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.state) ? false : RUNNING_EVERY_MS),
  });

export const startBakeoff = (body: NewBakeoff) => post<{ id: string }>("/lab/bakeoffs", { body });
export const cancelBakeoff = (id: string) => post<unknown>(`/lab/bakeoffs/${id}/cancel`);
