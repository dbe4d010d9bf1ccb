/** What the session means to do, ticked as it is done. */

import { VisuallyHidden } from "@mantine/core";
import { IconCircle, IconCircleCheck } from "@tabler/icons-react";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import styles from "./session.module.css";
import type { SessionState } from "./session-state";

export function PlanPanel({ store }: { store: LiveStore<SessionState> }) {
  const plan = useLiveSlow(store, (state) => state.plan);
  const done = plan.filter((item) => item.done).length;
  return (
    <Panel title={t("Plan")} end={plan.length > 0 ? t("{done} of {all}", { done, all: plan.length }) : null}>
      {plan.length === 0 ? (
        <div className={styles.plan}>
          <p className={styles.quiet}>{t("The plan appears with the first step.")}</p>
        </div>
      ) : (
        <ol className={styles.plan}>
          {plan.map((item) => (
            <li key={item.text} className={styles.planItem} data-done={item.done || undefined}>
              <span className={styles.tick}>
                {item.done ? (
                  <IconCircleCheck size={18} aria-hidden="true" />
                ) : (
                  <IconCircle size={18} aria-hidden="true" />
                )}
              </span>
              <span>
                {item.text}
                <VisuallyHidden>{item.done ? t(", done") : t(", open")}</VisuallyHidden>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
