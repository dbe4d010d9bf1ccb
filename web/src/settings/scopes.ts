/** What a token may do, in words. */

import type { Scope } from "../api/generated/types.gen";
import { t } from "../lib/message";

export const SCOPES: readonly Scope[] = ["read", "write", "trade", "admin"];

const WORDS: Readonly<Record<Scope, { title: string; told: string }>> = {
  read: { title: t("Read"), told: t("Look at everything in this workspace.") },
  write: { title: t("Write"), told: t("Import data, research, run backtests. Brings read along; cannot trade.") },
  trade: { title: t("Trade"), told: t("Approve, start and stop paper trading. Brings read along.") },
  admin: { title: t("Administer"), told: t("Everything, also making and revoking tokens.") },
};

export function scopeWords(scope: Scope): { title: string; told: string } {
  return WORDS[scope];
}
