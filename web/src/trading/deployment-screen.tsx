/** One deployment, live: what it has, what it ordered, what filled, and the button that stops it. */

import { Button } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import type { DeploymentAnswer } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { useLive, useTopic } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Mono } from "../ui/amount";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { StatePill } from "../ui/state-pill";
import { ErrorState, LoadingRows } from "../ui/states";
import { DeploymentChart } from "./deployment-chart";
import type { DeploymentLive } from "./deployment-state";
import { HoldingsPanel } from "./holdings-panel";
import { FillsPanel, OrdersPanel } from "./order-panels";
import { StandingTiles } from "./standing-tiles";
import { StopOne } from "./stop-one";
import { SwitchBanner } from "./switch-banner";
import styles from "./trading.module.css";
import { deploymentQuery, deploymentState, deploymentTopic, deploymentTopics, symbolsText } from "./trading-data";

const route = getRouteApi("/shell/trading/$deployment");

export function DeploymentScreen() {
  const { deployment: id } = route.useParams();
  const { data, error, refetch } = useQuery(deploymentQuery(id));
  if (data) return <Opened key={id} deployment={data} />;
  return (
    <Page title={t("Deployment")}>
      <Panel flush>
        {error ? (
          <ErrorState error={error} what={t("This deployment could not be read.")} retry={refetch} />
        ) : (
          <LoadingRows rows={10} />
        )}
      </Panel>
    </Page>
  );
}

function Opened({ deployment }: { deployment: DeploymentAnswer }) {
  const { id, version } = deployment;
  const store = useTopic(deploymentTopics, deploymentTopic(id));
  const state = useLive(store, (live) => live.state) || deployment.state;
  const [asking, setAsking] = useState(false);
  const told = useLive(store, (live) => live.closing);
  const running = state === "running";
  const closing = running && (told || deployment.closing);
  return (
    <Page
      title={t("{name}, version {number}", { name: deployment.name, number: version.number })}
      facts={<Facts deployment={deployment} state={state} closing={closing} />}
      lead={t("Document {hash} · approved digest {digest}", {
        hash: shortHash(version.hash),
        digest: shortHash(deployment.digest),
      })}
      actions={
        <>
          <Button
            variant="default"
            renderRoot={(props) => <Link {...props} to="/pnl" search={{ strategy: deployment.name }} />}
          >
            {t("Profit and loss")}
          </Button>
          <Button
            color="orange.7"
            leftSection={<IconPlayerStop size={16} aria-hidden="true" />}
            disabled={!running}
            onClick={() => setAsking(true)}
          >
            {t("Stop")}
          </Button>
        </>
      }
    >
      <SwitchBanner />
      <Trouble deployment={deployment} store={store} state={state} />
      <StandingTiles deployment={deployment} store={store} />
      <DeploymentChart deployment={deployment} store={store} />
      <HoldingsPanel deployment={deployment} store={store} />
      <Activity deployment={deployment} store={store} />
      <StopOne deployment={deployment} opened={asking} onClose={() => setAsking(false)} />
    </Page>
  );
}

type FactsProps = { deployment: DeploymentAnswer; state: string; closing: boolean };

function Facts({ deployment, state, closing }: FactsProps) {
  const { text, tone } = deploymentState(state as DeploymentAnswer["state"]);
  return (
    <>
      <StatePill tone="quiet" dot={false}>{`${symbolsText(deployment)} · ${deployment.timeframe}`}</StatePill>
      <span role="status">
        <StatePill tone={tone} pulse={state === "running"}>
          {closing ? t("Selling, then it stops") : text}
        </StatePill>
      </span>
    </>
  );
}

type LiveProps = { deployment: DeploymentAnswer; store: LiveStore<DeploymentLive> };

function Trouble({ deployment, store, state }: LiveProps & { state: string }) {
  const told = useLive(store, (live) => (live.state ? live.error : null));
  const error = told ?? deployment.error;
  if (state === "running" && error) return <p role="status">{error}</p>;
  if (state !== "failed") return null;
  return (
    <p className={styles.refusal} role="alert">
      {error || t("It failed without saying why.")} {t("Its orders are cancelled; its fills stay in the books.")}
    </p>
  );
}

function Activity({ deployment, store }: LiveProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tab = search.tab ?? "orders";
  const show = (next: string) =>
    void navigate({
      to: "/trading/$deployment",
      params: { deployment: deployment.id },
      search: { tab: next },
      replace: true,
    });
  const pick = (
    <Segments
      label={t("What to see of this deployment")}
      value={tab}
      options={[
        { value: "orders", label: t("Orders") },
        { value: "fills", label: t("Fills") },
        { value: "limits", label: t("Limits") },
      ]}
      onChange={show}
    />
  );
  if (tab === "fills") return <FillsPanel deployment={deployment} store={store} beside={pick} />;
  if (tab === "limits") return <LimitsPanel deployment={deployment} beside={pick} />;
  return <OrdersPanel deployment={deployment} store={store} beside={pick} />;
}

function LimitsPanel({ deployment, beside }: { deployment: DeploymentAnswer; beside: React.ReactNode }) {
  const { limits, currency } = deployment;
  const lines = [
    [t("Capital"), `${limits.capital} ${currency}`],
    [t("Largest position, of equity"), limits.max_position_fraction],
    [t("Orders a day, at most"), String(limits.max_orders_per_day)],
    [t("Opens nothing after losing, a day"), `${limits.max_daily_loss} ${currency}`],
  ] as const;
  return (
    <Panel title={t("Limits")} beside={beside}>
      <dl className={styles.lines}>
        {lines.map(([name, text]) => (
          <div key={name} className={styles.line}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        <div className={styles.line}>
          <dt>{t("Digest")}</dt>
          <dd>
            <Mono>{deployment.digest}</Mono>
          </dd>
        </div>
      </dl>
    </Panel>
  );
}
