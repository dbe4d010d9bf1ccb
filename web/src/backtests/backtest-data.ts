/** What the backtest screens read. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { engineBacktest, engineBacktests } from "../api/generated/sdk.gen";
import type { BacktestShort } from "../api/generated/types.gen";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";

const RUNNING_EVERY_MS = 1_000;
const PAGE = 200;

export const backtestPagesQuery = infiniteQueryOptions({
  queryKey: ["backtests", "pages"],
  queryFn: ({ signal, pageParam }) =>
    engineBacktests({ query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.next,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.items.some(isUnderWay)) ? RUNNING_EVERY_MS : false,
});

export const backtestQuery = (id: string) =>
  queryOptions({
    queryKey: ["backtests", id],
    queryFn: ({ signal }) => engineBacktest({ path: { backtest_id: id }, signal }),
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? RUNNING_EVERY_MS : false),
  });

export function isUnderWay(row: Pick<BacktestShort, "state">): boolean {
  return row.state === "queued" || row.state === "running";
}

export function backtestState(state: BacktestShort["state"]): { text: string; tone: Tone } {
  switch (state) {
    case "queued":
      return { text: t("Queued"), tone: "info" };
    case "running":
      return { text: t("Running"), tone: "accent" };
    case "done":
      return { text: t("Done"), tone: "good" };
    case "failed":
      return { text: t("Refused"), tone: "bad" };
  }
}
