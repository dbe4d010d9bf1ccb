/** What the approval screens read and send. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  engineDecisions,
  engineDeny,
  engineReopen,
  engineVerdict,
  engineVersion,
  floorCard,
  floorDeploy,
  labAsk,
} from "../api/generated/sdk.gen";
import type { OmcLedgersMessagesSeriesAnswer as Series, VersionAnswer, WishBody } from "../api/generated/types.gen";
import { fitting as fits, offersOf, symbolsOf } from "../lib/offers";

export const versionQuery = (id: string) =>
  queryOptions({
    queryKey: ["strategies", "version", id],
    queryFn: ({ signal }) => engineVersion({ path: { version_id: id }, signal }),
  });

/** The exact card of a wish. It is asked for anew whenever the wish changes, and never silently replaced after. */
export const cardQuery = (wish: WishBody) =>
  queryOptions({
    queryKey: ["floor", "card", wish],
    queryFn: ({ signal }) => floorCard({ body: wish, signal }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });

/** Whether the version may trade on paper as it stands, and what to do when it may not. */
export const standingQuery = (version: string) =>
  queryOptions({
    queryKey: ["strategies", "verdict", version],
    queryFn: ({ signal }) => engineVerdict({ path: { version_id: version }, signal }),
  });

/**
 * Approve what the digest names; the server refuses when it would be something else by now, and without a passing
 * verdict when nothing is said why it is to trade nevertheless.
 */
export function approve(wish: WishBody, digest: string, reason: string): Promise<{ id: string }> {
  return floorDeploy({ body: { ...wish, digest, override_reason: reason || null } });
}

/** What was decided, newest first; about one version when it is named. */
export const decisionsQuery = (version?: string) =>
  queryOptions({
    queryKey: ["strategies", "decisions", version ?? ""],
    queryFn: ({ signal }) => engineDecisions({ query: version ? { version_id: version } : {}, signal }),
  });

/** Deny what the hash names; the server refuses when it would be something else by now, or is decided already. */
export function deny(version: VersionAnswer, reason: string): Promise<unknown> {
  return engineDeny({ path: { version_id: version.id }, body: { hash: version.hash, reason } });
}

export function reopen(version: VersionAnswer): Promise<unknown> {
  return engineReopen({ path: { version_id: version.id } });
}

/** The session answers in its next turn. */
export function askSession(session: string, version: VersionAnswer, text: string): Promise<unknown> {
  return labAsk({ path: { session_id: session }, body: { version_id: version.id, text } });
}

/**
 * What a version can work on, each a series for every symbol of its universe: with one symbol each series of it, with
 * several what a venue has of all of them.
 */
export function fitting(series: readonly Series[], version: VersionAnswer): readonly (readonly Series[])[] {
  const { document } = version;
  if (symbolsOf(document).length === 1) return fits(series, document).map((row) => [row]);
  return offersOf(series, document).flatMap((offer) => (offer.missing.length === 0 ? [offer.series] : []));
}

/** Which series a wish names. */
export function named(every: readonly Series[]): Pick<WishBody, "series_id" | "series_ids"> {
  const [first, ...others] = every.map((row) => row.id);
  return others.length > 0 ? { series_ids: [first ?? "", ...others] } : { series_id: first ?? null };
}
