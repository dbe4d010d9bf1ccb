/** Where in a session's evidence a figure stands: a number and a JSON pointer, as text in the address. */

export type EvidencePlace = { number: number; path: string };

/** `4` or `4:/metrics/sharpe`; anything else is nothing. */
export function parsePlace(text: string | undefined): EvidencePlace | null {
  const match = /^(\d{1,6})(?::(\/.*))?$/.exec(text ?? "");
  return match ? { number: Number(match[1]), path: match[2] ?? "" } : null;
}

export function placeText(evidence: number, path: string): string {
  return path ? `${evidence}:${path}` : String(evidence);
}

/** Follow a JSON pointer; undefined where it leads nowhere. */
export function findAt(value: unknown, path: string): unknown {
  let here = value;
  for (const part of path.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string, unknown>)[name];
    if (here === undefined) return undefined;
  }
  return here;
}
