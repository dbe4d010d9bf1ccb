/** What is known of whether a run could be luck: tries on its data, verdicts on its version, exams of its market. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { engineExams, engineLine, engineValidations, engineVerdict } from "../api/generated/sdk.gen";
import type { ValidationAnswer } from "../api/generated/types.gen";
import type { Backtest } from "../lib/contract";

const RUNNING_EVERY_MS = 700;

/** `asked` counts what has ended since: each is one more try. */
export const triesQuery = ({ series_id, span }: Backtest, asked: number | undefined) =>
  queryOptions({
    queryKey: ["backtests", "tries", series_id, span, asked],
    queryFn: ({ signal }) =>
      engineLine({ path: { series_id }, query: span ? { start: span.start, end: span.end } : {}, signal }),
    placeholderData: keepPreviousData,
  });

/** `given` is the verdict that is known to be there: another one is read anew. */
export const verdictQuery = (version: string, given: string | null) =>
  queryOptions({
    queryKey: ["strategies", "verdict", version, given],
    queryFn: ({ signal }) => engineVerdict({ path: { version_id: version }, signal }),
    placeholderData: keepPreviousData,
  });

/** Every verdict that was asked for on a version, newest first; followed while one is under way. */
export const validationsQuery = (version: string) =>
  queryOptions({
    queryKey: ["strategies", "validations", version],
    queryFn: ({ signal }) => engineValidations({ query: { version_id: version }, signal }),
    refetchInterval: (query) => (query.state.data?.items.some(isChecking) ? RUNNING_EVERY_MS : false),
  });

export const examsQuery = (series: string) =>
  queryOptions({
    queryKey: ["backtests", "exams", series],
    queryFn: ({ signal }) => engineExams({ query: { series_id: series }, signal }),
  });

export function isChecking(row: Pick<ValidationAnswer, "state">): boolean {
  return row.state === "queued" || row.state === "running";
}
