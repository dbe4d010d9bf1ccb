/** What the data page reads. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import {
  ledgersGetSeries,
  ledgersListImports,
  ledgersListObserved,
  ledgersListQuarantine,
} from "../api/generated/sdk.gen";
import type { Quarantine } from "../api/generated/types.gen";
import type { ImportProblem } from "../lib/contract";

const PAGE_OF_PROBLEMS = 200;

export const detailQuery = (id: string) =>
  queryOptions({
    queryKey: ["series", id],
    queryFn: ({ signal }) => ledgersGetSeries({ path: { series_id: id }, signal }),
  });

export const observedQuery = queryOptions({
  queryKey: ["series", "observed"],
  queryFn: ({ signal }) => ledgersListObserved({ signal }),
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
