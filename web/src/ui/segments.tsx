/** A choice between a few views, as one control. */

import { SegmentedControl } from "@mantine/core";

type SegmentsProps<Value extends string> = {
  /** Names the choice for the ear. */
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
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
