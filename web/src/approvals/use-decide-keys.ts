/** Shift A and Shift D open the step that asks once more; no key alone decides. */

import { useEffect } from "react";
import { preferences } from "../lib/preferences";

export function useDecideKeys(onApprove: (() => void) | null, onDeny: (() => void) | null): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const act = event.key === "A" ? onApprove : event.key === "D" ? onDeny : null;
      if (!act || !event.shiftKey || !preferences().letters || isBusy(event)) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [onApprove, onDeny]);
}

/** While someone writes or has a dialog open, letters are theirs. */
function isBusy(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return true;
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
