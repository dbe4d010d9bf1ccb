/** A field for dollars: text all the way, judged when it is left. */

import { TextInput } from "@mantine/core";
import { useState } from "react";
import { dollarsTrouble } from "../lib/dollars";

type DollarFieldProps = {
  label: string;
  description?: string | undefined;
  placeholder?: string | undefined;
  value: string;
  onChange: (typed: string) => void;
  disabled?: boolean;
};

export function DollarField({ label, description, placeholder, value, onChange, disabled = false }: DollarFieldProps) {
  const [left, setLeft] = useState(false);
  return (
    <TextInput
      label={label}
      description={description}
      placeholder={placeholder ?? ""}
      inputMode="decimal"
      autoComplete="off"
      leftSection="$"
      maxLength={24}
      value={value}
      disabled={disabled}
      error={left ? dollarsTrouble(value) : null}
      onBlur={() => setLeft(true)}
      onChange={(event) => {
        setLeft(false);
        onChange(event.currentTarget.value);
      }}
    />
  );
}
