/** Steps and what was said between them, as one list in the order in which it happened. */

import type { Note } from "./session-notes";
import type { Step } from "./session-state";

export type Filter = "all" | "said" | "model" | "tool" | "failed";

export type Line = { key: string; step: Step; note?: never } | { key: string; note: Note; step?: never };

export function timeline(steps: readonly Step[], notes: readonly Note[], filter: Filter): Line[] {
  const lines: Line[] = [];
  let told = 0;
  const tell = (until: number) => {
    for (let note = notes[told]; note && note.after <= until; note = notes[told]) {
      if (filter === "all" || filter === "said") lines.push({ key: `n${note.seq}`, note });
      told += 1;
    }
  };
  for (const [index, step] of steps.entries()) {
    tell(index);
    if (isWanted(step, filter)) lines.push({ key: `s${step.number}`, step });
  }
  tell(steps.length);
  return lines;
}

function isWanted(step: Step, filter: Filter): boolean {
  if (filter === "said") return false;
  if (filter === "all") return true;
  return filter === "failed" ? step.ok === false : step.kind === filter;
}
