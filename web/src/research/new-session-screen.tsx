/** A new research session: the question, who answers it, on which market. */

import { Button, Select, Textarea, UnstyledButton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { choiceOf, firstChoice } from "../lib/choices";
import type { Series } from "../lib/contract";
import { ApiError, explain } from "../lib/http";
import { plural, t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { formatTime } from "../lib/time";
import type { Choice } from "../lib/vault";
import { choicesQuery } from "../lib/vault-api";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { newKey } from "./key";
import { marketOf } from "./market-of";
import { MeansPanel } from "./means-panel";
import styles from "./new-session.module.css";
import { openSession } from "./run-data";
import { isRules, type Means, openingOf, whyNot } from "./session-form";

const route = getRouteApi("/shell/research/new");

const MAX_GOAL = 4_000;
const EXAMPLES = [
  t("Does a moving-average crossover beat holding BTC on hourly bars?"),
  t("Does buying oversold RSI pay after fees, or only before?"),
  t("Does a 50-bar breakout work, and where does it stop working?"),
];

export function NewSessionScreen() {
  const models = useQuery(choicesQuery);
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
        <Composer choices={models.data} series={series.data.items} />
      ) : (
        <Panel flush>
          <LoadingRows rows={8} />
        </Panel>
      )}
    </Page>
  );
}

type ComposerProps = { choices: readonly Choice[]; series: readonly Series[] };

function Composer({ choices, series }: ComposerProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const [goal, setGoal] = useState(search.goal ?? EXAMPLES[0] ?? "");
  const [means, setMeans] = useState<Means>(() => ({
    model: firstChoice(choices, search.model),
    preset: null,
    cap: "",
    fallback: null,
  }));
  const [picked, setPicked] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  /** One key for one opening: however often the button is pressed, one session starts. */
  const key = useRef(newKey());
  // Until a person picks one, the market is the one that the goal names.
  const market = picked ?? marketOf(series, goal, search.symbol);
  const chosen = series.find((row) => row.id === market);
  const choice = choiceOf(choices, means.model);
  const reason = whyNot(goal, means, choice, chosen);

  const start = async (event: FormEvent) => {
    event.preventDefault();
    if (reason || !chosen || !choice) return;
    setSending(true);
    setError(null);
    try {
      const { id } = await openSession(openingOf(goal, means, choice, chosen, choices), key.current);
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
      <MeansPanel
        choices={choices}
        means={means}
        onChange={(change) => {
          setMeans({ ...means, ...change });
          key.current = newKey();
        }}
      />
      <Panel title={t("Where")}>
        <div className={styles.fields}>
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
          {reason ??
            (isRules(choice) ? t("The built-in analyst costs nothing and usually ends within ten seconds.") : "")}
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

function marketLabel(row: Series): string {
  return `${row.symbol} · ${row.timeframe} · ${row.origin === "synthetic" ? t("synthetic") : row.venue}`;
}

function coverage(row: Series): string {
  const bars = plural(row.bars, "{count} bar", "{count} bars");
  const span = t("{start} to {end}", { start: formatTime(row.start, "day"), end: formatTime(row.end, "day") });
  return row.gaps > 0 ? `${bars}, ${span}, ${plural(row.gaps, "{count} gap", "{count} gaps")}` : `${bars}, ${span}`;
}
