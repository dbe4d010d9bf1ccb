/** What stands in a candle chart's place while there is nothing to draw: loading, empty or failed. */

import type { ReactNode } from "react";
import type { Bars } from "../lib/contract";
import { t } from "../lib/message";
import { EmptyState, ErrorState, LoadingRows } from "./states";

/** Null when there are candles. */
export function barsInstead(bars: Bars | undefined, error: unknown, retry: () => unknown): ReactNode {
  if (bars && bars.ts.length === 0)
    return <EmptyState text={t("There are no bars in this range. Choose a longer one.")} />;
  if (bars) return null;
  if (error) return <ErrorState error={error} what={t("The candles could not be loaded.")} retry={retry} />;
  return <LoadingRows rows={6} />;
}
