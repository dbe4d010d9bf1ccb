/** What the screens of walk-forward tests read. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { engineWalk, engineWalks } from "../api/generated/sdk.gen";
import type { WalkAnswer, WalkShort } from "../api/generated/types.gen";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";

export type Walk = WalkAnswer;

const RUNNING_EVERY_MS = 1_000;
const PAGE = 200;

export const walkPagesQuery = infiniteQueryOptions({
  queryKey: ["walks", "pages"],
  queryFn: ({ signal, pageParam }) =>
    engineWalks({ query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.next,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.items.some(isUnderWay)) ? RUNNING_EVERY_MS : false,
});

export const walkQuery = (id: string) =>
  queryOptions({
    queryKey: ["walks", id],
    queryFn: ({ signal }) => engineWalk({ path: { walk_id: id }, signal }),
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? RUNNING_EVERY_MS : false),
  });

export function isUnderWay({ state }: Pick<WalkShort, "state">): boolean {
  return state === "queued" || state === "running";
}

export function walkState(state: WalkShort["state"]): { text: string; tone: Tone } {
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
