/** The guided start: one press runs a first research session on the data that is here. */

import { Button, Select, Textarea } from "@mantine/core";
import { IconArrowRight, IconDatabase, IconFlask, IconLayoutDashboard, type TablerIcon } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { labOpenSession } from "../api/generated/sdk.gen";
import { plural, t } from "../lib/message";
import { modelsQuery, seriesQuery, sessionsQuery } from "../lib/queries";
import { Form } from "../ui/form";
import { Gate } from "../ui/gate";
import { marketsOf, proposeGoal } from "./markets";
import styles from "./welcome.module.css";

export function FirstSession() {
  return (
    <Gate
      wide
      title={t("Run a first research session")}
      lead={t(
        "Ask a question about a market. You watch each step, and every figure in the report leads to its evidence.",
      )}
    >
      <SessionForm />
      <nav aria-label={t("Other ways to begin")} className={styles.ways}>
        <Way
          to="/data"
          icon={IconDatabase}
          title={t("Bring your own candles")}
          text={t("CSV or Parquet, checked row by row")}
        />
        <Way to="/overview" icon={IconLayoutDashboard} title={t("Look around first")} text={t("Go to the overview")} />
      </nav>
    </Gate>
  );
}

function SessionForm() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const series = useQuery(seriesQuery);
  const models = useQuery(modelsQuery);
  const markets = marketsOf(series.data?.items ?? []);
  const [chosen, setChosen] = useState<string | null>(null);
  const [written, setWritten] = useState<string | null>(null);
  const [key] = useState(() => crypto.randomUUID());
  const market = markets.find((row) => row.value === chosen) ?? markets[0];
  const goal = written ?? (market ? proposeGoal(market) : "");
  const model = models.data?.[0];
  const start = useMutation({
    mutationFn: () =>
      labOpenSession({
        body: {
          goal: goal.trim(),
          model: model?.id ?? "",
          symbol: market?.symbol ?? null,
          timeframe: market?.timeframe ?? null,
        },
        headers: { "idempotency-key": key },
      }),
    onSuccess: async ({ id }) => {
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      await navigate({ to: "/research/$session", params: { session: id } });
    },
  });
  return (
    <Form
      label={t("First research session")}
      onSubmit={() => start.mutate()}
      error={start.error ?? series.error ?? models.error}
      buttons={
        <Button
          type="submit"
          size="md"
          leftSection={<IconFlask size={18} aria-hidden="true" />}
          loading={start.isPending}
          disabled={!(market && model && goal.trim())}
        >
          {t("Start the session")}
        </Button>
      }
    >
      <Textarea
        label={t("Your question")}
        autosize
        minRows={2}
        maxRows={5}
        value={goal}
        onChange={(event) => setWritten(event.currentTarget.value)}
      />
      <div className={styles.pair}>
        <Select
          label={t("Market")}
          description={market?.note ?? t("Loading what is here…")}
          data={markets.map(({ value, label }) => ({ value, label }))}
          value={market?.value ?? null}
          onChange={setChosen}
        />
        <div>
          <p className={styles.label}>{t("Model")}</p>
          <p className={styles.model}>{model?.label ?? "…"}</p>
          <p className={styles.hint}>{t("Fixed rules, not AI: works offline and costs nothing.")}</p>
        </div>
      </div>
      {series.data && markets.length === 0 ? (
        <p className={styles.hint}>
          {t("There is no data yet: import candles, or make synthetic ones, on the Data page.")}
        </p>
      ) : null}
      {markets.length > 1 ? (
        <p className={styles.hint}>
          {plural(markets.length, "{count} market is loaded.", "{count} markets are loaded.")}
        </p>
      ) : null}
    </Form>
  );
}

type WayProps = { to: "/data" | "/overview"; icon: TablerIcon; title: string; text: string };

function Way({ to, icon: Icon, title, text }: WayProps) {
  return (
    <Link to={to} className={styles.way}>
      <Icon size={20} stroke={1.7} aria-hidden="true" />
      <span className={styles.wayWords}>
        <span className={styles.wayTitle}>{title}</span>
        <span className={styles.hint}>{text}</span>
      </span>
      <IconArrowRight size={16} aria-hidden="true" />
    </Link>
  );
}
