/** What the screens of sweeps read: searches over parameters, and what their combinations found. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { engineSweep, engineSweepRows, engineSweeps } from "../api/generated/sdk.gen";
import type { SweepAnswer, SweepRowAnswer, SweepShort } from "../api/generated/types.gen";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";

export type Sweep = SweepAnswer;
export type SweepRow = SweepRowAnswer;

const RUNNING_EVERY_MS = 1_000;
const PAGE = 200;
/** The best so many are read; the API has them all. */
export const MOST_ROWS = 5_000;

export const sweepPagesQuery = infiniteQueryOptions({
  queryKey: ["sweeps", "pages"],
  queryFn: ({ signal, pageParam }) =>
    engineSweeps({ query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.next,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.items.some(isUnderWay)) ? RUNNING_EVERY_MS : false,
});

export const sweepQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweeps", id],
    queryFn: ({ signal }) => engineSweep({ path: { sweep_id: id }, signal }),
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? RUNNING_EVERY_MS : false),
  });

/** Rows are read anew whenever more is done; those of before are shown meanwhile, and not kept. */
export const sweepRowsQuery = (id: string, done: number) =>
  queryOptions({
    queryKey: ["sweeps", id, "rows", done],
    queryFn: ({ signal }) => engineSweepRows({ path: { sweep_id: id }, query: { limit: MOST_ROWS }, signal }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

export function isUnderWay(sweep: Pick<SweepShort, "state">): boolean {
  return sweep.state === "queued" || sweep.state === "running";
}

export function sweepState(state: SweepShort["state"]): { text: string; tone: Tone } {
  switch (state) {
    case "queued":
      return { text: t("Queued"), tone: "info" };
    case "running":
      return { text: t("Running"), tone: "accent" };
    case "stopped":
      return { text: t("Stopped"), tone: "warn" };
    case "done":
      return { text: t("Done"), tone: "good" };
    case "failed":
      return { text: t("Refused"), tone: "bad" };
  }
}
