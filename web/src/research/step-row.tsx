/** One step as a line: what it is, how long it took beside the others, what it cost. */

import { IconAlertTriangle, IconBrain, IconCheck, IconChevronRight, IconTool } from "@tabler/icons-react";
import { memo } from "react";
import { formatCompact, formatCost, formatDuration } from "../lib/format";
import { useLive } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { useCountdown } from "../ui/countdown";
import { troublesWords, waitingUntil } from "./session-money";
import type { SessionState, Step } from "./session-state";
import { microDollars } from "./session-totals";
import styles from "./steps.module.css";
import { bar } from "./waterfall";

/** More of what is being said than fits in a line. */
const TAIL = 240;

type StepRowProps = {
  store: LiveStore<SessionState>;
  step: Step;
  /** Its place in the list shown. */
  index: number;
  /** When the session began, and how long the axis is. */
  origin_ms: number;
  span_ms: number;
  open: boolean;
  onToggle: (number: number, index: number) => void;
};

/** Drawn again only when its step or the axis changes: two hundred events a second leave the others alone. */
export const StepRow = memo(function StepRow({ store, step, index, origin_ms, span_ms, open, onToggle }: StepRowProps) {
  const running = step.ok === undefined;
  const { left, width } = bar(step.started_ms - origin_ms, step.duration_ms ?? 0, span_ms);
  const model = step.kind === "model";
  return (
    <button
      type="button"
      className={styles.row}
      aria-expanded={open}
      data-step={step.number}
      onClick={() => onToggle(step.number, index)}
    >
      <IconChevronRight size={16} className={styles.chevron} aria-hidden="true" />
      <span className={styles.icon} data-kind={step.kind} aria-hidden="true">
        {model ? <IconBrain size={15} /> : <IconTool size={15} />}
      </span>
      <span className={styles.words}>
        <span className={model ? styles.title : `${styles.title} ${styles.tool}`}>
          {model ? step.title : step.name}
        </span>
        {step.stale ? <span className={styles.staleMark}>{t("stale")}</span> : null}
        {step.troubles.length > 0 ? <Retried step={step} /> : null}
        <span className={styles.summary}>{running ? <Saying store={store} step={step} /> : summary(step)}</span>
      </span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.bar} data-kind={step.kind} style={{ left: `${left}%`, width: `${width}%` }} />
      </span>
      <span className={`${styles.number} ${styles.tokens}`}>{model && !running ? <Tokens step={step} /> : null}</span>
      <span className={`${styles.number} ${styles.cost}`}>{model && !running ? cost(step) : null}</span>
      <span className={styles.number}>{running ? null : formatDuration(step.duration_ms)}</span>
      <StepState step={step} />
    </button>
  );
});

/** While the step waits for its next try the seconds run down. */
function Retried({ step }: { step: Step }) {
  const until = step.ok === undefined ? waitingUntil(step.troubles) : null;
  const seconds = useCountdown(until);
  return (
    <span className={styles.retried}>
      {seconds > 0 ? t("tries again in {seconds} s", { seconds }) : troublesWords(step.troubles)}
    </span>
  );
}

/** The last words of the answer that comes in, or how far a tool is. */
function Saying({ store, step }: { store: LiveStore<SessionState>; step: Step }) {
  const words = useLive(store, (state) => state.words);
  if (words?.step !== step.number) return summary(step);
  const said = words.text.text || words.thought.text;
  return (
    <span className={styles.saying}>
      <bdi>{said.slice(-TAIL)}</bdi>
    </span>
  );
}

function summary(step: Step): string {
  if (step.ok === undefined) return step.troubles.at(-1)?.text ?? (step.kind === "tool" ? step.title : "");
  if (step.error) return step.preview || step.error;
  if (step.preview) return step.preview;
  return step.kind === "tool" ? step.title : "";
}

/** A call that was not made, or was refused, was not free: it was nothing. */
function cost(step: Step): string | null {
  return step.ok || microDollars(step.cost) ? formatCost(step.cost) : null;
}

/** Rules count no tokens: nothing is clearer there than a row of zeros. */
function Tokens({ step }: { step: Step }) {
  if (step.tokens_in + step.tokens_out === 0) return null;
  return (
    <>
      {formatCompact(step.tokens_in)} <span className={styles.dim}>{t("in")}</span> {formatCompact(step.tokens_out)}{" "}
      <span className={styles.dim}>{t("out")}</span>
    </>
  );
}

function StepState({ step }: { step: Step }) {
  if (step.ok === undefined) {
    return (
      <span className={styles.state}>
        <span className={styles.spinner} aria-hidden="true" />
        <span className={styles.hidden}>{t("running")}</span>
      </span>
    );
  }
  return (
    <span className={styles.state} data-state={step.ok ? "ok" : "failed"}>
      {step.ok ? <IconCheck size={16} aria-hidden="true" /> : <IconAlertTriangle size={16} aria-hidden="true" />}
      <span className={styles.hidden}>{step.ok ? t("done") : t("failed")}</span>
    </span>
  );
}
