/** Settings, one tab an address: appearance, account, API tokens, about. */

import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import { Page } from "../ui/page";
import { AboutTab } from "./about-tab";
import { AccountTab } from "./account-tab";
import { AppearanceTab } from "./appearance-tab";
import styles from "./settings.module.css";
import { TokensTab } from "./tokens-tab";

const route = getRouteApi("/shell/settings");

const TABS = [
  { value: "appearance", label: t("Appearance"), Content: AppearanceTab },
  { value: "account", label: t("Account"), Content: AccountTab },
  { value: "tokens", label: t("API tokens"), Content: TokensTab },
  { value: "about", label: t("About"), Content: AboutTab },
] as const;

export function SettingsScreen(): ReactNode {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = TABS.find((row) => row.value === tab) ?? TABS[0];
  return (
    <Page title={t("Settings")}>
      <Tabs
        value={chosen.value}
        onChange={(value) => void navigate({ search: value ? { tab: value } : {}, replace: true })}
      >
        <Tabs.List>
          {TABS.map((row) => (
            <Tabs.Tab key={row.value} value={row.value}>
              {row.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((row) => (
          <Tabs.Panel key={row.value} value={row.value} className={styles.tab}>
            {row === chosen ? <row.Content /> : null}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
