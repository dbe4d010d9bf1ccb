/** The libraries and fonts that the build put into the page. */

import { unreachable } from "../lib/http";
import { t } from "../lib/message";

export type Licence = { name: string; version: string; identifier: string; text: string };

/** Written by the build. */
const LICENCES = "/licences.json";

export async function readLicences({ signal }: { signal: AbortSignal }): Promise<Licence[]> {
  const answer = await fetch(LICENCES, { signal }).catch((error: unknown) => {
    throw signal.aborted ? error : unreachable();
  });
  if (!answer.ok) throw new Error(t("This page was built without its list of libraries."));
  const found: unknown = await answer.json();
  const rows = Array.isArray(found) ? found.map(licenceOf) : [];
  return rows.sort((left, right) => left.name.localeCompare(right.name));
}

function licenceOf(entry: Record<string, unknown>): Licence {
  const text = (name: string) => (typeof entry[name] === "string" ? entry[name] : "");
  return { name: text("name"), version: text("version"), identifier: text("identifier"), text: text("text") };
}
