/** The form of a sweep: candles and days, values by parameter, how they are tried, and how many trials that is. */

import { Button, NumberInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { engineAskSweep } from "../api/generated/sdk.gen";
import type { Series } from "../lib/contract";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Form } from "../ui/form";
import { Segments } from "../ui/segments";
import { CandlesChoice } from "./candles-choice";
import { spanOf } from "./run-span";
import { SpanFields } from "./span-fields";
import styles from "./sweep.module.css";
import { SweepParameter } from "./sweep-parameter";
import { countWords, fieldOf, firstSearch, methodOf, parametersOf, type Search, valuesOf } from "./sweep-search";
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
    const how = { ...methodOf(search), train: search.percent / 100 };
    asking.mutate({ version_id: version, ...idsOf(candles.series), ...spanOf(days), values, ...how });
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
            {t("Start the sweep")}
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
      <HowFields
        search={search}
        onChange={change}
        errors={{ tries: errorAt("/tries", "/sample"), percent: errorAt("/train") }}
      />
      <p className={styles.count} role="status">
        {countWords(search)}
      </p>
    </Form>
  );
}

type HowFieldsProps = {
  search: Search;
  onChange: (part: Partial<Search>) => void;
  errors: { tries: string | undefined; percent: string | undefined };
};

function HowFields({ search, onChange, errors }: HowFieldsProps) {
  return (
    <>
      <div>
        <Segments
          label={t("Which combinations are tried")}
          value={search.method}
          options={[
            { value: "grid", label: t("Whole grid") },
            { value: "sample", label: t("Random sample") },
            { value: "optuna", label: t("Learned search") },
          ]}
          onChange={(method) => onChange({ method })}
        />
      </div>
      <div className={styles.pair}>
        {search.method === "grid" ? null : (
          <NumberInput
            label={t("Tries")}
            description={search.method === "sample" ? t("at random") : t("learned, by Optuna")}
            min={1}
            allowDecimal={false}
            error={errors.tries}
            value={search.tries}
            onChange={(next) => onChange({ tries: Number(next) })}
          />
        )}
        <NumberInput
          label={t("Training share, in percent")}
          description={t("of the bars; the rest tests")}
          error={errors.percent}
          value={search.percent}
          onChange={(next) => onChange({ percent: Number(next) })}
        />
      </div>
    </>
  );
}

type Asked = Parameters<typeof engineAskSweep>[0]["body"];

/** Asks for the sweep and follows it to its page. */
function useAsking() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (body: Asked) => engineAskSweep({ body }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["sweeps"] });
      await navigate({ to: "/backtests/sweeps/$sweep", params: { sweep: id } });
    },
  });
}
