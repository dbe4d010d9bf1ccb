/** What a session cost until now, in words. */

import type { SessionAnswer } from "../api/generated/types.gen";
import { formatCost, formatDollars } from "../lib/format";
import type { Spend } from "./session-money";
import type { Totals } from "./session-totals";

const MICRO = 1_000_000;

/** Unknown where a call has no price, and free only once something was answered for nothing. */
export function spentText(session: SessionAnswer, told: Spend | null, totals: Totals): string {
  if (!told && totals.unpriced > 0) return formatCost(null);
  const spent = told?.spent ?? dollars(totals.cost_micro);
  const unanswered = session.credential_id !== null && totals.tokens_in + totals.tokens_out === 0;
  return unanswered ? formatDollars(spent) : formatCost(spent);
}

function dollars(micro: number): string {
  return `${Math.floor(micro / MICRO)}.${String(micro % MICRO).padStart(6, "0")}`;
}
