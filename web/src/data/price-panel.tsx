/** The chosen series: its coverage, and its candles as fine as what is seen allows. */

import { Switch } from "@mantine/core";
import { IconFlask } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Bars, Series } from "../lib/contract";
import { plural, t } from "../lib/message";
import { barsInstead } from "../ui/bars-instead";
import { barsQuery } from "../ui/bars-query";
import { nextWindow, RANGES, type RangeName, spanOf } from "../ui/candle-window";
import { chartOf, sealedNote, summaryOf } from "../ui/candles";
import type { ChartRange } from "../ui/chart-model";
import { ChartPanel } from "../ui/chart-panel";
import { LinkButton } from "../ui/link-button";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { CoverageStrip } from "./coverage-strip";
import { detailQuery } from "./data-queries";
import { GapPanel } from "./gap-panel";
import { OriginPill, sourceOf } from "./origin-pill";

const HEIGHT = 420;
const OPTIONS = RANGES.map((name) => ({ value: name, label: name }));

type View = { load: ChartRange | null; show: ChartRange | null };

export function SeriesView({ series, range }: { series: Series; range: RangeName }) {
  const detail = useQuery(detailQuery(series.id));
  const gaps = detail.data?.gap_list;
  return (
    <>
      <Panel
        title={t("Coverage of {market}", { market: nameOf(series) })}
        beside={<OriginPill series={series} />}
        end={
          <LinkButton
            variant="default"
            leftSection={<IconFlask size={16} aria-hidden="true" />}
            to="/research/new"
            search={{ symbol: series.symbol }}
          >
            {t("Research this market")}
          </LinkButton>
        }
      >
        <CoverageStrip series={series} gaps={gaps} />
      </Panel>
      <PricePanel key={`${series.id} ${range}`} series={series} range={range} />
      {series.gaps > 0 ? (
        <GapPanel key={series.id} series={series} source={{ rows: gaps, error: detail.error, retry: detail.refetch }} />
      ) : null}
    </>
  );
}

function PricePanel({ series, range }: { series: Series; range: RangeName }) {
  const navigate = useNavigate({ from: "/data" });
  const [view, setView] = useState<View>(() => ({ load: spanOf(series, range), show: null }));
  const [logScale, setLogScale] = useState(false);
  const { data: bars, error, refetch } = useQuery(barsQuery(series.id, view.load, { margin: view.show !== null }));
  const drawn = useMemo(() => (bars ? chartOf(bars) : []), [bars]);
  const seen = (now: ChartRange) => {
    const load = bars && nextWindow(series, bars, now);
    if (load) setView({ load, show: now });
  };
  return (
    <ChartPanel
      title={t("Price of {market}", { market: nameOf(series) })}
      name={`candles-${series.symbol}-${bars?.level ?? series.timeframe}-${range}`}
      summary={bars ? summaryOf(series, bars) : t("Loading")}
      series={drawn}
      height={HEIGHT}
      range={view.show}
      onRange={seen}
      logScale={logScale}
      instead={barsInstead(bars, error, refetch)}
      note={bars ? noteOf(series, bars) + sealedNote(bars) : t("Loading")}
      controls={
        <>
          <Segments
            label={t("Range")}
            value={range}
            options={OPTIONS}
            onChange={(name) =>
              void navigate({ search: (before) => ({ ...before, range: name }), replace: true, resetScroll: false })
            }
          />
          <Switch
            size="sm"
            label={t("Log scale")}
            checked={logScale}
            onChange={(event) => setLogScale(event.currentTarget.checked)}
          />
        </>
      }
    />
  );
}

function noteOf(series: Series, bars: Bars): string {
  const made = series.origin === "synthetic" ? ` ${t("SYNTHETIC data, made by a generator.")}` : "";
  if (bars.level === bars.timeframe) {
    return (
      plural(bars.ts.length, "{count} candle of {level}.", "{count} candles of {level}.", { level: bars.level }) + made
    );
  }
  return (
    plural(
      bars.ts.length,
      "{count} candle of {level}, folded exactly from {timeframe} bars; zoom in for finer ones.",
      "{count} candles of {level}, folded exactly from {timeframe} bars; zoom in for finer ones.",
      {
        level: bars.level,
        timeframe: bars.timeframe,
      },
    ) + made
  );
}

function nameOf(series: Series): string {
  return `${series.symbol} · ${series.timeframe} · ${sourceOf(series)}`;
}
