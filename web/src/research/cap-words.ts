/** Which cap a session stopped at, by the server's sentence, and what it may be raised to. */

import { typedDollars } from "../lib/dollars";

/** The server's sentence begins with the cap's name; only the session's own is raised on its page. */
const OWN = "This session's cap";
const CENTS = 100;

export function isOwnCap(error: string): boolean {
  return error === "" || error.startsWith(OWN);
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
