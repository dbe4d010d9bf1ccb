/** A step opened: its arguments, what came back, where the evidence is, and the raw JSON when asked for. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { isRecord } from "../lib/live-data";
import { t } from "../lib/message";
import { formatClock, zoneLabel } from "../lib/time";
import { RawJson } from "../ui/raw-json";
import { ForkButton } from "./fork-dialog";
import type { RerunOf } from "./rerun-dialog";
import { evidenceQuery } from "./run-data";
import { newWords, type Trouble, whatNext } from "./session-money";
import type { Step } from "./session-state";
import styles from "./steps.module.css";

const MAX_CHIP = 120;

type StepDetailProps = {
  session: string;
  step: Step;
  onEvidence: (number: number) => void;
  /** Missing for who only watches. */
  onRerun: ((of: RerunOf) => void) | undefined;
};

export function StepDetail({ session, step, onEvidence, onRerun }: StepDetailProps) {
  const [raw, setRaw] = useState(false);
  const evidence = step.evidence;
  const args = Object.entries(step.input);
  return (
    <div className={styles.detail}>
      {args.length > 0 ? (
        <dl className={styles.chips} aria-label={t("Input")}>
          {args.map(([name, value]) => (
            <div key={name} className={styles.chip}>
              <dt>{name}</dt>
              <dd>{chip(value)}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {step.thought ? (
        <details>
          <summary>{t("Reasoning, as the provider shows it")}</summary>
          <p className={`${styles.preview} ${styles.dim}`}>{step.thought}</p>
        </details>
      ) : null}
      {step.preview ? <p className={styles.preview}>{step.preview}</p> : null}
      {step.troubles.length > 0 ? <Troubles troubles={step.troubles} /> : null}
      {step.error ? <p className={styles.error}>{step.error}</p> : null}
      <p className={styles.note}>
        {t("Step {number}, started {time} {zone}", {
          number: step.number,
          time: formatClock(step.started_ms),
          zone: zoneLabel(),
        })}
        {step.attempt > 1
          ? ` · ${t("attempt {attempt}: a worker died in the one before", { attempt: step.attempt })}`
          : ""}
        {step.stale ? ` · ${t("stale: something before it was changed since")}` : ""}
      </p>
      <div className={styles.buttons}>
        {evidence === undefined ? null : (
          <Button variant="default" size="xs" onClick={() => onEvidence(evidence)}>
            {t("Evidence {number}", { number: evidence })}
          </Button>
        )}
        {onRerun && step.kind === "tool" && step.ok !== undefined && !step.stale ? (
          <Button variant="default" size="xs" onClick={() => onRerun({ step })}>
            {t("Edit and rerun")}
          </Button>
        ) : null}
        {onRerun && step.ok !== undefined ? <ForkButton session={session} step={step.number} /> : null}
        <Button variant="subtle" size="xs" aria-expanded={raw} onClick={() => setRaw(!raw)}>
          {raw ? t("Hide raw JSON") : t("Raw JSON")}
        </Button>
      </div>
      {raw ? <Raw session={session} step={step} /> : null}
    </div>
  );
}

/** Nothing fails silently: every failed try stands with its reason, and what was done about it. */
function Troubles({ troubles }: { troubles: readonly Trouble[] }) {
  return (
    <ol className={styles.troubles} aria-label={t("Failed tries of this call")}>
      {troubles.map((trouble, index) => (
        <li key={trouble.seq}>
          <span className={styles.troubleTime}>{formatClock(trouble.ts)}</span>
          <span>
            {newWords(trouble, troubles[index - 1])} <span className={styles.dim}>{whatNext(trouble)}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Read only when somebody looks. */
function Raw({ session, step }: { session: string; step: Step }) {
  const number = step.evidence ?? 0;
  const query = useQuery({ ...evidenceQuery(session, number), enabled: step.evidence !== undefined });
  const name = `session-${session}-step-${step.number}`;
  return (
    <>
      <RawJson title={t("Input")} name={`${name}-input`} value={query.data?.input ?? step.input} />
      {query.error ? <p className={styles.error}>{query.error.message}</p> : null}
      {query.data ? <RawJson title={t("Output")} name={`${name}-output`} value={query.data.output} /> : null}
    </>
  );
}

function chip(value: unknown): string {
  const text =
    typeof value === "string" ? value : isRecord(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
  return text.length > MAX_CHIP ? `${text.slice(0, MAX_CHIP)}…` : text;
}
