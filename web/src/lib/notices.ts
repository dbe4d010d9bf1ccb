/** Short messages about what just happened; shown at the page's corner and read aloud once. */

import { useSyncExternalStore } from "react";

export type Notice = { id: number; tone: "good" | "bad" | "info"; title: string; text?: string | undefined };

const SHOWN_MS = 6_000;
const MAX_SHOWN = 3;

let notices: readonly Notice[] = [];
let count = 0;
const listeners = new Set<() => void>();

/** Bad news stays until it is closed. */
export function notify(tone: Notice["tone"], title: string, text?: string): void {
  count += 1;
  const id = count;
  set([...notices, { id, tone, title, text }].slice(-MAX_SHOWN));
  if (tone !== "bad") setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  set(notices.filter((notice) => notice.id !== id));
}

export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
}

function set(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}
