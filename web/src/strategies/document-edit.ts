/** Changes one setting of a document and leaves all else as it is; what the form and the text have in common. */

import { objectOf } from "./schema-form";

export type Document = Record<string, unknown>;
export type Path = readonly string[];

/** The text as data, or null where it is no JSON object. */
export function parsed(text: string): Document | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Document) : null;
  } catch {
    return null;
  }
}

export function written(document: Document): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export function valueAt(document: Document, path: Path): unknown {
  return path.reduce<unknown>((value, name) => objectOf(value)[name], document);
}

/** `undefined` takes the setting out. A new one comes where `order` has it. */
export function withValue(document: Document, path: Path, value: unknown, order: readonly string[] = []): Document {
  const [name, ...rest] = path;
  if (name === undefined) return document;
  const next = rest.length > 0 ? withValue(objectOf(document[name]), rest, value) : value;
  if (next === undefined) return Object.fromEntries(Object.entries(document).filter(([each]) => each !== name));
  const isNew = !(name in document);
  const changed = { ...document, [name]: next };
  return isNew && order.length > 0 ? ordered(changed, order) : changed;
}

/** The same value under another name, in the same place. */
export function renamed(map: Document, from: string, to: string): Document {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name === from ? to : name, value]));
}

/** A name that is free: `feature_1`, `feature_2`, … */
export function freeName(map: Document, stem: string): string {
  for (let count = 1; ; count += 1) {
    if (!(`${stem}_${count}` in map)) return `${stem}_${count}`;
  }
}

/** A JSON pointer. */
export function pointerOf(path: Path): string {
  return path.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** A number as it is written, or the text itself where it is none yet: the check says what is wrong with it. */
export function numberIn(text: string): number | string {
  return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
}

function ordered(document: Document, order: readonly string[]): Document {
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.fromEntries(Object.entries(document).toSorted(([left], [right]) => rank(left) - rank(right)));
}
