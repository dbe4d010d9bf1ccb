/** How the figures grew, after each fill and each price. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { CurveAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { ChartSeries } from "../ui/chart-model";
import { ChartPanel } from "../ui/chart-panel";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { curveQuery, lastOfEach, type Scope } from "./pnl-data";

export function PnlChart({ scope }: { scope: Scope }) {
  const { data, error, refetch } = useQuery(curveQuery(scope));
  const series = useMemo(() => (data ? curves(data) : []), [data]);
  const instead = !data ? (
    error ? (
      <ErrorState error={error} what={t("The curve could not be read.")} retry={refetch} />
    ) : (
      <LoadingRows rows={6} />
    )
  ) : data.ts.length === 0 ? (
    <EmptyState text={t("The curve begins with the first fill.")} />
  ) : undefined;
  return (
    <ChartPanel
      title={t("Profit and loss over time")}
      summary={data ? summary(data) : t("Being read.")}
      name={["pnl-curve", scope.strategy, scope.asset].filter(Boolean).join("-")}
      height={300}
      series={series}
      note={
        data
          ? plural(
              data.points,
              "{count} point in {currency}, net of fees",
              "{count} points in {currency}, net of fees",
              { currency: data.currency },
            )
          : null
      }
      {...(instead ? { instead } : {})}
    />
  );
}

function curves(curve: CurveAnswer): ChartSeries[] {
  const places = lastOfEach(curve.ts);
  const ts = places.map((place) => Date.parse(curve.ts[place] ?? ""));
  const column = (values: readonly (string | null)[]) => places.map((place) => toNumber(values[place]));
  const format = (value: number) => formatNumber(value, { digits: 2, signed: true });
  return [
    { id: "net", title: t("Net"), kind: "area", ts, values: column(curve.net), tone: "accent", format },
    { id: "realized", title: t("Realized"), kind: "line", ts, values: column(curve.realized), tone: "quiet", format },
    {
      id: "unrealized",
      title: t("Unrealized"),
      kind: "line",
      ts,
      values: column(curve.unrealized),
      tone: "volume",
      dashed: true,
      format,
    },
  ];
}

/** For drawing only. */
function toNumber(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}

function summary({ ts, net, currency }: CurveAnswer): string {
  const first = ts[0];
  const last = ts.at(-1);
  if (!first || !last) return t("No fill was booked yet.");
  return t("From {start} to {end} net profit and loss came to {net} {currency}.", {
    start: formatTime(first),
    end: formatTime(last),
    net: formatNumber(net.at(-1), { digits: 2, signed: true }),
    currency,
  });
}
