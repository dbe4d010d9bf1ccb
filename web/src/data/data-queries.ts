/** What the data page reads. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ledgersGetSeries, ledgersListBars, ledgersListImports, ledgersListQuarantine } from "../api/generated/sdk.gen";
import type { Quarantine } from "../api/generated/types.gen";
import type { ImportProblem } from "../lib/contract";
import type { ChartRange } from "../ui/chart-model";

/** As many candles as a screen can show. */
const MAX_SEEN = 1_500;
const PAGE_OF_PROBLEMS = 200;

export const detailQuery = (id: string) =>
  queryOptions({
    queryKey: ["series", id],
    queryFn: ({ signal }) => ledgersGetSeries({ path: { series_id: id }, signal }),
  });

/** `margin`: as much again lies beside what is seen. */
export const barsQuery = (id: string, span: ChartRange | null, { margin }: { margin: boolean }) =>
  queryOptions({
    queryKey: ["series", id, "bars", margin, span?.from ?? 0, span?.to ?? 0],
    queryFn: ({ signal }) => {
      const part = span ? { start: new Date(span.from).toISOString(), end: new Date(span.to).toISOString() } : {};
      return ledgersListBars({
        query: { series_id: id, max_points: margin ? 2 * MAX_SEEN : MAX_SEEN, ...part },
        signal,
      });
    },
    placeholderData: (before, query) => (query?.queryKey[1] === id ? keepPreviousData(before) : undefined),
  });

export const importsQuery = infiniteQueryOptions({
  queryKey: ["imports"],
  queryFn: ({ signal, pageParam }) => ledgersListImports({ query: pageParam ? { cursor: pageParam } : {}, signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.next,
});

export const quarantineQuery = (id: string) =>
  queryOptions({ queryKey: ["imports", id, "quarantine"], queryFn: ({ signal }) => loadProblems(id, signal) });

/** All of them: the server keeps at most a thousand a file. */
async function loadProblems(id: string, signal: AbortSignal): Promise<ImportProblem[]> {
  const found: ImportProblem[] = [];
  for (let cursor: number | null = 0; cursor !== null; ) {
    const query = { cursor, limit: PAGE_OF_PROBLEMS };
    const page: Quarantine = await ledgersListQuarantine({ path: { import_id: id }, query, signal });
    found.push(...page.items);
    cursor = page.next;
  }
  return found;
}
