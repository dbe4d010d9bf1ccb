/** The keys of a session: j and k walk the steps, e opens one, s asks whether to stop it, / searches the sessions. */

import { type RefObject, useEffect } from "react";
import { preferences } from "../lib/preferences";
import type { Line } from "./timeline";

/** What s and / press, wherever they stand on the page. */
export const STOP_MARK = { "data-session-stop": "" };
export const SEARCH_MARK = { "data-session-search": "" };

const WALKS: Readonly<Record<string, 1 | -1>> = { j: 1, k: -1 };

export function useStepKeys(
  scroller: RefObject<HTMLElement | null>,
  show: (index: number) => void,
  lines: readonly Line[],
): void {
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      if (!isOurs(event)) return;
      const by = WALKS[event.key];
      const index = by ? nextStep(lines, by) : -1;
      const number = lines[index]?.step?.number;
      if (number === undefined) return;
      event.preventDefault();
      show(index);
      requestAnimationFrame(() => {
        scroller.current?.querySelector<HTMLElement>(`[data-step="${number}"]`)?.focus({ preventScroll: true });
      });
    };
    // Before the keys of every page, of which e and / mean something else there.
    document.addEventListener("keydown", walk, true);
    return () => document.removeEventListener("keydown", walk, true);
  }, [scroller, show, lines]);
}

/** Keys that work in every view of a session. */
export function useSessionKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isOurs(event)) return;
      const found = target(event.key);
      if (!found) return;
      event.preventDefault();
      if (event.key === "/" && found instanceof HTMLInputElement) found.focus();
      else found.click();
    };
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, []);
}

function target(key: string): HTMLElement | undefined {
  if (key === "e") {
    const here = document.activeElement as HTMLElement | null;
    return here?.dataset.step === undefined ? undefined : here;
  }
  const mark = key === "s" ? "[data-session-stop]:not(:disabled)" : key === "/" ? "[data-session-search]" : null;
  // Of the search's two places one is in sight: the column's field, or the button that opens the drawer.
  return mark ? [...document.querySelectorAll<HTMLElement>(mark)].find((one) => one.offsetParent !== null) : undefined;
}

function nextStep(lines: readonly Line[], by: 1 | -1): number {
  const here = (document.activeElement as HTMLElement | null)?.dataset.step;
  let index = here === undefined ? -1 : lines.findIndex((line) => line.step?.number === Number(here));
  if (index < 0 && by < 0) index = lines.length;
  do index += by;
  while (index >= 0 && index < lines.length && !lines[index]?.step);
  return index;
}

/** After g a letter names a page; while someone writes or has a dialog open, letters are theirs. */
let chord = 0;
const CHORD_MS = 1_200;

function isOurs(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || !preferences().letters) return false;
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return false;
  const within = event.timeStamp < chord;
  if (event.key === "g") chord = event.timeStamp + CHORD_MS;
  const element = event.target as HTMLElement;
  return !within && !element.isContentEditable && !/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}
