/** A choice between a few views, as one control. */

import { SegmentedControl } from "@mantine/core";

type SegmentsProps<Value extends string> = {
  /** Names the choice for the ear. */
  label: string;
  value: Value;
  /** One that is not there yet is shown and disabled, so that nothing moves when it comes. */
  options: readonly { value: Value; label: string; disabled?: boolean }[];
  onChange: (value: Value) => void;
};

export function Segments<Value extends string>({ label, value, options, onChange }: SegmentsProps<Value>) {
  return (
    <SegmentedControl
      aria-label={label}
      size="xs"
      value={value}
      data={[...options]}
      onChange={(next) => onChange(next as Value)}
    />
  );
}
