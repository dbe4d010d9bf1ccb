/** The form before the card: which data, how it is fed, what it may do. */

import { Radio, Select, TextInput } from "@mantine/core";
import type { Feed, OmcLedgersMessagesSeriesAnswer as Series } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import styles from "./approval.module.css";
import type { LimitName, LimitsForm } from "./limits";

type LimitsPanelProps = {
  series: readonly Series[];
  seriesId: string;
  feed: Feed;
  limits: LimitsForm;
  wrong: Partial<Record<LimitName, string>>;
  onSeries: (id: string) => void;
  onFeed: (feed: Feed) => void;
  onLimits: (limits: LimitsForm) => void;
};

export function LimitsPanel({ series, seriesId, feed, limits, wrong, onSeries, onFeed, onLimits }: LimitsPanelProps) {
  const quote = series.find((row) => row.id === seriesId)?.symbol.split("/")[1] ?? "";
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
          data={series.map((row) => ({
            value: row.id,
            label: `${row.symbol} · ${row.timeframe} · ${row.label || row.venue}`,
          }))}
          value={seriesId}
          onChange={(value) => onSeries(value ?? seriesId)}
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
