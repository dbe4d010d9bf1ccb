/** Counts down to when something may be tried again; says it aloud at the beginning and at the end only. */

import { useEffect, useState } from "react";
import { formatDuration } from "../lib/format";
import { t } from "../lib/message";

const TICK_MS = 500;

/** Seconds left; 0 when it may be tried again. */
export function useCountdown(until: number | null): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (until === null || until <= Date.now()) return;
    const timer = setInterval(() => {
      tick((count) => count + 1);
      if (until <= Date.now()) clearInterval(timer);
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1_000));
}

export function Countdown({ seconds }: { seconds: number }) {
  if (seconds <= 0) return <span role="status">{t("You can try again now.")}</span>;
  return <span role="timer">{t("You can try again in {time}.", { time: formatSeconds(seconds) })}</span>;
}

/** 42 s, 12 m 5 s */
function formatSeconds(seconds: number): string {
  return seconds < 60 ? t("{count} s", { count: seconds }) : formatDuration(seconds * 1_000);
}
