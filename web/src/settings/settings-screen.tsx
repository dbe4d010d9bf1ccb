/** Settings, one section an address. */

import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import { Page } from "../ui/page";
import { AboutSection } from "./about-section";
import { AccountSection } from "./account-section";
import { AppearanceSection } from "./appearance-section";
import styles from "./settings.module.css";
import { TokensSection } from "./tokens-section";

type Section = { id: string; title: string; content: ReactNode };

const ACCOUNT: Section = { id: "account", title: t("Account"), content: <AccountSection /> };
const SECTIONS: readonly Section[] = [
  ACCOUNT,
  { id: "appearance", title: t("Appearance"), content: <AppearanceSection /> },
  { id: "tokens", title: t("API tokens"), content: <TokensSection /> },
  { id: "about", title: t("About"), content: <AboutSection /> },
];

export function SettingsScreen() {
  const { tab } = useSearch({ from: "/shell/settings" });
  const shown = SECTIONS.find((section) => section.id === tab) ?? ACCOUNT;
  return (
    <Page title={t("Settings")} facts={<span className={styles.crumb}>{shown.title}</span>}>
      <div className={styles.layout}>
        <nav aria-label={t("Sections of the settings")}>
          <ul className={styles.nav}>
            {SECTIONS.map((section) => (
              <li key={section.id}>
                <Link
                  to="/settings"
                  search={{ tab: section.id }}
                  className={styles.section}
                  aria-current={section.id === shown.id ? "page" : undefined}
                  data-shown={section.id === shown.id || undefined}
                >
                  {section.title}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className={styles.content}>{shown.content}</div>
      </div>
    </Page>
  );
}
