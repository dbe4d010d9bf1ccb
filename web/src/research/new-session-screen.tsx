/** A new research session: the question, who answers it, on which market. */

import { Button, Select, Textarea, UnstyledButton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import type { NewSession, OmcLedgersMessagesSeriesAnswer as Series } from "../api/generated/types.gen";
import { ApiError, explain } from "../lib/http";
import { plural, t } from "../lib/message";
import { modelsQuery, seriesQuery } from "../lib/queries";
import { formatTime } from "../lib/time";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { newKey } from "./key";
import { marketOf } from "./market-of";
import styles from "./new-session.module.css";
import { openSession } from "./run-data";

const route = getRouteApi("/shell/research/new");

const MAX_GOAL = 4_000;
const EXAMPLES = [
  t("Does a moving-average crossover beat holding BTC on hourly bars?"),
  t("Does buying oversold RSI pay after fees, or only before?"),
  t("Does a 50-bar breakout work, and where does it stop working?"),
];

export function NewSessionScreen() {
  const models = useQuery(modelsQuery);
  const series = useQuery(seriesQuery);
  const trouble = models.error ?? series.error;
  const retry = () => Promise.all([models.refetch(), series.refetch()]);
  return (
    <Page
      title={t("New research session")}
      lead={t(
        "It looks at the data, drafts a strategy, tests it with costs, and reports what it found. It cannot trade.",
      )}
    >
      {trouble ? (
        <Panel>
          <ErrorState error={trouble} what={t("What a session needs could not be read.")} retry={retry} />
        </Panel>
      ) : models.data && series.data ? (
        <Composer models={models.data} series={series.data.items} />
      ) : (
        <Panel flush>
          <LoadingRows rows={8} />
        </Panel>
      )}
    </Page>
  );
}

type ComposerProps = { models: readonly { id: string; label: string; kind: string }[]; series: readonly Series[] };

function Composer({ models, series }: ComposerProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const [goal, setGoal] = useState(search.goal ?? EXAMPLES[0] ?? "");
  const [model, setModel] = useState(models[0]?.id ?? "");
  const [picked, setPicked] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  /** One key for one opening: however often the button is pressed, one session starts. */
  const key = useRef(newKey());
  // Until a person picks one, the market is the one that the goal names.
  const market = picked ?? marketOf(series, goal, search.symbol);
  const chosen = series.find((row) => row.id === market);
  const reason = whyNot(goal, model, chosen);

  const start = async (event: FormEvent) => {
    event.preventDefault();
    if (reason || !chosen) return;
    setSending(true);
    setError(null);
    const opening: NewSession = { goal: goal.trim(), model, symbol: chosen.symbol, timeframe: chosen.timeframe };
    try {
      const { id } = await openSession(opening, key.current);
      await client.invalidateQueries({ queryKey: ["sessions"] });
      await navigate({ to: "/research/$session", params: { session: id } });
    } catch (failure) {
      // A refused opening was not kept; what is asked next is another one.
      if (failure instanceof ApiError && failure.status !== 0) key.current = newKey();
      setError(failure);
      setSending(false);
    }
  };
  const change = (next: string) => {
    setGoal(next);
    key.current = newKey();
  };

  if (series.length === 0) return <NoData />;
  return (
    <form className={styles.form} onSubmit={(event) => void start(event)}>
      <Panel title={t("Question")}>
        <Textarea
          label={t("Goal")}
          description={t(
            "One question that data can answer. The clearer the market, bars and idea, the clearer the report.",
          )}
          autosize
          minRows={3}
          maxRows={10}
          maxLength={MAX_GOAL}
          value={goal}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <p className={styles.label}>{t("Examples")}</p>
        <div className={styles.examples}>
          {EXAMPLES.map((example) => (
            <UnstyledButton
              key={example}
              className={styles.example}
              aria-pressed={goal === example}
              onClick={() => change(example)}
            >
              {example}
            </UnstyledButton>
          ))}
        </div>
      </Panel>
      <Panel title={t("Who and where")}>
        <div className={styles.fields}>
          <Select
            label={t("Model")}
            description={modelNote(models.find((each) => each.id === model)?.kind)}
            data={models.map((each) => ({ value: each.id, label: each.label }))}
            value={model}
            onChange={(value) => setModel(value ?? "")}
          />
          <Select
            label={t("Market and bars")}
            description={chosen ? coverage(chosen) : t("Choose what the session looks at.")}
            data={series.map((row) => ({ value: row.id, label: marketLabel(row) }))}
            value={market}
            searchable={series.length > 8}
            onChange={setPicked}
          />
        </div>
      </Panel>
      {error ? (
        <p className={styles.error} role="alert">
          {explain(error)}
        </p>
      ) : null}
      <div className={styles.end}>
        <p className={styles.reason}>
          {reason ?? t("The built-in analyst costs nothing and usually ends within ten seconds.")}
        </p>
        <Button type="submit" loading={sending} disabled={reason !== null}>
          {t("Start")}
        </Button>
      </div>
    </form>
  );
}

function NoData() {
  return (
    <Panel>
      <EmptyState
        text={t("There are no candles yet. Import a file, or make a synthetic market to try everything out.")}
        action={<Button renderRoot={(props) => <Link {...props} to="/data" />}>{t("Go to Data")}</Button>}
      />
    </Panel>
  );
}

/** Start is never grey without a reason. */
function whyNot(goal: string, model: string, series: Series | undefined): string | null {
  if (!goal.trim()) return t("Write a goal first.");
  if (!model) return t("Choose a model first.");
  return series ? null : t("Choose a market first.");
}

function marketLabel(row: Series): string {
  return `${row.symbol} · ${row.timeframe} · ${row.origin === "synthetic" ? t("synthetic") : row.venue}`;
}

function coverage(row: Series): string {
  const bars = plural(row.bars, "{count} bar", "{count} bars");
  const span = t("{start} to {end}", { start: formatTime(row.start, "day"), end: formatTime(row.end, "day") });
  return row.gaps > 0 ? `${bars}, ${span}, ${plural(row.gaps, "{count} gap", "{count} gaps")}` : `${bars}, ${span}`;
}

function modelNote(kind: string | undefined): string {
  return kind === "rules"
    ? t("Fixed rules, not AI: the same question gets the same answer.")
    : t("A language model, with your key.");
}
