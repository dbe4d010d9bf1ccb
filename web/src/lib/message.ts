/** The one function through which every text on the page goes: English is the key, a catalogue may replace it. */

export type Values = Record<string, string | number>;

let catalogue: Readonly<Record<string, string>> = {};

/** Use another language's texts; a text it lacks stays English. */
export function loadCatalogue(texts: Readonly<Record<string, string>>): void {
  catalogue = texts;
}

/** `t("Kept {count} rows", { count: "1,204" })` */
export function t(text: string, values?: Values): string {
  const found = catalogue[text] ?? text;
  return values ? found.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : found;
}

const rules = new Intl.PluralRules("en");

/** `plural(3, "{count} bar", "{count} bars")`; `count` is filled in grouped, like 1,204. */
export function plural(count: number, one: string, other: string, values?: Values): string {
  const text = rules.select(count) === "one" ? one : other;
  return t(text, { count: count.toLocaleString("en-GB"), ...values });
}
