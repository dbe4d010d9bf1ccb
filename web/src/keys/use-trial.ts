/** A test of what is being entered: under way, passed or failed; void as soon as something is changed. */

import { useEffect, useRef, useState } from "react";
import { ApiError } from "../lib/http";
import type { NotStored, Test } from "../lib/vault";
import { useCountdown } from "../ui/countdown";
import { refusedUntil } from "./refusal-line";

export type Trial = {
  /** What runs now. */
  busy: "test" | "save" | null;
  test: Test | null;
  error: unknown;
  until: number | null;
  /** Seconds until it may be tried again. */
  wait: number;
  /** What has to wait: tests and changes are counted apart; null is both, as the provider itself asked for it. */
  held: "test" | "save" | null;
};

type Doing = Omit<Trial, "wait">;
const NOTHING: Doing = { busy: null, test: null, error: null, until: null, held: null };

export function useTrial() {
  const [state, setState] = useState(NOTHING);
  const leaving = useRef<AbortController>(undefined);
  useEffect(() => () => leaving.current?.abort(), []);
  const wait = useCountdown(state.until);

  const begin = (busy: "test" | "save", before: Test | null = null): AbortSignal => {
    leaving.current?.abort();
    leaving.current = new AbortController();
    setState({ ...NOTHING, busy, test: before });
    return leaving.current.signal;
  };
  const ended = (test: Test) => {
    const after = test.failure?.retry_after_s;
    setState({ ...NOTHING, test, until: after ? Date.now() + after * 1_000 : null });
  };
  const failed = (error: unknown) => {
    if (error instanceof DOMException) return;
    const test = testOf(error);
    if (test) return ended(test);
    setState((before) => ({ ...NOTHING, error, until: refusedUntil(error), held: before.busy }));
  };
  const forget = () => {
    leaving.current?.abort();
    setState(typedOver);
  };
  const trial: Trial = { ...state, wait };
  return { trial, begin, ended, failed, forget };
}

/** What stays when something is typed: OMC's own wait, with its reason; a provider's was for the key before. */
export function typedOver(before: Doing): Doing {
  const { error, until, held } = before;
  return until !== null && error !== null && until > Date.now() ? { ...NOTHING, error, until, held } : NOTHING;
}

/** Whether a test or a change has to wait. */
export function mustWait(trial: Pick<Trial, "wait" | "held">, what: "test" | "save"): boolean {
  return trial.wait > 0 && (trial.held === null || trial.held === what);
}

/** A refused key brings the test along that it failed. */
export function testOf(error: unknown): Test | null {
  return error instanceof ApiError ? ((error.body as Partial<NotStored> | null | undefined)?.test ?? null) : null;
}
