/** The libraries that the build put into the page, and the fonts, which the build's list leaves out. */

import { unreachable } from "../lib/http";
import { t } from "../lib/message";

export type Licence = { name: string; version: string; identifier: string };

/** Written by the build. */
export const LICENCES = "/assets/licences.json";

const FONTS: readonly Licence[] = [
  { name: "Inter", version: "", identifier: "OFL-1.1" },
  { name: "JetBrains Mono", version: "", identifier: "OFL-1.1" },
];

export async function readLicences({ signal }: { signal: AbortSignal }): Promise<Licence[]> {
  const answer = await fetch(LICENCES, { signal, cache: "no-cache" }).catch((error: unknown) => {
    throw signal.aborted ? error : unreachable();
  });
  if (!answer.ok) throw new Error(t("This page was built without its list of libraries."));
  const found: unknown = await answer.json();
  const built = Array.isArray(found) ? found.map(licenceOf) : [];
  return [...built, ...FONTS].sort((left, right) => left.name.localeCompare(right.name));
}

function licenceOf(entry: Record<string, unknown>): Licence {
  const text = (name: string) => (typeof entry[name] === "string" ? entry[name] : "");
  return { name: text("name"), version: text("version"), identifier: text("identifier") };
}
