/** Seals a stretch of a market: from a day on nothing is seen by research until one version sits the exam. */

import { TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { engineSeal } from "../api/generated/sdk.gen";
import type { Backtest } from "../lib/contract";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { seriesQuery } from "../lib/queries";
import { formatTime } from "../lib/time";
import { ConfirmForm } from "../ui/confirm-form";
import { Dialog } from "../ui/dialog";
import styles from "./belief.module.css";

const DAY_MS = 86_400_000;

export function SealDialog({ backtest, onClose }: { backtest: Backtest; onClose: () => void }) {
  const client = useQueryClient();
  const series = useQuery(seriesQuery).data?.items.find((row) => row.id === backtest.series_id);
  const [first, setFirst] = useState("");
  const [last, setLast] = useState(() => (series?.end ? dayOf(Date.parse(series.end) - 1) : ""));
  const sealing = useMutation({
    mutationFn: () =>
      engineSeal({
        body: {
          series_id: backtest.series_id,
          others: backtest.others,
          start: `${first}T00:00:00Z`,
          end: new Date(Date.parse(`${last}T00:00:00Z`) + DAY_MS).toISOString(),
        },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["backtests", "exams"] });
      notify(
        "good",
        t("Sealed"),
        t("Research ends before {day} from now on.", { day: formatTime(`${first}T00:00:00Z`, "day") }),
      );
      onClose();
    },
  });
  return (
    <Dialog title={t("Seal a stretch of {symbol}", { symbol: backtest.series.symbol })} opened onClose={onClose}>
      <ConfirmForm
        label={t("Seal a stretch")}
        button={t("Seal it")}
        ready={first !== "" && last !== "" && first <= last}
        sending={sealing.isPending}
        error={sealing.error}
        onConfirm={() => sealing.mutate()}
        onClose={onClose}
      >
        <p>
          {t(
            "Nobody's research, neither yours nor an agent's, reads a bar of this market from the first day on, whatever its timeframe. One version may sit the exam on it, once. What was tried on these days before is counted and told.",
          )}
        </p>
        <div className={styles.days}>
          <TextInput
            type="date"
            label={t("From (UTC)")}
            description={series?.start ? t("later than {day}", { day: formatTime(series.start, "day") }) : null}
            data-autofocus=""
            value={first}
            onChange={(event) => setFirst(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t("To, included (UTC)")}
            description={t("it may lie in the future")}
            value={last}
            onChange={(event) => setLast(event.currentTarget.value)}
          />
        </div>
      </ConfirmForm>
    </Dialog>
  );
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
