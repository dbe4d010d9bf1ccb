/** Two days between which candles are read; empty ones mean all that there are. */

import { TextInput } from "@mantine/core";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import { lastDayOf } from "./run-span";
import styles from "./strategies.module.css";

export type Days = { first: string; last: string };

type SpanFieldsProps = {
  days: Days;
  onChange: (days: Days) => void;
  /** From the first bar of what is chosen to its last. */
  extent: { start: string | null; end: string | null };
  errors?: { first?: string | undefined; last?: string | undefined };
};

export function SpanFields({ days, onChange, extent: { start, end }, errors = {} }: SpanFieldsProps) {
  return (
    <div className={styles.days}>
      <TextInput
        type="date"
        label={t("From (UTC)")}
        description={start ? t("there from {day}", { day: formatTime(start, "day") }) : t("else from the start")}
        error={errors.first}
        value={days.first}
        onChange={(event) => onChange({ ...days, first: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label={t("To, included (UTC)")}
        description={end ? t("there until {day}", { day: formatTime(lastDayOf(end), "day") }) : t("else to the end")}
        error={errors.last}
        value={days.last}
        onChange={(event) => onChange({ ...days, last: event.currentTarget.value })}
      />
    </div>
  );
}
