/** What can answer a session, grouped for a list: by provider and key, the default marked. */

import { t } from "./message";
import { providerLabel } from "./provider-words";
import type { Choice, Preset } from "./vault";

export type Group = { group: string; items: { value: string; label: string }[] };

const APART = "\u001f";

/** One text for a model of a key. */
export function choiceKey(choice: { credential_id: string | null; id: string }): string {
  return `${choice.credential_id ?? ""}${APART}${choice.id}`;
}

export function choiceOf<C extends Choice>(choices: readonly C[], key: string | null): C | undefined {
  return choices.find((choice) => choiceKey(choice) === key);
}

export function groupChoices(choices: readonly Choice[]): Group[] {
  const groups = new Map<string, Group>();
  for (const choice of choices) {
    const name = groupName(choice);
    const group = groups.get(name) ?? { group: name, items: [] };
    groups.set(name, group);
    const label = choice.is_default ? t("{model} (default)", { model: choice.label }) : choice.label;
    group.items.push({ value: choiceKey(choice), label });
  }
  return [...groups.values()];
}

/** The one that an address names (key~model), else the default, else what needs no key. */
export function firstChoice(choices: readonly Choice[], named = ""): string | null {
  const first = choiceAt(choices, named) ?? choices.find((choice) => choice.is_default) ?? choices[0];
  return first ? choiceKey(first) : null;
}

/** The model that an address names: key~model. */
export function choiceAt(choices: readonly Choice[], named: string): Choice | undefined {
  return choices.find((choice) => `${choice.credential_id ?? ""}~${choice.id}` === named);
}

function groupName(choice: Choice): string {
  const provider = providerLabel(choice.provider);
  return choice.credential && choice.credential !== provider ? `${provider} · ${choice.credential}` : provider;
}

/** Presets that fit the chosen model. */
export function fitting(presets: readonly Preset[], choice: Choice | undefined): Preset[] {
  return presets.filter(
    (preset) =>
      (preset.model === null || preset.model === choice?.id) &&
      (preset.credential_id === null || preset.credential_id === choice?.credential_id),
  );
}

/** Without a price no cap could hold, so nobody is asked. */
export function needsPrice(choice: Choice): boolean {
  return choice.kind !== "rules" && !choice.price_known && !choice.free;
}
