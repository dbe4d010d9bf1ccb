/** The deployment's equity, and under it the price that it traded at, with its fills. */

import { useEffect, useMemo, useState } from "react";
import type { DeploymentAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { ChartMarker, ChartSeries } from "../ui/chart-model";
import { ChartPanel } from "../ui/chart-panel";
import { EmptyState } from "../ui/states";
import type { Curve, DeploymentLive, FillRow } from "./deployment-state";

/** A chart of thousands of points is drawn no more often than this. */
const DRAW_EVERY_MS = 1_000;
/** Markers are slow in the library; the newest are the ones looked for. */
const MAX_MARKERS = 200;

export function DeploymentChart({
  deployment,
  store,
}: {
  deployment: DeploymentAnswer;
  store: LiveStore<DeploymentLive>;
}) {
  const curve = useCalm(useLiveSlow(store, (live) => live.curve));
  const fills = useCalm(useLiveSlow(store, (live) => live.fills));
  const several = deployment.others.length > 0;
  const series = useMemo(() => curves(curve, several), [curve, several]);
  const markers = useMemo(() => marks(fills, curve), [fills, curve]);
  return (
    <ChartPanel
      title={several ? t("Equity") : t("Equity and price")}
      summary={summary(deployment, curve)}
      name={`deployment-${deployment.id}-equity`}
      height={360}
      series={series}
      markers={markers}
      note={plural(curve.ts.length, "{count} point so far", "{count} points so far")}
      {...(curve.ts.length > 0
        ? {}
        : { instead: <EmptyState text={t("The curve begins with the first bar that it decides on.")} /> })}
    />
  );
}

function curves({ ts, equity, price }: Curve, several: boolean): ChartSeries[] {
  const money = (value: number) => formatNumber(value, { digits: 2 });
  if (several)
    return [{ id: "equity", title: t("Equity"), kind: "area", ts, values: equity, tone: "accent", format: money }];
  return [
    { id: "price", title: t("Price"), kind: "line", ts, values: price, tone: "quiet" },
    { id: "equity", title: t("Equity"), kind: "area", ts, values: equity, tone: "accent", pane: 1, format: money },
  ];
}

/** A fill stands at the bar that was known when it happened. */
function marks(fills: readonly FillRow[], { ts }: Curve): ChartMarker[] {
  const known = new Set(ts);
  return fills
    .slice(0, MAX_MARKERS)
    .map((fill): ChartMarker => ({ ts: Date.parse(fill.ts), side: fill.side === "sell" ? "sell" : "buy", text: "" }))
    .filter((marker) => known.has(marker.ts))
    .reverse();
}

function summary({ name, currency }: DeploymentAnswer, { ts, equity }: Curve): string {
  const first = ts[0];
  const last = ts.at(-1);
  if (first === undefined || last === undefined) return t("No bar was traded yet.");
  return t("{name}: from {start} to {end} equity went from {from} to {to} {currency}.", {
    name,
    start: formatTime(first),
    end: formatTime(last),
    from: formatNumber(equity[0], { digits: 2 }),
    to: formatNumber(equity.at(-1), { digits: 2 }),
    currency,
  });
}

/** A value that changes often, taken up now and then; its last state is always taken. */
function useCalm<Value>(value: Value): Value {
  const [calm, setCalm] = useState(value);
  const [due, setDue] = useState(0);
  useEffect(() => {
    const wait = Math.max(0, due - Date.now());
    const timer = setTimeout(() => {
      setCalm(value);
      setDue(Date.now() + DRAW_EVERY_MS);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, due]);
  return calm;
}
