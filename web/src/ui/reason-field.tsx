/** Asks why something is done that the record keeps for ever. */

import { Textarea } from "@mantine/core";

/** The fewest characters that the server takes as a reason, and the most. */
const MIN_CHARACTERS = 10;
const MAX_CHARACTERS = 1_000;

type ReasonFieldProps = {
  label: string;
  description?: string;
  value: string;
  onChange: (value: string) => void;
  /** The dialog opens with the cursor in it. */
  isFirst?: boolean;
};

export function ReasonField({ label, description, value, onChange, isFirst }: ReasonFieldProps) {
  return (
    <Textarea
      label={label}
      description={description ?? null}
      required
      autosize
      minRows={2}
      maxRows={6}
      maxLength={MAX_CHARACTERS}
      data-autofocus={isFirst || undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Whether the server takes it. */
export function isReason(text: string): boolean {
  return text.trim().length >= MIN_CHARACTERS;
}
