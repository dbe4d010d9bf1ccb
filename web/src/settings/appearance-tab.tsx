/** How this browser shows things; kept here, not on the server. */

import { Radio, Switch, useMantineColorScheme } from "@mantine/core";
import { t } from "../lib/message";
import { type Preferences, prefer, usePreferences } from "../lib/preferences";
import { zoneLabel } from "../lib/time";
import { Gain } from "../ui/amount";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import styles from "./settings.module.css";

const SCHEMES = [
  { value: "dark", label: t("Dark") },
  { value: "light", label: t("Light") },
  { value: "auto", label: t("As the system") },
] as const;

const PAIRS: readonly { value: Preferences["gain"]; label: string }[] = [
  { value: "teal", label: t("Teal and orange: tells apart for most eyes") },
  { value: "classic", label: t("Green and red") },
  { value: "red-up", label: t("Red up, green down") },
  { value: "blue", label: t("Blue and orange") },
];

const ZONES = [
  { value: "local", label: t("This computer's") },
  { value: "utc", label: t("UTC") },
] as const;

export function AppearanceTab() {
  const { setColorScheme } = useMantineColorScheme();
  const { scheme, gain, zone, letters } = usePreferences();
  return (
    <>
      <Panel title={t("Theme")}>
        <Segments label={t("Theme")} value={scheme} options={SCHEMES} onChange={setColorScheme} />
      </Panel>
      <Panel
        title={t("Gain and loss")}
        end={
          <span className={styles.sample}>
            <Gain value="1234.50" /> <Gain value="-567.25" />
          </span>
        }
      >
        <Radio.Group
          aria-label={t("Colours of gain and loss")}
          value={gain}
          onChange={(value) => prefer({ gain: value as Preferences["gain"] })}
        >
          <div className={styles.choices}>
            {PAIRS.map((pair) => (
              <Radio key={pair.value} value={pair.value} label={pair.label} />
            ))}
          </div>
        </Radio.Group>
        <p className={styles.hint}>{t("Text and candles use the same pair. The sign always tells, too.")}</p>
      </Panel>
      <Panel title={t("Times")}>
        <Segments label={t("Time zone")} value={zone} options={ZONES} onChange={(value) => prefer({ zone: value })} />
        <p className={styles.hint}>
          {t("Shown in {zone}. Everything is stored in UTC, and CSV files are in UTC.", { zone: zoneLabel() })}
        </p>
      </Panel>
      <Panel title={t("Keyboard")}>
        <Switch
          label={t("Single letters are shortcuts (? shows them)")}
          checked={letters}
          onChange={(event) => prefer({ letters: event.currentTarget.checked })}
        />
      </Panel>
    </>
  );
}
