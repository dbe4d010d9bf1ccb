/** Profit and loss: each figure is the sum of fills and lots that it opens to. */

import { Button, Skeleton } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { SummaryAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatTiles } from "../ui/stat-tiles";
import { EmptyState, ErrorState } from "../ui/states";
import { ExplainDrawer } from "./explain-drawer";
import { FigureButton } from "./figure-button";
import { Incomplete } from "./incomplete";
import { markWords } from "./mark";
import { PnlChart } from "./pnl-chart";
import { type FigureName, parseQuestion, questionText, type Scope, summaryQuery } from "./pnl-data";
import { AssetTable, StrategyTable } from "./pnl-tables";

const route = getRouteApi("/shell/pnl");

export function PnlScreen() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const scope: Scope = {
    ...(search.strategy ? { strategy: search.strategy } : {}),
    ...(search.asset ? { asset: search.asset } : {}),
  };
  const { data, error, refetch } = useQuery(summaryQuery(scope));
  const ask = (figure: FigureName, of?: Scope) =>
    void navigate({ to: "/pnl", search: { ...scope, figure: questionText(figure, of) }, replace: true });
  const narrowed = scope.strategy ?? scope.asset;
  return (
    <Page
      title={t("Profit and loss")}
      lead={t(
        "Lots are matched first in, first out. Realized and net are after fees and funding; choose any number to see the fills behind it.",
      )}
      actions={
        narrowed ? (
          <Button
            variant="default"
            leftSection={<IconX size={15} aria-hidden="true" />}
            renderRoot={(props) => <Link {...props} to="/pnl" />}
          >
            {t("Only {name}: show all", { name: narrowed })}
          </Button>
        ) : null
      }
    >
      {error && !data ? (
        <Panel>
          <ErrorState error={error} what={t("The books could not be read.")} retry={refetch} />
        </Panel>
      ) : (
        <Figures summary={data} onAsk={ask} />
      )}
      {data && isEmpty(data) ? (
        <NoBooks />
      ) : (
        <>
          {data ? <Incomplete summary={data} /> : null}
          <PnlChart scope={scope} />
          <StrategyTable summary={data} onAsk={ask} />
          <AssetTable summary={data} onAsk={ask} />
        </>
      )}
      <ExplainDrawer
        question={parseQuestion(search.figure, scope)}
        onClose={() => void navigate({ to: "/pnl", search: scope, replace: true })}
      />
    </Page>
  );
}

type FiguresProps = { summary: SummaryAnswer | undefined; onAsk: (figure: FigureName) => void };

function Figures({ summary, onAsk }: FiguresProps) {
  const currency = summary?.currency ?? "";
  const tile = (figure: FigureName, label: string, note: string) => ({
    label,
    value: summary ? (
      <FigureButton
        label={label}
        value={summary[figure]}
        currency={currency}
        cost={figure === "fees"}
        onAsk={() => onAsk(figure)}
      />
    ) : (
      <Skeleton height={18} width={84} mt={4} mb={4} />
    ),
    note,
  });
  return (
    <StatTiles
      stats={[
        tile("net", t("Net"), t("Realized and unrealized, after fees and funding")),
        tile("realized", t("Realized"), t("Of closed lots, after fees and funding")),
        tile("unrealized", t("Unrealized"), summary ? markWords(summary) : t("Price and its age")),
        tile("fees", t("Fees"), t("Paid; already inside the others")),
      ]}
    />
  );
}

function NoBooks() {
  return (
    <Panel>
      <EmptyState
        text={t("No fill was booked yet. Approve a strategy for paper, and its fills arrive here.")}
        action={
          <Button renderRoot={(props) => <Link {...props} to="/approvals" />}>{t("See what can be approved")}</Button>
        }
      />
    </Panel>
  );
}

function isEmpty(summary: SummaryAnswer): boolean {
  return summary.by_strategy.length === 0 && summary.by_asset.length === 0 && summary.suspended === 0;
}
