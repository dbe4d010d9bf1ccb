/** What an expression may go on with: the language's columns and functions, and the document's own names. */

import { t } from "../lib/message";

export type Suggestion = {
  name: string;
  /** As it is written: `sma(x, bars)`. */
  usage: string;
  meaning: string;
  isCall: boolean;
};

/** As the document's schema tells it under `x-language`. */
export type Language = {
  columns: readonly string[];
  signs: readonly string[];
  functions: readonly { usage: string; meaning: string; gives: string }[];
};

const MOST = 8;
const WORD = /[a-z_]\w*$/i;

/** The schema is another program's text: what is not as expected is not there. */
export function languageOf(schema: Record<string, unknown> | undefined): Language {
  const told = (schema?.["x-language"] ?? {}) as Partial<Language>;
  return { columns: told.columns ?? [], signs: told.signs ?? [], functions: told.functions ?? [] };
}

export function suggestionsOf(language: Language, document: Record<string, unknown> | null): Suggestion[] {
  const own = [
    ...named(document?.features, (text) => t("feature: {text}", { text })),
    ...named(document?.inputs, (text) => t("input: {text}", { text })),
    ...named(document?.parameters, (text) => t("parameter, {text} here", { text })),
  ];
  const columns = language.columns.map((name) => ({ name, usage: name, meaning: t("of each bar"), isCall: false }));
  const functions = language.functions.map(({ usage, meaning }) => {
    const name = usage.split("(")[0] ?? usage;
    return { name, usage, meaning, isCall: usage !== name };
  });
  return [...own, ...columns, ...functions];
}

function named(value: unknown, meaning: (text: string) => string): Suggestion[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).map(([name, each]) => ({
    name,
    usage: name,
    meaning: meaning(typeof each === "object" ? Object.values(each ?? {}).join(" · ") : String(each)),
    isCall: false,
  }));
}

/** The word that ends at the caret; empty where none does. */
export function wordAt(text: string, caret: number): string {
  return WORD.exec(text.slice(Math.max(0, caret - 60), caret))?.[0] ?? "";
}

/** Those that begin with the word, then those that contain it; none that is written out already. */
export function matching(all: readonly Suggestion[], word: string): Suggestion[] {
  const wanted = word.toLowerCase();
  const begins = all.filter((one) => one.name.startsWith(wanted));
  const contains = all.filter((one) => !one.name.startsWith(wanted) && one.name.includes(wanted));
  const found = [...begins, ...contains].slice(0, MOST);
  return found.length === 1 && found[0]?.name === wanted ? [] : found;
}

/** What to put in the word's place, and where in it the caret then stands. */
export function insertionOf(one: Suggestion, after: string): { text: string; caret: number } {
  if (!one.isCall || after.startsWith("(")) return { text: one.name, caret: one.name.length };
  return { text: `${one.name}()`, caret: one.name.length + 1 };
}

/** Settings whose text is an expression. */
export function isExpression(pointer: string): boolean {
  return /^\/(features\/[^/]+|(short_)?(entry|exit))$/.test(pointer);
}
