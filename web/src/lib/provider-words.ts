/** A provider in two letters and in words, where only its id is known. */

import { t } from "./message";

const MARKS: Readonly<Record<string, string>> = {
  builtin: "OM",
  openai: "OA",
  anthropic: "AN",
  google: "GE",
  "openai-compatible": "LO",
};

const LABELS: Readonly<Record<string, string>> = {
  builtin: t("Built in"),
  openai: t("OpenAI"),
  anthropic: t("Anthropic"),
  google: t("Google (Gemini)"),
  "openai-compatible": t("OpenAI-compatible"),
};

export function providerMark(id: string): string {
  return MARKS[id] ?? id.slice(0, 2).toUpperCase();
}

export function providerLabel(id: string): string {
  return LABELS[id] ?? id;
}
