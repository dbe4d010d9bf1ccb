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
};

type Doing = { busy: Trial["busy"]; test: Test | null; error: unknown; until: number | null };
const NOTHING: Doing = { busy: null, test: null, error: null, until: null };

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
    setState({ ...NOTHING, error, until: refusedUntil(error) });
  };
  const forget = () => {
    leaving.current?.abort();
    // A wait that the server asked for is not over because something was typed.
    setState((before) => (before === NOTHING ? before : { ...NOTHING, until: before.until }));
  };
  const trial: Trial = { ...state, wait };
  return { trial, begin, ended, failed, forget };
}

/** A refused key brings the test along that it failed. */
export function testOf(error: unknown): Test | null {
  return error instanceof ApiError ? ((error.body as Partial<NotStored> | null | undefined)?.test ?? null) : null;
}
