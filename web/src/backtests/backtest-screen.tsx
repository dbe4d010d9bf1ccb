/** One backtest: what came out, beside holding; every closed position; what was assumed. */

import { Button } from "@mantine/core";
import { IconRocket } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { BacktestAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import { metricName, metricOf, metricText } from "../ui/metric";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { StatTiles } from "../ui/stat-tiles";
import { StatePill } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { StrategyDocument } from "../ui/strategy-document";
import { AssumptionsPanel } from "./assumptions-panel";
import { BacktestChart } from "./backtest-chart";
import { backtestQuery, backtestState, isUnderWay } from "./backtest-data";
import styles from "./backtests.module.css";
import { MetricsPanel } from "./metrics-panel";
import { MonthsPanel } from "./months-panel";
import { PositionsPanel } from "./positions-panel";
import { PriceChart } from "./price-chart";
import { isShared, marketOf, namesOf } from "./shared";
import { SharedPrices } from "./shared-prices";
import { SymbolsPanel } from "./symbols-panel";
import { VerdictTab } from "./verdict-tab";

const route = getRouteApi("/shell/backtests/$backtest");

/** The six figures that a judgement starts from, each with what it is compared to. */
const TILES = [
  ["total_return", "hold_return"],
  ["sharpe", "hold_sharpe"],
  ["max_drawdown", "hold_max_drawdown"],
  ["win_rate", "profit_factor"],
  ["closed_positions", "exposure"],
  ["fees", "average_position"],
] as const;

export function BacktestScreen() {
  const { backtest: id } = route.useParams();
  const { data, error, refetch } = useQuery(backtestQuery(id));
  if (data) return <Opened backtest={data} />;
  return (
    <Page title={t("Backtest")}>
      <Panel flush>
        {error ? (
          <ErrorState error={error} what={t("This backtest could not be read.")} retry={refetch} />
        ) : (
          <LoadingRows rows={10} />
        )}
      </Panel>
    </Page>
  );
}

function Opened({ backtest }: { backtest: BacktestAnswer }) {
  const state = backtestState(backtest.state);
  const { version_id: version, series } = backtest;
  return (
    <Page
      title={backtest.name}
      facts={
        <>
          {backtest.exam ? <StatePill tone="accent">{t("Sealed exam")}</StatePill> : null}
          <StatePill tone="quiet" dot={false}>
            {marketOf(backtest)}
          </StatePill>
          <span role="status">
            <StatePill tone={state.tone} pulse={backtest.state === "running"}>
              {state.text}
            </StatePill>
          </span>
        </>
      }
      lead={lead(backtest)}
      actions={
        version && backtest.state === "done" ? (
          <Button
            leftSection={<IconRocket size={16} aria-hidden="true" />}
            renderRoot={(props) => (
              <Link {...props} to="/approvals/$version" params={{ version }} search={{ series: series.id }} />
            )}
          >
            {t("Promote to paper")}
          </Button>
        ) : null
      }
    >
      <Body backtest={backtest} />
    </Page>
  );
}

function Body({ backtest }: { backtest: BacktestAnswer }) {
  if (isUnderWay(backtest)) {
    return (
      <Panel title={t("Under way")}>
        <EmptyState
          text={
            backtest.state === "queued"
              ? t("Waiting for a worker. This page follows by itself; a worker takes it up within a second.")
              : t("Running now. This page follows by itself.")
          }
        />
      </Panel>
    );
  }
  if (backtest.state === "failed") return <Refusal backtest={backtest} />;
  return <Result backtest={backtest} />;
}

function Refusal({ backtest }: { backtest: BacktestAnswer }) {
  const error = backtest.error;
  return (
    <>
      <Panel title={t("Why it was refused")}>
        <div className={styles.refusal} role="alert">
          <p>{error?.text ?? t("It ended without saying why.")}</p>
          {error?.place ? (
            <p>
              {t("In the document at")} <span className={styles.code}>{error.place}</span>
            </p>
          ) : null}
          <p>{t("Nothing was changed by it. Mend the strategy, or choose other data, and run it again.")}</p>
        </div>
      </Panel>
      <Panel title={t("Strategy")}>
        <StrategyDocument document={backtest.document} hash={backtest.hash} />
      </Panel>
    </>
  );
}

function Result({ backtest }: { backtest: BacktestAnswer }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tab = search.tab ?? "result";
  const show = (next: string) =>
    void navigate({
      to: "/backtests/$backtest",
      params: { backtest: backtest.id },
      search: { tab: next },
      replace: true,
    });
  return (
    <>
      <StatTiles
        stats={TILES.map(([name, beside]) => ({
          label: metricName(name),
          value: metricText(metricOf(backtest.metrics, name)),
          note: t("{name}: {value}", {
            name: beside.startsWith("hold_") ? t("Holding") : metricName(beside),
            value: metricText(metricOf(backtest.metrics, beside)),
          }),
        }))}
      />
      <div>
        <Segments
          label={t("What to see of this backtest")}
          value={tab}
          options={[
            { value: "result", label: t("Result") },
            { value: "verdict", label: t("Verdict") },
            { value: "positions", label: t("Positions") },
            { value: "assumptions", label: t("Assumptions") },
            { value: "strategy", label: t("Strategy") },
          ]}
          onChange={show}
        />
      </div>
      {tab === "verdict" ? <VerdictTab backtest={backtest} /> : null}
      {tab === "positions" ? <PositionsPanel backtest={backtest} /> : null}
      {tab === "assumptions" ? <AssumptionsPanel backtest={backtest} /> : null}
      {tab === "strategy" ? (
        <Panel title={t("Strategy")}>
          <StrategyDocument document={backtest.document} hash={backtest.hash} />
        </Panel>
      ) : null}
      {tab === "result" ? (
        <>
          {isShared(backtest) ? null : backtest.exam ? <SealedCandles /> : <PriceChart backtest={backtest} />}
          <BacktestChart backtest={backtest} />
          {isShared(backtest) ? (
            <>
              <SymbolsPanel backtest={backtest} />
              <SharedPrices backtest={backtest} />
            </>
          ) : null}
          <MonthsPanel backtest={backtest} />
          <MetricsPanel backtest={backtest} />
        </>
      ) : null}
    </>
  );
}

function SealedCandles() {
  return (
    <Panel title={t("Entries and exits")}>
      <EmptyState
        text={t("These bars are sealed. The exam read them, and nobody else does: their candles are not shown.")}
      />
    </Panel>
  );
}

function lead({ every, span }: BacktestAnswer): string {
  const range = span
    ? t("{start} to {end}", { start: formatTime(span.start, "day"), end: formatTime(span.end, "day") })
    : t("all of its bars");
  const labels = [...new Set(every.map((row) => row.label || row.venue))];
  return `${namesOf(labels)}, ${range}`;
}
