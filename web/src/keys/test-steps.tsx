/** A test of a key, step by step: which passed, how long each took, and at which it ended. */

import { IconAlertTriangle, IconCheck, IconInfoCircle, IconMinus } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { formatDuration } from "../lib/format";
import { t } from "../lib/message";
import type { Test, TestStep, TestStepName } from "../lib/vault";
import styles from "./test-steps.module.css";

const NAMES: readonly TestStepName[] = ["reach", "accept_key", "list_models", "answer"];
const TICK_MS = 100;

/** `test` undefined: it is under way. All four rows stand from the beginning, so nothing moves. */
export function TestSteps({ test }: { test: Test | undefined }) {
  return (
    <ol className={styles.steps} aria-label={t("Steps of the test")} aria-busy={test === undefined}>
      {NAMES.map((name) => (
        <Row key={name} name={name} step={test?.steps.find((step) => step.name === name)} running={!test} />
      ))}
      <li className={styles.total}>
        <span role="status">{test ? verdict(test) : t("Testing… at most ten seconds")}</span>
        <span className={styles.time}>{test ? formatDuration(test.latency_ms) : <Elapsed />}</span>
      </li>
    </ol>
  );
}

function Row({ name, step, running }: { name: TestStepName; step: TestStep | undefined; running: boolean }) {
  const state = running ? "running" : (step?.state ?? "skipped");
  return (
    <li className={styles.step} data-state={state}>
      <span className={styles.sign} data-state={state} aria-hidden="true">
        <Sign state={state} />
      </span>
      <span className={styles.words}>
        <span className={styles.name}>{stepWords(name)}</span>
        <span className={styles.text}>
          <span className={styles.heard}>{running ? "" : stateWords(state)} </span>
          {step && step.state !== "failed" ? (
            <span className={styles.said} title={step.text}>
              {step.text}
            </span>
          ) : null}
        </span>
      </span>
      <span className={styles.time}>{step && step.state !== "skipped" ? formatDuration(step.latency_ms) : ""}</span>
    </li>
  );
}

function Sign({ state }: { state: TestStep["state"] | "running" }) {
  switch (state) {
    case "running":
      return <span className={styles.dot} />;
    case "ok":
      return <IconCheck size={14} stroke={2.4} />;
    case "failed":
      return <IconAlertTriangle size={14} />;
    case "note":
      return <IconInfoCircle size={14} />;
    case "skipped":
      return <IconMinus size={14} />;
  }
}

function Elapsed() {
  const [begun] = useState(() => Date.now());
  const [now, setNow] = useState(begun);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <>{t("{seconds} s", { seconds: ((now - begun) / 1_000).toFixed(1) })}</>;
}

function verdict(test: Test): string {
  if (!test.ok) return t("The test failed.");
  return test.steps.some((step) => step.state === "note") ? t("It works, with a note.") : t("It works.");
}

export function stepWords(name: TestStepName): string {
  switch (name) {
    case "reach":
      return t("Reach the provider");
    case "accept_key":
      return t("Accept the key");
    case "list_models":
      return t("List models");
    case "answer":
      return t("Answer one token");
  }
}

function stateWords(state: TestStep["state"] | "running"): string {
  switch (state) {
    case "running":
      return t("under way");
    case "ok":
      return t("passed");
    case "failed":
      return t("failed");
    case "note":
      return t("passed with a note");
    case "skipped":
      return t("not tried");
  }
}
