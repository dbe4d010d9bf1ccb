/** Runs a backtest of a version on candles that are there. */

import { Button, Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { engineRequestBacktest } from "../api/generated/sdk.gen";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { Panel } from "../ui/panel";
import styles from "./strategies.module.css";

export function RunPanel({ version }: { version: string }) {
  const { data } = useQuery(seriesQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [series, setSeries] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const rows = data?.items ?? [];
  const run = async () => {
    if (!series) return;
    setSending(true);
    setError(null);
    try {
      const { id } = await engineRequestBacktest({ body: { version_id: version, series_id: series } });
      await client.invalidateQueries({ queryKey: ["backtests"] });
      await navigate({ to: "/backtests/$backtest", params: { backtest: id } });
    } catch (failure) {
      setError(failure);
      setSending(false);
    }
  };
  return (
    <Panel title={t("Backtest this version")}>
      <div className={styles.run}>
        <Select
          label={t("Candles")}
          placeholder={rows.length === 0 ? t("There are none yet") : t("Choose a market")}
          data={rows.map((row) => ({
            value: row.id,
            label: `${row.symbol} · ${row.timeframe} · ${row.label || row.venue}`,
          }))}
          value={series}
          onChange={setSeries}
        />
        {error ? (
          <p className={styles.trouble} role="alert">
            {explain(error)}
          </p>
        ) : null}
        <div>
          <Button variant="default" disabled={!series} loading={sending} onClick={() => void run()}>
            {t("Run the backtest")}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
