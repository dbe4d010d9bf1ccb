/** The form of a sweep: candles and days, values by parameter, how they are tried, and how many trials that is. */

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { engineAskSweep, engineAskWalk } from "../api/generated/sdk.gen";
import type { NewSweep, NewWalk } from "../api/generated/types.gen";
import type { Series } from "../lib/contract";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Form } from "../ui/form";
import { CandlesChoice } from "./candles-choice";
import { spanOf } from "./run-span";
import { SpanFields } from "./span-fields";
import styles from "./sweep.module.css";
import { HowFields } from "./sweep-how";
import { SweepParameter } from "./sweep-parameter";
import {
  countWords,
  fieldOf,
  firstSearch,
  methodOf,
  parametersOf,
  planOf,
  type Search,
  valuesOf,
} from "./sweep-search";
import { idsOf, useCandles } from "./use-candles";

type SweepFormProps = {
  version: string;
  document: Record<string, unknown>;
  series: readonly Series[];
  onClose: () => void;
};

export function SweepForm({ version, document, series, onClose }: SweepFormProps) {
  const parameters = parametersOf(document);
  const [search, setSearch] = useState(() => firstSearch(parameters));
  const [days, setDays] = useState({ first: "", last: "" });
  const candles = useCandles(series, document);
  const asking = useAsking();
  const at = fieldOf(asking.error);
  const errorAt = (...fields: string[]) => (at !== null && fields.includes(at) ? explain(asking.error) : undefined);
  const change = (part: Partial<Search>) => setSearch({ ...search, ...part });
  const values = valuesOf(search);
  const ask = () => {
    if (!candles.isReady || asking.isPending) return;
    const asked = {
      version_id: version,
      ...idsOf(candles.series),
      ...spanOf(days),
      values,
      train: search.percent / 100,
    };
    if (search.method === "walk") asking.mutate({ walk: { ...asked, ...planOf(search) } });
    else asking.mutate({ sweep: { ...asked, ...methodOf(search) } });
  };
  return (
    <Form
      label={t("Sweep")}
      onSubmit={ask}
      error={at === null ? asking.error : null}
      buttons={
        <>
          <Button variant="default" onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button
            type="submit"
            disabled={!candles.isReady || Object.keys(values).length === 0}
            loading={asking.isPending}
          >
            {search.method === "walk" ? t("Start the walk-forward") : t("Start the sweep")}
          </Button>
        </>
      }
    >
      <CandlesChoice candles={candles} error={errorAt("/series_id")} />
      <SpanFields
        days={days}
        onChange={setDays}
        extent={candles.extent}
        errors={{ first: errorAt("/start"), last: errorAt("/end") }}
      />
      {Object.entries(search.varied).map(([name, varied]) => (
        <SweepParameter
          key={name}
          name={name}
          value={parameters[name] ?? 0}
          varied={varied}
          onChange={(next) => change({ varied: { ...search.varied, [name]: next } })}
          error={errorAt(`/values/${name}`)}
        />
      ))}
      <HowFields search={search} onChange={change} errorAt={errorAt} />
      <p className={styles.count} role="status">
        {countWords(search)}
      </p>
    </Form>
  );
}

type Asked = { sweep: NewSweep; walk?: never } | { walk: NewWalk; sweep?: never };

/** Asks for the sweep or the walk-forward and follows it to its page. */
function useAsking() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async ({ sweep, walk }: Asked) =>
      (walk ? await engineAskWalk({ body: walk }) : await engineAskSweep({ body: sweep })).id,
    onSuccess: async (id, { walk }) => {
      await client.invalidateQueries({ queryKey: [walk ? "walks" : "sweeps"] });
      if (walk) await navigate({ to: "/backtests/walks/$walk", params: { walk: id } });
      else await navigate({ to: "/backtests/sweeps/$sweep", params: { sweep: id } });
    },
  });
}
