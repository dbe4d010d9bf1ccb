/** Who takes part in a bake-off: a model a row, with its own settings or those of a preset. */

import { ActionIcon, Button, Select } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { choiceOf, fitting, needsPrice } from "../lib/choices";
import { t } from "../lib/message";
import type { Choice, Preset } from "../lib/vault";
import { presetsQuery } from "../lib/vault-api";
import { ModelSelect } from "../ui/model-select";
import { PriceDialog, type Priced } from "../ui/price-dialog";
import { MOST_ENTRIES } from "./bakeoff-words";
import styles from "./evals.module.css";
import type { Entrant } from "./plan";

type EntriesFieldProps = {
  choices: readonly Choice[];
  entries: readonly Entrant[];
  onChange: (entries: Entrant[]) => void;
};

export function EntriesField({ choices, entries, onChange }: EntriesFieldProps) {
  const presets = useQuery(presetsQuery).data ?? [];
  const [pricing, setPricing] = useState<Priced | null>(null);
  const put = (place: number, change: Partial<Entrant>) =>
    onChange(entries.map((each, index) => (index === place ? { ...each, ...change } : each)));
  return (
    <fieldset className={styles.entries}>
      <legend className={styles.legend}>{t("Who takes part")}</legend>
      {entries.map((entry, index) => (
        <Entry
          // biome-ignore lint/suspicious/noArrayIndexKey: a place in the list is what it is
          key={index}
          number={index + 1}
          entry={entry}
          choices={choices}
          presets={presets}
          onChange={(change) => put(index, change)}
          onPrice={setPricing}
          onLeave={entries.length > 2 ? () => onChange(entries.filter((_, place) => place !== index)) : null}
        />
      ))}
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          disabled={entries.length >= MOST_ENTRIES}
          onClick={() => onChange([...entries, { key: null, preset: null }])}
        >
          {t("Add a model")}
        </Button>
      </div>
      <PriceDialog row={pricing} onClose={() => setPricing(null)} />
    </fieldset>
  );
}

type EntryProps = {
  number: number;
  entry: Entrant;
  choices: readonly Choice[];
  presets: readonly Preset[];
  onChange: (change: Partial<Entrant>) => void;
  onPrice: (row: Priced) => void;
  /** Null while two rows are all there are. */
  onLeave: (() => void) | null;
};

function Entry({ number, entry, choices, presets, onChange, onPrice, onLeave }: EntryProps) {
  const choice = choiceOf(choices, entry.key);
  const fit = choice?.credential_id ? fitting(presets, choice) : [];
  return (
    <div className={styles.entry}>
      <ModelSelect
        label={t("Model {number}", { number })}
        description={choice?.credential}
        choices={choices}
        value={entry.key}
        onChange={(key) => onChange({ key, preset: null })}
      />
      {fit.length > 0 ? (
        <Select
          label={t("Preset {number}", { number })}
          placeholder={t("The model's own settings")}
          data={fit.map((preset) => ({ value: preset.id, label: preset.name }))}
          clearable
          value={entry.preset}
          onChange={(preset) => onChange({ preset })}
        />
      ) : null}
      {choice && needsPrice(choice) ? (
        <Button
          variant="default"
          onClick={() => onPrice({ credential_id: choice.credential_id, model: choice.id, price: null })}
        >
          {t("Enter its price")}
        </Button>
      ) : null}
      <ActionIcon
        variant="subtle"
        color="gray"
        size={36}
        aria-label={t("Leave model {number} out", { number })}
        disabled={onLeave === null}
        onClick={() => onLeave?.()}
      >
        <IconX size={16} aria-hidden="true" />
      </ActionIcon>
    </div>
  );
}
