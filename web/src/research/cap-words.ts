/** Which cap a session stopped at, and what it may be raised to. */

import { typedDollars } from "../lib/dollars";

/** Only the session's own cap is raised on its page. */
const OWN = "session";
const CENTS = 100;

/** `reached` is the cap that the session's events name; one that ended before they named any tells it in its sentence. */
export function isOwnCap(reached: string, error: string): boolean {
  return reached ? reached === OWN : error === "" || error.startsWith("This session's cap");
}

/** Twice the cap, or what the next call could need by the server's sentence, whichever is more; in whole cents. */
export function suggestedCap(cap: string, spent: string, error: string): string {
  const named = [...error.matchAll(/\$(\d+(?:\.\d+)?)/g)].map((match) => Number(match[1]));
  const needed = named.length > 1 ? Number(spent) + (named.at(-1) ?? 0) : 0;
  return (Math.ceil(Math.max(2 * Number(cap), needed) * CENTS) / CENTS).toFixed(2);
}

/** What was typed, if a session may be held to it. */
export function typedCap(typed: string): string | null {
  const amount = typedDollars(typed);
  return amount && Number(amount) > 0 ? amount : null;
}

/** A cap as it stands in its field: $0.1 as 0.10. */
export function shownCap(cap: string | null): string {
  return cap !== null && /^\d+(\.\d)?$/.test(cap) ? Number(cap).toFixed(2) : (cap ?? "");
}
