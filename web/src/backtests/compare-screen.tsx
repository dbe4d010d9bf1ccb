/** Two to four runs side by side: their curves from 1, their figures, and the settings in which they differ. */

import { useQueries } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Backtest } from "../lib/contract";
import { plural, t } from "../lib/message";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { backtestQuery } from "./backtest-data";
import { CompareChart } from "./compare-chart";
import { CompareFigures, CompareRuns, CompareSettings } from "./compare-tables";
import { idsIn } from "./comparison";

const route = getRouteApi("/shell/backtests/compare");

export function CompareScreen() {
  const ids = idsIn(route.useSearch().ids);
  return (
    <Page
      title={t("Compare backtests")}
      lead={t("Differences are to the first one, A. More tries on the same data make the best one less believable.")}
      actions={
        <LinkButton variant="default" to="/backtests">
          {t("Choose others")}
        </LinkButton>
      }
    >
      {ids.length < 2 ? (
        <Panel>
          <EmptyState
            text={t("Choose two to four runs in the list of backtests.")}
            action={<LinkButton to="/backtests">{t("To the list")}</LinkButton>}
          />
        </Panel>
      ) : (
        <Loaded key={ids.join()} ids={ids} />
      )}
    </Page>
  );
}

function Loaded({ ids }: { ids: readonly string[] }) {
  const answers = useQueries({ queries: ids.map((id) => backtestQuery(id)) });
  const failed = answers.find((answer) => answer.error && !answer.data);
  const runs = answers.flatMap((answer) => (answer.data ? [answer.data] : []));
  if (failed) {
    return (
      <Panel flush>
        <ErrorState error={failed.error} what={t("One of the runs could not be read.")} retry={failed.refetch} />
      </Panel>
    );
  }
  if (runs.length < ids.length) {
    return (
      <Panel flush>
        <LoadingRows rows={12} />
      </Panel>
    );
  }
  return <Compared runs={runs} />;
}

function Compared({ runs }: { runs: readonly Backtest[] }) {
  const open = runs.filter((run) => run.state !== "done").length;
  return (
    <>
      <CompareRuns runs={runs} />
      {open > 0 ? (
        <Panel title={t("Not all have a result")}>
          <p>
            {plural(
              open,
              "{count} of them has none: it runs still, or was refused.",
              "{count} of them have none: they run still, or were refused.",
            )}
          </p>
        </Panel>
      ) : null}
      <CompareChart runs={runs} />
      <CompareFigures runs={runs} />
      <CompareSettings runs={runs} />
    </>
  );
}
