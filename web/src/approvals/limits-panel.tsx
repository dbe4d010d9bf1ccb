/** The form before the card: which data, how it is fed, what it may do. */

import { Radio, Select, TextInput } from "@mantine/core";
import type { Feed, OmcLedgersMessagesSeriesAnswer as Series } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import styles from "./approval.module.css";
import type { LimitName, LimitsForm } from "./limits";

type LimitsPanelProps = {
  series: readonly (readonly Series[])[];
  chosen: number;
  feed: Feed;
  limits: LimitsForm;
  wrong: Partial<Record<LimitName, string>>;
  onSeries: (chosen: number) => void;
  onFeed: (feed: Feed) => void;
  onLimits: (limits: LimitsForm) => void;
};

export function LimitsPanel({ series, chosen, feed, limits, wrong, onSeries, onFeed, onLimits }: LimitsPanelProps) {
  const quote = series[chosen]?.[0]?.symbol.split("/")[1] ?? "";
  const field = (name: LimitName, label: string, description: string) => (
    <TextInput
      label={label}
      description={description}
      inputMode="decimal"
      autoComplete="off"
      value={limits[name]}
      error={wrong[name]}
      onChange={(event) => onLimits({ ...limits, [name]: event.currentTarget.value.trim() })}
    />
  );
  return (
    <Panel title={t("Limits, yours to set")}>
      <div className={styles.form}>
        <Select
          label={t("Data")}
          description={t("Candles of the strategy's market.")}
          data={series.map((every, at) => ({ value: String(at), label: wording(every) }))}
          value={String(chosen)}
          onChange={(value) => onSeries(Number(value ?? chosen))}
        />
        <Radio.Group
          label={t("Feed")}
          value={feed}
          onChange={(value) => onFeed(value === "follow" ? "follow" : "replay")}
        >
          <div className={styles.radios}>
            <Radio value="replay" label={t("Replay")} description={t("Stored bars once more, in about a minute.")} />
            <Radio value="follow" label={t("Follow")} description={t("New bars as they arrive.")} />
          </div>
        </Radio.Group>
        {field("capital", t("Capital ({quote})", { quote }), t("Play money that it starts with."))}
        {field("position", t("Largest position (% of equity)"), t("Buys beyond it are denied."))}
        {field("orders", t("Orders a day, at most"), t("Further buys are denied until midnight UTC."))}
        {field(
          "loss",
          t("Largest loss a day ({quote})", { quote }),
          t("From there on it only closes, until midnight UTC."),
        )}
      </div>
    </Panel>
  );
}

function wording(every: readonly Series[]): string {
  const [first] = every;
  const symbols = every.map((row) => row.symbol).join(", ");
  return first ? `${symbols} · ${first.timeframe} · ${first.label || first.venue}` : "";
}
