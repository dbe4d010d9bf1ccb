/** The header: brand, workspace, what money is at stake, search, Stop trading, theme, account. */

import { ActionIcon, Kbd, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconHandStop, IconMenu2, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { t } from "../../lib/message";
import { meQuery, switchQuery } from "../../lib/queries";
import { StatePill } from "../../ui/state-pill";
import { AccountButton } from "./account-button";
import styles from "./shell.module.css";
import type { Overlay } from "./shortcuts";

export function Header({ onOpen }: { onOpen: (overlay: Overlay) => void }) {
  const { data: me } = useSuspenseQuery(meQuery);
  return (
    <header className={styles.header}>
      <ActionIcon
        className={styles.onlyNarrow ?? ""}
        variant="subtle"
        color="gray"
        size={40}
        aria-label={t("All pages")}
        onClick={() => onOpen("nav")}
      >
        <IconMenu2 size={20} />
      </ActionIcon>
      <Link to="/overview" className={styles.brand}>
        <img src="/mark.svg" width={26} height={26} alt="" />
        <span className={styles.brandName}>OMC</span>
      </Link>
      <span className={styles.workspace} title={t("Workspace")}>
        {me.workspace.name}
      </span>
      <Mode />
      <div className={styles.space} />
      <UnstyledButton className={styles.search} onClick={() => onOpen("palette")}>
        <IconSearch size={16} aria-hidden="true" />
        <span className={styles.searchText}>{t("Search or run a command")}</span>
        <Kbd size="xs" className={styles.searchKey ?? ""}>
          {t("Ctrl K")}
        </Kbd>
      </UnstyledButton>
      <UnstyledButton className={styles.stop} onClick={() => onOpen("stop")}>
        <IconHandStop size={17} aria-hidden="true" />
        <span className={styles.stopText}>{t("Stop trading")}</span>
      </UnstyledButton>
      <ThemeSwitch />
      <AccountButton me={me} onOpen={onOpen} />
    </header>
  );
}

/** What money is at stake; nothing here trades with real money. */
function Mode() {
  const { data } = useQuery(switchQuery);
  if (data?.level === "entries") return <StatePill tone="warn">{t("Entries paused")}</StatePill>;
  return data?.thrown ? (
    <StatePill tone="bad">{t("Stopped")}</StatePill>
  ) : (
    <StatePill tone="info">{t("Paper")}</StatePill>
  );
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme("dark");
  const next = shown === "dark" ? "light" : "dark";
  const Icon = shown === "dark" ? IconSun : IconMoon;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={36}
      aria-label={next === "light" ? t("Use the light theme") : t("Use the dark theme")}
      onClick={() => setColorScheme(next)}
    >
      <Icon size={18} />
    </ActionIcon>
  );
}
