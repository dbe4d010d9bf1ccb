/** How far to stop: three levels, each with what it leaves as it is. */

import { Radio } from "@mantine/core";
import type { Stop } from "../../api/generated/types.gen";
import { t } from "../../lib/message";
import styles from "./stop-dialog.module.css";

type StopChoicesProps = { value: Stop; onChange: (how: Stop) => void; paused: boolean };

export function StopChoices({ value, onChange, paused }: StopChoicesProps) {
  return (
    <Radio.Group label={t("How far")} value={value} onChange={(next) => onChange(next as Stop)}>
      <div className={styles.choices}>
        <Radio
          value="entries"
          disabled={paused}
          label={t("Pause entries")}
          description={t("Nothing is opened. What runs goes on, and may close what it holds.")}
        />
        <Radio
          value="all"
          label={t("Stop and cancel")}
          description={t("No new orders, open ones are cancelled. Positions stay as they are.")}
        />
        <Radio
          value="close"
          label={t("Stop, cancel and sell")}
          description={t("Also sells every position at the last price known, less slippage and fee.")}
        />
      </div>
    </Radio.Group>
  );
}

export function stopWord(how: Stop): string {
  switch (how) {
    case "entries":
      return t("Pause entries now");
    case "all":
      return t("Stop all now");
    case "close":
      return t("Stop and sell all");
  }
}
