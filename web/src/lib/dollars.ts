/** Dollars that a person types: text all the way, never a float. */

import { t } from "./message";

const DOLLARS = /^\d{1,9}(\.\d{1,12})?$/;

/** What was meant, as the API takes it; null is "no limit", undefined is unreadable. */
export function typedDollars(typed: string): string | null | undefined {
  const text = typed
    .trim()
    .replace(/^\$\s*/, "")
    .replaceAll(",", "");
  if (text === "") return null;
  const filled = text.startsWith(".") ? `0${text}` : text;
  return DOLLARS.test(filled) ? filled : undefined;
}

export function dollarsTrouble(typed: string): string | null {
  return typedDollars(typed) === undefined ? t("Write an amount like 25 or 0.50.") : null;
}
