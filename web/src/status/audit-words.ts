/** The audit trail in words: what was done, by whom, to what. */

import type { EventAnswer } from "../api/generated/types.gen";
import { shortHash, shortId } from "../lib/format";
import { t } from "../lib/message";

const DONE: Readonly<Record<string, string>> = {
  "workspace.opened": t("Opened the workspace"),
  "person.account_set": t("Set name, address and password"),
  "person.signed_in": t("Signed in"),
  "link.issued": t("Sign-in link made"),
  "token.issued": t("Made an API token"),
  "token.revoked": t("Revoked an API token"),
  "version.approved": t("Approved a strategy version for paper"),
  "version.denied": t("Denied a strategy version"),
  "version.reopened": t("Opened a denied version again"),
  "verdict.given": t("Judged a strategy version"),
  "exam.sealed": t("Sealed an exam"),
  "exam.tried": t("Sat a sealed exam"),
  "exam.repeated": t("Sat a sealed exam again"),
  "exam.broken": t("Broke a seal"),
  "model.trained": t("Trained a model"),
  "deployment.started": t("Started paper trading"),
  "deployment.stopped": t("Stopped paper trading"),
  "switch.thrown": t("Stopped all trading"),
  "switch.resumed": t("Allowed trading again"),
};
/** Done by whoever sits at the server: the person named is the one it was done for. */
const AT_THE_SERVER: readonly string[] = ["link.issued", "workspace.opened"];
/** These say who, not what. */
const ACTORS: readonly string[] = ["person", "by"];
const HASH = /^[0-9a-f]{64}$/i;

/** A kind that this page has no words for yet is still shown. */
export function whatWasDone(event: EventAnswer): string {
  return DONE[event.kind] ?? event.kind;
}

/** Who did it: the person's id. `by` of a sign-in is the way, not the person. */
export function actorOf({ kind, data }: EventAnswer): string | null {
  if (AT_THE_SERVER.includes(kind)) return null;
  return personOf(data.person) ?? personOf(data.by);
}

/** Where an agent could have done it too, a person stands as `person:` and the id. */
function personOf(value: unknown): string | null {
  return typeof value === "string" ? value.replace(/^person:/, "") : null;
}

export function details(event: EventAnswer): string {
  const actor = actorOf(event);
  return Object.entries(event.data)
    .filter(([name, value]) => !(ACTORS.includes(name) && personOf(value) === actor))
    .map(([name, value]) => `${name.replace(/_id$/, "").replaceAll("_", " ")} ${short(value)}`)
    .join(" · ");
}

function short(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? t("none") : value.map(short).join(", ");
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return HASH.test(text) ? shortHash(text) : shortId(text);
}
