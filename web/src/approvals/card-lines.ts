/** An approval card as lines, all of it: what a person approves is what they can read, also what this page does not know. */

import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { formatTime, zoneLabel } from "../lib/time";

export type CardLine = { path: string; label: string; text: string };
export type CardGroup = { title: string; lines: CardLine[] };

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
/** Shown as a document of its own. */
const APART = "/version/document";

/** Every value of the card but the document, by its first name. */
export function cardGroups(card: Record<string, unknown>): CardGroup[] {
  const titles: Record<string, string> = {
    version: t("Strategy"),
    series: t("Market"),
    others: t("Market"),
    data: t("Data range"),
    limits: t("Limits"),
    costs: t("Costs"),
    rules: t("Rules, as in the backtest"),
  };
  const groups = new Map<string, CardLine[]>();
  for (const line of flatten(card, "")) {
    const first = line.path.split("/")[1] ?? "";
    const title = titles[first] ?? t("How it runs");
    groups.set(title, [...(groups.get(title) ?? []), line]);
  }
  return [...groups].map(([title, lines]) => ({ title, lines }));
}

/** Paths whose value is not what it was. */
export function changedPaths(before: Record<string, unknown>, after: Record<string, unknown>): ReadonlySet<string> {
  const old = new Map(leaves(before, "").map(([path, value]) => [path, JSON.stringify(value)]));
  const changed = new Set<string>();
  for (const [path, value] of leaves(after, "")) {
    if (old.get(path) !== JSON.stringify(value)) changed.add(path);
    old.delete(path);
  }
  for (const path of old.keys()) changed.add(path);
  return changed;
}

function flatten(card: Record<string, unknown>, at: string): CardLine[] {
  return leaves(card, at)
    .filter(([path]) => !path.startsWith(APART))
    .map(([path, value]) => ({ path, label: label(path), text: words(path, value) }));
}

function leaves(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, each]) => leaves(each, `${path}/${name}`));
}

function label(path: string): string {
  const known: Record<string, string> = {
    "/version/name": t("Strategy"),
    "/version/number": t("Version"),
    "/version/hash": t("Document hash (SHA-256)"),
    "/version/id": t("Version id"),
    "/series/symbol": t("Symbol"),
    "/series/timeframe": t("Bars"),
    "/series/origin": t("Origin"),
    "/series/label": t("Series"),
    "/series/venue": t("Data from"),
    "/series/id": t("Series id"),
    "/data/start": t("First bar"),
    "/data/end": t("Until"),
    "/data/bars": t("Number of bars"),
    "/limits/capital": t("Capital"),
    "/limits/max_position_fraction": t("Largest position, of equity"),
    "/limits/max_orders_per_day": t("Orders a day, at most"),
    "/limits/max_daily_loss": t("Opens nothing after losing, a day"),
    "/costs/fee_bps": t("Fee (bps)"),
    "/costs/slippage_bps": t("Slippage (bps)"),
    "/rules/order": t("Entry order"),
    "/rules/latency": t("Lateness"),
    "/rules/sizing": t("Size of an entry"),
    "/rules/stops": t("Stops and targets"),
    "/rules/limits": t("Limits of the document"),
    "/rules/liquidity": t("Share of the volume"),
    "/rules/funding": t("Funding"),
    "/rules/account": t("One account"),
    "/rules/unlisted": t("Without a bar"),
    "/venue": t("Venue"),
    "/feed": t("Feed"),
    "/bars_per_second": t("Speed (bars a second)"),
    "/fills": t("Fills"),
  };
  return (
    known[path.replace(/^\/others\/\d+\//, "/series/")] ?? path.slice(1).replaceAll("/", " · ").replaceAll("_", " ")
  );
}

function words(path: string, value: unknown): string {
  if (value === null) return path.startsWith("/data") ? t("as it comes") : "–";
  if (typeof value === "string" && TIME.test(value)) return `${formatTime(value)} ${zoneLabel()}`;
  if (path === "/feed") return value === "replay" ? t("Replay of stored bars") : t("New bars as they arrive");
  if (typeof value === "number") return formatNumber(value);
  if (path.startsWith("/limits")) return formatNumber(String(value));
  return String(value);
}
