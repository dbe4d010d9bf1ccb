/** Which model of which key: one list grouped by provider, the default marked. */

import { Select } from "@mantine/core";
import type { ReactNode } from "react";
import { groupChoices } from "../lib/choices";
import { t } from "../lib/message";
import type { Choice } from "../lib/vault";

const SEARCH_FROM = 8;
/** More would make the list slow; whoever looks for one types a part of its name. */
const MOST_SHOWN = 80;

type ModelSelectProps = {
  label: string;
  description?: ReactNode;
  choices: readonly Choice[];
  value: string | null;
  onChange: (key: string | null) => void;
  error?: ReactNode;
  clearable?: boolean;
  placeholder?: string;
};

export function ModelSelect({ choices, clearable = false, placeholder, onChange, ...rest }: ModelSelectProps) {
  return (
    <Select
      {...rest}
      data={groupChoices(choices)}
      searchable={choices.length > SEARCH_FROM}
      limit={MOST_SHOWN}
      clearable={clearable}
      placeholder={placeholder ?? t("Choose a model")}
      nothingFoundMessage={t("No model has this in its name.")}
      maxDropdownHeight={320}
      onChange={onChange}
    />
  );
}
