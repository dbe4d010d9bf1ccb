/** The way through the product, until it has been walked once. */

import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Deployment, Series, Session } from "../lib/contract";
import { t } from "../lib/message";
import { deploymentsQuery, seriesQuery, sessionsQuery } from "../lib/queries";
import { Panel } from "../ui/panel";
import styles from "./overview.module.css";

type Step = { to: "/data" | "/research/new" | "/approvals" | "/pnl"; title: string; text: string; done: boolean };

export function NextSteps({ steps }: { steps: readonly Step[] }) {
  if (steps.every((step) => step.done)) return null;
  const next = steps.find((step) => !step.done);
  return (
    <Panel title={t("Next steps")} flush>
      <ol className={styles.steps}>
        {steps.map((step) => (
          <li key={step.to} className={styles.step} data-next={step === next || undefined}>
            {step.done ? (
              <IconCircleCheckFilled size={20} className={styles.good} aria-label={t("Done")} />
            ) : (
              <IconCircle size={20} className={styles.dim} aria-label={t("To do")} />
            )}
            <span>
              <Link to={step.to} className={styles.title}>
                {step.title}
              </Link>
              <span className={styles.stepText}>{step.text}</span>
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** No steps while it is not known which ones are done. */
export function useSteps(): { steps: Step[]; pending: boolean } {
  const results = useQueries({ queries: [seriesQuery, sessionsQuery, deploymentsQuery] });
  const [series, sessions, deployments] = results;
  const pending = results.some((result) => result.isPending);
  if (!series.data || !sessions.data || !deployments.data) return { steps: [], pending };
  return { steps: stepsOf(series.data.items, sessions.data.items, deployments.data.items), pending };
}

function stepsOf(series: readonly Series[], sessions: readonly Session[], deployments: readonly Deployment[]): Step[] {
  const traded = deployments.length > 0;
  return [
    {
      to: "/data",
      title: t("Have candles"),
      text: t("Import your own, or use the synthetic markets."),
      done: series.length > 0,
    },
    {
      to: "/research/new",
      title: t("Run a research session"),
      text: t("Watch the steps, read the evidence."),
      done: sessions.some((row) => row.report),
    },
    {
      to: "/approvals",
      title: t("Approve a strategy for paper"),
      text: t("See exactly what would trade, and its limits."),
      done: traded,
    },
    {
      to: "/pnl",
      title: t("Read the profit and loss"),
      text: t("Each number opens the fills behind it."),
      done: deployments.some((row) => row.fills > 0),
    },
  ];
}
