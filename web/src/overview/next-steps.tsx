/** The way through the product, until it has been walked once. */

import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { t } from "../lib/message";
import { deploymentsQuery, seriesQuery, sessionsQuery } from "../lib/queries";
import { Panel } from "../ui/panel";
import styles from "./overview.module.css";

type Step = { to: "/data" | "/research/new" | "/approvals" | "/pnl"; title: string; text: string; done: boolean };

export function NextSteps() {
  const steps = useSteps();
  if (!steps || steps.every((step) => step.done)) return null;
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

function useSteps(): Step[] | null {
  const [series, sessions, deployments] = useQueries({ queries: [seriesQuery, sessionsQuery, deploymentsQuery] });
  if (!series.data || !sessions.data || !deployments.data) return null;
  const traded = deployments.data.items.length > 0;
  return [
    {
      to: "/data",
      title: t("Have candles"),
      text: t("Import your own, or use the synthetic markets."),
      done: series.data.items.length > 0,
    },
    {
      to: "/research/new",
      title: t("Run a research session"),
      text: t("Watch the steps, read the evidence."),
      done: sessions.data.items.some((row) => row.report),
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
      done: deployments.data.items.some((row) => row.fills > 0),
    },
  ];
}
