/** What the profit-and-loss screen reads, and how its address names a figure. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { booksCurve, booksExplain, booksSummary } from "../api/generated/sdk.gen";

export type Scope = { strategy?: string; asset?: string };
export type FigureName = "realized" | "unrealized" | "fees" | "net";
export type Question = Scope & { figure: FigureName };

/** Paper replays move the books by the second. */
const FRESH_EVERY_MS = 5_000;
const FIGURES: readonly string[] = ["realized", "unrealized", "fees", "net"];

export const summaryQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["pnl", "summary", scope],
    queryFn: ({ signal }) => booksSummary({ query: scope, signal }),
    refetchInterval: FRESH_EVERY_MS,
    placeholderData: keepPreviousData,
  });

export const curveQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ["pnl", "curve", scope],
    queryFn: ({ signal }) => booksCurve({ query: scope, signal }),
    refetchInterval: FRESH_EVERY_MS,
    placeholderData: keepPreviousData,
  });

export const explainQuery = (question: Question) =>
  infiniteQueryOptions({
    queryKey: ["pnl", "explain", question],
    queryFn: ({ signal, pageParam }) => booksExplain({ query: { ...question, cursor: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** `net`, or `net:strategy:Name`, or `net:asset:BTC`; anything else is no question. */
export function parseQuestion(text: string | undefined, scope: Scope): Question | null {
  const [figure = "", kind, ...rest] = (text ?? "").split(":");
  if (!FIGURES.includes(figure)) return null;
  const asked: Question = { ...scope, figure: figure as FigureName };
  const name = rest.join(":");
  if (kind === "strategy" && name) return { ...asked, strategy: name };
  if (kind === "asset" && name) return { ...asked, asset: name };
  return asked;
}

export function questionText(figure: FigureName, of?: Scope): string {
  if (of?.strategy) return `${figure}:strategy:${of.strategy}`;
  if (of?.asset) return `${figure}:asset:${of.asset}`;
  return figure;
}

/** The chart's axis rises: of several points at one instant the last one counts. */
export function lastOfEach(ts: readonly string[]): number[] {
  const places: number[] = [];
  for (const [index, text] of ts.entries()) {
    const before = places.at(-1);
    if (before !== undefined && ts[before] === text) places.pop();
    places.push(index);
  }
  return places;
}
