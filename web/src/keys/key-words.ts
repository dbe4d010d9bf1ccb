/** The states of a key in words. */

import { formatDollars } from "../lib/format";
import { t } from "../lib/message";
import type { Credential, CredentialState } from "../lib/vault";
import type { Tone } from "../ui/state-pill";

type Words = { text: string; tone: Tone; meaning: string };

export function stateOf(state: CredentialState): Words {
  switch (state) {
    case "working":
      return { text: t("Working"), tone: "good", meaning: t("The last test or call succeeded.") };
    case "not_tested":
      return {
        text: t("Not tested"),
        tone: "quiet",
        meaning: t("Saved without a passed test; never chosen by itself."),
      };
    case "rejected":
      return { text: t("Rejected"), tone: "bad", meaning: t("The provider does not accept this key.") };
    case "rate_limited":
      return { text: t("Rate limited"), tone: "warn", meaning: t("The provider asked to slow down; the key is fine.") };
    case "no_credit":
      return { text: t("No credit"), tone: "warn", meaning: t("The provider's account has no credit left.") };
    case "unreachable":
      return { text: t("Unreachable"), tone: "bad", meaning: t("Nothing answered at the provider's address.") };
  }
}

export function needsCare(credential: Credential): boolean {
  return credential.state !== "working";
}

/** $18.42 of $50.00, $0.00 no cap, No charge */
export function spentWords(credential: Credential): string {
  if (credential.free) return t("No charge");
  const spent = formatDollars(credential.spent_this_month);
  return credential.monthly_budget === null
    ? t("{spent}, no cap", { spent })
    : t("{spent} of {limit}", { spent, limit: formatDollars(credential.monthly_budget) });
}

/** A name that no other key has: Anthropic, Anthropic 2, … */
export function freshName(wanted: string, taken: readonly string[]): string {
  const known = new Set(taken.map((name) => name.toLowerCase()));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!known.has(name.toLowerCase())) return name;
  }
}
