/** What may stand in a preset. Empty leaves it to the provider; decimals stay text. */

import { t } from "../lib/message";
import type { Effort, NewPreset, Preset } from "../lib/vault";

export type TypedPreset = {
  name: string;
  credential_id: string | null;
  model: string | null;
  temperature: string;
  top_p: string;
  max_tokens: string;
  effort: Effort | null;
};
export type Range = { most: number; whole: boolean };

const TEMPERATURE: Range = { most: 2, whole: false };
const TOP_P: Range = { most: 1, whole: false };
const MAX_TOKENS: Range = { most: 1_000_000, whole: true };

export function typedPreset(preset: Preset | null): TypedPreset {
  return {
    name: preset?.name ?? "",
    credential_id: preset?.credential_id ?? null,
    model: preset?.model ?? null,
    temperature: preset?.temperature ?? "",
    top_p: preset?.top_p ?? "",
    max_tokens: preset?.max_tokens ? String(preset.max_tokens) : "",
    effort: (preset?.effort as Effort | null | undefined) ?? null,
  };
}

export function numberTrouble(typed: string, { most, whole }: Range): string | null {
  const text = typed.trim();
  if (text === "") return null;
  const shape = whole ? /^\d+$/ : /^\d+(\.\d+)?$/;
  if (!shape.test(text)) return whole ? t("Write a whole number.") : t("Write a number like 0.7.");
  if (Number(text) > most) return t("At most {most}.", { most: most.toLocaleString("en-GB") });
  return whole && Number(text) < 1 ? t("At least 1.") : null;
}

/** Null while something must be mended. */
export function readPreset(typed: TypedPreset): NewPreset | null {
  const troubles = [
    numberTrouble(typed.temperature, TEMPERATURE),
    numberTrouble(typed.top_p, TOP_P),
    numberTrouble(typed.max_tokens, MAX_TOKENS),
  ];
  if (!typed.name.trim() || troubles.some(Boolean)) return null;
  return {
    name: typed.name.trim(),
    credential_id: typed.credential_id,
    model: typed.model,
    temperature: typed.temperature.trim() || null,
    top_p: typed.top_p.trim() || null,
    max_tokens: typed.max_tokens.trim() ? Number(typed.max_tokens) : null,
    effort: typed.effort,
  };
}
