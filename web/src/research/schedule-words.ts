/** A schedule in words. */

import type { ScheduleAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";

export type Weekday = NonNullable<ScheduleAnswer["weekday"]>;

export const WEEKDAYS: readonly { value: Weekday; label: string }[] = [
  { value: "monday", label: t("Every Monday") },
  { value: "tuesday", label: t("Every Tuesday") },
  { value: "wednesday", label: t("Every Wednesday") },
  { value: "thursday", label: t("Every Thursday") },
  { value: "friday", label: t("Every Friday") },
  { value: "saturday", label: t("Every Saturday") },
  { value: "sunday", label: t("Every Sunday") },
];

/** Every Monday at 06:00 UTC */
export function whenWords({ weekday, at }: Pick<ScheduleAnswer, "weekday" | "at">): string {
  const every = WEEKDAYS.find((day) => day.value === weekday)?.label ?? t("Every day");
  return t("{every} at {at} UTC", { every, at });
}
