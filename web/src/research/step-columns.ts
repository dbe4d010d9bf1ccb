/** A session's steps as a table: what its file holds. */

import { formatUtc } from "../lib/time";
import type { Step } from "./session-state";

export const STEP_COLUMNS: readonly { title: string; value: (step: Step) => string | number | undefined }[] = [
  { title: "step", value: (step) => step.number },
  { title: "kind", value: (step) => step.kind },
  { title: "name", value: (step) => step.name },
  { title: "title", value: (step) => step.title },
  { title: "attempt", value: (step) => step.attempt },
  { title: "started_utc", value: (step) => formatUtc(step.started_ms) },
  { title: "duration_ms", value: (step) => step.duration_ms },
  { title: "ok", value: (step) => (step.ok === undefined ? "running" : String(step.ok)) },
  { title: "stale", value: (step) => String(step.stale) },
  { title: "tokens_in", value: (step) => step.tokens_in },
  { title: "tokens_out", value: (step) => step.tokens_out },
  { title: "cost_usd", value: (step) => step.cost },
  { title: "evidence", value: (step) => step.evidence },
  { title: "error", value: (step) => step.error },
  { title: "preview", value: (step) => step.preview },
];
