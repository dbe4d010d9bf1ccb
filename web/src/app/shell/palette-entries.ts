/** What the palette offers: pages, commands, and what was made here: sessions, strategies, deployments, backtests, series. */

import { useMantineColorScheme } from "@mantine/core";
import {
  IconAdjustmentsAlt,
  IconChartLine,
  IconContrast,
  IconDatabase,
  IconFlask,
  IconGitBranch,
  IconHandStop,
  IconKey,
  IconKeyboard,
  IconPlus,
  IconScale,
  type TablerIcon,
} from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { engineBacktests } from "../../api/generated/sdk.gen";
import { t } from "../../lib/message";
import { deploymentsQuery, seriesQuery, sessionsQuery, strategiesQuery } from "../../lib/queries";
import { formatTime } from "../../lib/time";
import { PLACES } from "../nav";
import type { Overlay } from "./shortcuts";

export type Entry = { id: string; title: string; kind: string; icon: TablerIcon; run: () => void };

const MAX_SHOWN = 40;

/** The newest runs, as the list of backtests reads them. */
const backtestsQuery = queryOptions({
  queryKey: ["backtests", "newest"],
  queryFn: ({ signal }) => engineBacktests({ query: { limit: 200 }, signal }),
});

export function useEntries(onOpen: (overlay: Overlay) => void): Entry[] {
  return [...usePages(), ...useCommands(onOpen), ...useMade()];
}

/** Every word must occur; a title that begins with the first one comes first. */
export function matching(entries: readonly Entry[], text: string): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = entries.filter((entry) => {
    const whole = `${entry.title} ${entry.kind}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
  const first = words[0] ?? "";
  const begins = (entry: Entry) => Number(entry.title.toLowerCase().startsWith(first));
  return (first ? kept.toSorted((left, right) => begins(right) - begins(left)) : kept).slice(0, MAX_SHOWN);
}

function usePages(): Entry[] {
  const navigate = useNavigate();
  return PLACES.map((place) => ({
    id: place.to,
    title: place.label,
    kind: t("Page"),
    icon: place.icon,
    run: () => void navigate({ to: place.to }),
  }));
}

function useCommands(onOpen: (overlay: Overlay) => void): Entry[] {
  const navigate = useNavigate();
  const { toggleColorScheme } = useMantineColorScheme();
  const kind = t("Command");
  return [
    {
      id: "new",
      title: t("Start a research session"),
      kind,
      icon: IconPlus,
      run: () => void navigate({ to: "/research/new" }),
    },
    {
      id: "key",
      title: t("Add a provider key"),
      kind,
      icon: IconKey,
      run: () => void navigate({ to: "/ai/keys", search: { add: "any" } }),
    },
    {
      id: "bakeoff",
      title: t("Start a bake-off of models"),
      kind,
      icon: IconScale,
      run: () => void navigate({ to: "/ai/evals", search: { new: "yes" } }),
    },
    { id: "import", title: t("Import candles"), kind, icon: IconDatabase, run: () => void navigate({ to: "/data" }) },
    { id: "stop", title: t("Stop trading"), kind, icon: IconHandStop, run: () => onOpen("stop") },
    { id: "theme", title: t("Switch between dark and light"), kind, icon: IconContrast, run: toggleColorScheme },
    { id: "keys", title: t("Show the keys"), kind, icon: IconKeyboard, run: () => onOpen("keys") },
  ];
}

function useMade(): Entry[] {
  const navigate = useNavigate();
  const sessions = useQuery(sessionsQuery).data?.items ?? [];
  const strategies = useQuery(strategiesQuery).data?.items ?? [];
  const deployments = useQuery(deploymentsQuery).data?.items ?? [];
  const backtests = useQuery(backtestsQuery).data?.items ?? [];
  const series = useQuery(seriesQuery).data?.items ?? [];
  return [
    ...sessions.map((row) => ({
      id: row.id,
      title: row.goal,
      kind: t("Research"),
      icon: IconFlask,
      run: () => void navigate({ to: "/research/$session", params: { session: row.id } }),
    })),
    ...strategies.map((row) => ({
      id: row.id,
      title: row.name,
      kind: t("Strategy"),
      icon: IconGitBranch,
      run: () => void navigate({ to: "/strategies/$strategy", params: { strategy: row.id } }),
    })),
    ...deployments.map((row) => ({
      id: row.id,
      title: t("{name} · {day}", { name: row.name, day: formatTime(row.created_ts, "day") }),
      kind: row.state === "running" ? t("Trading now") : t("Trading"),
      icon: IconAdjustmentsAlt,
      run: () => void navigate({ to: "/trading/$deployment", params: { deployment: row.id } }),
    })),
    ...backtests.map((row) => ({
      id: row.id,
      title: t("{name} · {time}", { name: row.name, time: formatTime(row.created_at) }),
      kind: t("Backtest"),
      icon: IconChartLine,
      run: () => void navigate({ to: "/backtests/$backtest", params: { backtest: row.id } }),
    })),
    ...series.map((row) => ({
      id: row.id,
      title: `${row.symbol} ${row.timeframe} · ${row.venue}`,
      kind: t("Data"),
      icon: IconDatabase,
      run: () => void navigate({ to: "/data", search: { series: row.id } }),
    })),
  ];
}
