/** The candles of a series in a window, as fine as a screen can show: the server folds them exactly. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ledgersListBars } from "../api/generated/sdk.gen";
import type { ChartRange } from "./chart-model";

/** As many candles as a screen can show. */
const MAX_SEEN = 1_500;

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
