/** Profit and loss at a glance: net over time, and what it is made of. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { booksCurve } from "../api/generated/sdk.gen";
import { t } from "../lib/message";
import { pnlQuery } from "../lib/queries";
import { Gain, Money } from "../ui/amount";
import { Panel } from "../ui/panel";
import { Sparkline } from "../ui/sparkline";
import { StatTiles } from "../ui/stat-tiles";
import { ErrorState } from "../ui/states";
import styles from "./overview.module.css";

export function PnlPanel() {
  const summary = useQuery(pnlQuery);
  const curve = useQuery({ queryKey: ["pnl", "curve", {}], queryFn: ({ signal }) => booksCurve({ signal }) });
  const { data } = summary;
  const net = curve.data?.net.flatMap((value) => (value === null ? [] : [Number(value)])) ?? [];
  const currency = data?.currency ?? "";
  return (
    <Panel title={t("Profit and loss")} end={<Link to="/pnl">{t("All figures")}</Link>}>
      {summary.isError ? (
        <ErrorState error={summary.error} what={t("Profit and loss could not be loaded.")} retry={summary.refetch} />
      ) : (
        <div className={styles.pnl}>
          <div className={styles.net}>
            <p className={styles.label}>{t("Net, after fees")}</p>
            <p className={styles.figure}>{data ? <Gain value={data.net} currency={currency} /> : "…"}</p>
          </div>
          <Sparkline
            values={net}
            label={net.length > 1 ? t("Net profit and loss over time") : t("No fills yet, so there is no curve")}
          />
          <div className={styles.parts}>
            <StatTiles
              loading={!data}
              stats={[
                { label: t("Realized"), value: <Gain value={data?.realized} />, note: t("from closed lots") },
                { label: t("Unrealized"), value: <Gain value={data?.unrealized} />, note: t("at the last price") },
                { label: t("Fees"), value: <Money value={data?.fees} />, note: t("taken off already") },
              ]}
            />
          </div>
        </div>
      )}
    </Panel>
  );
}
