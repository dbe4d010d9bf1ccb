/** Makes markets that never were: the same wish gives the same markets on every machine. */

import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ledgersMakeSynthetic } from "../api/generated/sdk.gen";
import { plural, t } from "../lib/message";
import { notify } from "../lib/notices";
import { seriesQuery } from "../lib/queries";
import { Dialog } from "../ui/dialog";
import { Form } from "../ui/form";
import styles from "./data.module.css";

const TIMEFRAMES = ["5m", "15m", "1h", "4h", "1d"];

export function SyntheticDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [symbols, setSymbols] = useState("BTC/USDT, ETH/USDT");
  const [timeframe, setTimeframe] = useState("1h");
  const [start, setStart] = useState("2023-01-01");
  const [end, setEnd] = useState("2025-01-01");
  const [seed, setSeed] = useState<string | number>(7);
  const names = symbols.split(/[\s,;]+/).filter(Boolean);
  const make = useMutation({
    mutationFn: () =>
      ledgersMakeSynthetic({
        body: { symbols: names, timeframe, start: `${start}T00:00:00Z`, end: `${end}T00:00:00Z`, seed: Number(seed) },
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: seriesQuery.queryKey });
      notify(
        "good",
        plural(made.items.length, "{count} synthetic market is ready", "{count} synthetic markets are ready"),
      );
      onClose();
    },
  });
  return (
    <Dialog opened title={t("Make synthetic markets")} onClose={onClose}>
      <p className={styles.lead}>
        {t(
          "Calm and wild phases, fat tails and jumps, from a seeded generator. They are labelled SYNTHETIC everywhere.",
        )}
      </p>
      <Form
        label={t("Synthetic markets")}
        onSubmit={() => make.mutate()}
        error={make.error}
        buttons={
          <>
            <Button variant="default" onClick={onClose}>
              {t("Cancel")}
            </Button>
            <Button
              type="submit"
              loading={make.isPending}
              disabled={names.length === 0 || !start || !end || seed === ""}
            >
              {t("Make them")}
            </Button>
          </>
        }
      >
        <TextInput
          label={t("Markets")}
          description={t("Names with a quote asset, separated by commas")}
          value={symbols}
          data-autofocus=""
          onChange={(event) => setSymbols(event.currentTarget.value)}
        />
        <div className={styles.fields}>
          <Select
            label={t("Bars of")}
            data={TIMEFRAMES}
            value={timeframe}
            onChange={(value) => setTimeframe(value ?? "1h")}
          />
          <NumberInput label={t("Seed")} min={0} allowDecimal={false} value={seed} onChange={setSeed} />
          <TextInput
            label={t("From (UTC)")}
            type="date"
            value={start}
            onChange={(event) => setStart(event.currentTarget.value)}
          />
          <TextInput
            label={t("To (UTC)")}
            type="date"
            value={end}
            onChange={(event) => setEnd(event.currentTarget.value)}
          />
        </div>
      </Form>
    </Dialog>
  );
}
