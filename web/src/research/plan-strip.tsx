/** What the session means to do, ticked as it is done: one line over the steps, and all of it when opened. */

import { VisuallyHidden } from "@mantine/core";
import { IconCircle, IconCircleCheck } from "@tabler/icons-react";
import { useLivePhase, useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import styles from "./plan.module.css";
import type { PlanItem, SessionState } from "./session-state";

export function PlanStrip({ store }: { store: LiveStore<SessionState> }) {
  const plan = useLiveSlow(store, (state) => state.plan);
  const done = plan.filter((item) => item.done).length;
  const next = plan.find((item) => !item.done);
  const reading = useLivePhase(store) === "loading";
  if (plan.length === 0) {
    return <p className={styles.line}>{reading ? "\u00a0" : t("The plan appears here with the first step.")}</p>;
  }
  return (
    <details className={styles.strip}>
      <summary className={styles.line}>
        <span className={styles.name}>{t("Plan")}</span>
        <span className={styles.count}>{t("{done} of {all}", { done, all: plan.length })}</span>
        <span className={styles.ticks} aria-hidden="true">
          {plan.map((item) => (
            <span key={item.text} className={styles.dot} data-done={item.done || undefined} />
          ))}
        </span>
        <span className={styles.next}>{next ? t("Next: {text}", { text: next.text }) : t("All of it is done.")}</span>
      </summary>
      <ol className={styles.items}>
        {plan.map((item) => (
          <Item key={item.text} item={item} />
        ))}
      </ol>
    </details>
  );
}

function Item({ item }: { item: PlanItem }) {
  const Icon = item.done ? IconCircleCheck : IconCircle;
  return (
    <li className={styles.item} data-done={item.done || undefined}>
      <Icon size={18} aria-hidden="true" />
      <span>
        {item.text}
        <VisuallyHidden>{item.done ? t(", done") : t(", open")}</VisuallyHidden>
      </span>
    </li>
  );
}
