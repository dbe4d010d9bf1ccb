/** Runs a backtest of a version, or of a document that is none yet, on candles that fit it. */

import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { engineRequestBacktest } from "../api/generated/sdk.gen";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { LinkButton } from "../ui/link-button";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { CandlesChoice } from "./candles-choice";
import { spanOf } from "./run-span";
import { SpanFields } from "./span-fields";
import styles from "./strategies.module.css";
import { idsOf, useCandles } from "./use-candles";

type RunPanelProps = {
  title: string;
  /** Exactly one of the two; null while there is nothing that could run. */
  what: { version_id: string } | { document: Record<string, unknown> } | null;
  /** Only candles that it is about can run; null while it is not known. */
  document: Record<string, unknown> | null;
};

export function RunPanel({ title, what, document }: RunPanelProps) {
  const { data } = useQuery(seriesQuery);
  const [days, setDays] = useState({ first: "", last: "" });
  const candles = useCandles(data?.items ?? [], document);
  const { run, sending, error } = useRun();
  if (data && document && candles.rows.length === 0) {
    return (
      <Panel title={title}>
        <EmptyState
          text={t("There are no candles yet that this strategy is about.")}
          action={<LinkButton to="/data">{t("Get candles")}</LinkButton>}
        />
      </Panel>
    );
  }
  return (
    <Panel title={title}>
      <div className={styles.run}>
        <CandlesChoice candles={candles} />
        <SpanFields days={days} onChange={setDays} extent={candles.extent} />
        {error ? (
          <p className={styles.trouble} role="alert">
            {explain(error)}
          </p>
        ) : null}
        <div>
          <Button
            variant="default"
            disabled={!(candles.isReady && what)}
            loading={sending}
            onClick={() => what && void run({ ...what, ...idsOf(candles.series), ...spanOf(days) })}
          >
            {t("Run the backtest")}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

type Asked = Parameters<typeof engineRequestBacktest>[0]["body"];

/** Asks for the run and follows it to its page. */
function useRun() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (body: Asked) => {
    setSending(true);
    setError(null);
    try {
      const { id } = await engineRequestBacktest({ body });
      await client.invalidateQueries({ queryKey: ["backtests"] });
      await navigate({ to: "/backtests/$backtest", params: { backtest: id }, ignoreBlocker: true });
    } catch (failure) {
      setError(failure);
      setSending(false);
    }
  };
  return { run, sending, error };
}
