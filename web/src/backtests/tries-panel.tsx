/** How often these data were tried, by anybody, and how good the best of so many looks by luck alone. */

import { useQuery } from "@tanstack/react-query";
import type { TrialsAnswer } from "../api/generated/types.gen";
import type { Backtest } from "../lib/contract";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import { Panel } from "../ui/panel";
import { ErrorState, LoadingRows } from "../ui/states";
import styles from "./backtests.module.css";
import { triesQuery } from "./belief-data";

const DAYS_A_YEAR = 365;

/** Counts dearly, so only once it is known how many verdicts were `asked` for. */
export function TriesPanel({ backtest, asked }: { backtest: Backtest; asked: number | undefined }) {
  const { data, error, refetch } = useQuery({ ...triesQuery(backtest, asked), enabled: asked !== undefined });
  return (
    <Panel title={t("Tries on these data")}>
      {data ? (
        <Tries tries={data} />
      ) : error ? (
        <ErrorState error={error} what={t("The tries could not be counted.")} retry={refetch} />
      ) : (
        <LoadingRows rows={5} />
      )}
    </Panel>
  );
}

function Tries({ tries }: { tries: TrialsAnswer }) {
  const rows = [
    [t("Parameter sets tried"), formatNumber(tries.trials)],
    [t("Different ideas among them"), formatNumber(tries.clusters)],
    [t("Runs"), runsText(tries)],
    [t("Best Sharpe ratio, a year"), yearly(tries.best_sharpe)],
    [t("Sharpe ratio that luck alone would reach"), yearly(tries.luck_sharpe)],
  ] as const;
  return (
    <>
      <dl className={styles.list}>
        {rows.map(([name, text]) => (
          <Row key={name} name={name} text={text} />
        ))}
      </dl>
      <p className={styles.aside}>
        {t(
          "By anybody in the workspace, on data that overlap this run's. A verdict holds the Sharpe ratio against what the best of so many tries without any skill is expected to show.",
        )}
      </p>
    </>
  );
}

function runsText({ runs, failed, unfinished }: TrialsAnswer): string {
  const parts = [formatNumber(runs)];
  if (failed > 0) parts.push(plural(failed, "{count} refused", "{count} refused"));
  if (unfinished > 0) parts.push(plural(unfinished, "{count} under way", "{count} under way"));
  return parts.join(", ");
}

/** Stored of daily returns. */
function yearly(sharpe: number | null): string {
  return formatNumber(sharpe === null ? null : sharpe * Math.sqrt(DAYS_A_YEAR), { digits: 2, signed: true });
}

function Row({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}
