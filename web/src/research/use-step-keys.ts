/** The keys j and k walk the steps; Enter, as on any button, opens one. */

import { type RefObject, useEffect } from "react";
import { preferences } from "../lib/preferences";
import type { Step } from "./session-state";

export function useStepKeys(
  scroller: RefObject<HTMLElement | null>,
  show: (index: number) => void,
  steps: readonly Step[],
): void {
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      if (!isOurs(event)) return;
      const here = (document.activeElement as HTMLElement | null)?.dataset.step;
      const at = here === undefined ? -1 : steps.findIndex((step) => step.number === Number(here));
      const index = Math.min(steps.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
      const step = steps[index];
      if (!step) return;
      event.preventDefault();
      show(index);
      requestAnimationFrame(() => {
        scroller.current?.querySelector<HTMLElement>(`[data-step="${step.number}"]`)?.focus({ preventScroll: true });
      });
    };
    window.addEventListener("keydown", walk);
    return () => window.removeEventListener("keydown", walk);
  }, [scroller, show, steps]);
}

/** While someone writes or has a dialog open, letters are theirs. */
function isOurs(event: KeyboardEvent): boolean {
  if (event.key !== "j" && event.key !== "k") return false;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !preferences().letters) return false;
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return false;
  const target = event.target as HTMLElement;
  return !target.isContentEditable && !/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
