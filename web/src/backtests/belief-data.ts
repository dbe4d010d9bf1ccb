/** What is known of whether a run could be luck: every try on its data, and the verdict on its version. */

import { queryOptions } from "@tanstack/react-query";
import { engineLine, engineVerdict } from "../api/generated/sdk.gen";
import type { VerdictAnswer } from "../api/generated/types.gen";
import type { Backtest } from "../lib/contract";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";

export type Grade = VerdictAnswer["outcome"];

export const triesQuery = ({ series_id, span }: Backtest) =>
  queryOptions({
    queryKey: ["backtests", "tries", series_id, span],
    queryFn: ({ signal }) =>
      engineLine({ path: { series_id }, query: span ? { start: span.start, end: span.end } : {}, signal }),
  });

export const verdictQuery = (version: string) =>
  queryOptions({
    queryKey: ["strategies", "verdict", version],
    queryFn: ({ signal }) => engineVerdict({ path: { version_id: version }, signal }),
  });

export function gradeState(grade: Grade): { text: string; tone: Tone } {
  switch (grade) {
    case "pass":
      return { text: t("Pass"), tone: "good" };
    case "weak":
      return { text: t("Weak"), tone: "warn" };
    case "fail":
      return { text: t("Fail"), tone: "bad" };
  }
}
