/** What the server refused and why; when it says how long to wait, the seconds run down. */

import { useEffect, useRef } from "react";
import { ApiError, explain } from "../lib/http";
import { Countdown, useCountdown } from "../ui/countdown";
import styles from "./keys.module.css";

/** When the refusal ends, from the moment it was heard. */
export function refusedUntil(error: unknown): number | null {
  return error instanceof ApiError && error.retryAfter !== undefined ? Date.now() + error.retryAfter * 1_000 : null;
}

export function RefusalLine({ error, until }: { error: unknown; until: number | null }) {
  const seconds = useCountdown(until);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) line.current?.scrollIntoView({ block: "nearest" });
  }, [error]);
  return (
    <div ref={line} className={styles.refusal} role="alert">
      {error ? (
        <p>
          {until === null ? explain(error) : withoutSeconds(explain(error))}{" "}
          {until === null ? null : <Countdown seconds={seconds} />}
        </p>
      ) : null}
    </div>
  );
}

/** The server writes how long to wait; here the seconds run beside it. */
export function withoutSeconds(text: string): string {
  return text.replace(/\. Try again in \d+ seconds?, /, ", ");
}
