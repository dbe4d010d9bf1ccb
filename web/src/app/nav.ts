/** Where one can go: the rail's rows, the phone's tabs and the palette all read this table. */

import {
  IconActivity,
  IconAdjustmentsAlt,
  IconBrain,
  IconChartBar,
  IconChartLine,
  IconClipboardCheck,
  IconClipboardData,
  IconDatabase,
  IconFlask,
  IconGitBranch,
  IconHome,
  IconKey,
  IconScale,
  IconSettings,
  type TablerIcon,
} from "@tabler/icons-react";
import { t } from "../lib/message";

export type Place = {
  to:
    | "/overview"
    | "/research"
    | "/approvals"
    | "/backtests"
    | "/strategies"
    | "/trading"
    | "/pnl"
    | "/data"
    | "/ai/keys"
    | "/ai/models"
    | "/ai/usage"
    | "/ai/evals"
    | "/status"
    | "/settings";
  label: string;
  icon: TablerIcon;
  /** Pressed after g. */
  letter: string;
  /** One of the five tabs at the bottom of a phone. */
  tab?: boolean;
};

export type NavGroup = { title: string; places: Place[] };

export const NAV: readonly NavGroup[] = [
  {
    title: t("Work"),
    places: [
      { to: "/overview", label: t("Overview"), icon: IconHome, letter: "o", tab: true },
      { to: "/research", label: t("Research"), icon: IconFlask, letter: "r", tab: true },
      { to: "/approvals", label: t("Approvals"), icon: IconClipboardCheck, letter: "a", tab: true },
      { to: "/backtests", label: t("Backtests"), icon: IconClipboardData, letter: "b" },
      { to: "/strategies", label: t("Strategies"), icon: IconGitBranch, letter: "y" },
      { to: "/trading", label: t("Trading"), icon: IconAdjustmentsAlt, letter: "t", tab: true },
      { to: "/pnl", label: t("P&L"), icon: IconChartLine, letter: "p", tab: true },
      { to: "/data", label: t("Data"), icon: IconDatabase, letter: "d" },
    ],
  },
  {
    title: t("AI"),
    places: [
      { to: "/ai/keys", label: t("Provider keys"), icon: IconKey, letter: "k" },
      { to: "/ai/models", label: t("Models"), icon: IconBrain, letter: "m" },
      { to: "/ai/usage", label: t("Usage and cost"), icon: IconChartBar, letter: "u" },
      { to: "/ai/evals", label: t("Evals"), icon: IconScale, letter: "e" },
    ],
  },
  {
    title: t("System"),
    places: [
      { to: "/status", label: t("Status"), icon: IconActivity, letter: "s" },
      { to: "/settings", label: t("Settings"), icon: IconSettings, letter: "," },
    ],
  },
];

export const PLACES: readonly Place[] = NAV.flatMap((group) => group.places);
