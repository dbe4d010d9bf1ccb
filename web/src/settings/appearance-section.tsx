/** How this browser shows things; each choice takes effect at once and is kept in this browser only. */

import { Radio, Switch, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import { type Preferences, prefer, usePreferences } from "../lib/preferences";
import { formatTime, zoneLabel } from "../lib/time";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { GainPairs } from "./gain-pairs";
import styles from "./settings.module.css";

export function AppearanceSection() {
  const chosen = usePreferences();
  const { setColorScheme } = useMantineColorScheme();
  return (
    <Panel title={t("Appearance")} end={<span>{t("Kept in this browser")}</span>}>
      <div className={styles.choices}>
        <Choice title={t("Theme")} told={t("Automatic follows your system.")}>
          <Segments<Preferences["scheme"]>
            label={t("Theme")}
            value={chosen.scheme}
            options={[
              { value: "dark", label: t("Dark") },
              { value: "light", label: t("Light") },
              { value: "auto", label: t("Automatic") },
            ]}
            onChange={setColorScheme}
          />
        </Choice>
        <Choice title={t("Density")} told={t("How high the rows of tables are.")}>
          <Segments<Preferences["density"]>
            label={t("Density")}
            value={chosen.density}
            options={[
              { value: "roomy", label: t("Roomy") },
              { value: "compact", label: t("Compact") },
            ]}
            onChange={(density) => prefer({ density })}
          />
        </Choice>
        <Choice
          title={t("Gains and losses")}
          told={t("One pair of colours for figures and candles. The sign always stands beside it.")}
        >
          <GainPairs />
        </Choice>
        <Choice
          title={t("Times")}
          told={t("Now is {time} in {zone}. Hover shows UTC; CSV files always hold UTC.", {
            time: formatTime(Date.now()),
            zone: zoneLabel(),
          })}
        >
          <Radio.Group
            aria-label={t("Time zone")}
            value={chosen.zone}
            onChange={(zone) => prefer({ zone: zone === "utc" ? "utc" : "local" })}
          >
            <div className={styles.radios}>
              <Radio value="local" label={t("The zone of this browser")} />
              <Radio value="utc" label={t("UTC")} />
            </div>
          </Radio.Group>
        </Choice>
        <Choice title={t("Numbers")} told={t("Dots for decimals, commas for thousands; no amount is rounded in CSV.")}>
          <span className={styles.example}>−1,234.50 USDT</span>
        </Choice>
        <Choice title={t("Keyboard")} told={t("Keys like g, j and k work without Ctrl. ? lists them.")}>
          <Switch
            label={t("Single-letter keys")}
            checked={chosen.letters}
            onChange={(event) => prefer({ letters: event.currentTarget.checked })}
          />
        </Choice>
      </div>
    </Panel>
  );
}

function Choice({ title, told, children }: { title: string; told: string; children: ReactNode }) {
  return (
    <div className={styles.choice}>
      <div>
        <h3 className={styles.choiceTitle}>{title}</h3>
        <p className={styles.dim}>{told}</p>
      </div>
      <div>{children}</div>
    </div>
  );
}
