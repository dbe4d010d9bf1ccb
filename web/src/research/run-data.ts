/** What the research screens read and send. */

import { queryOptions } from "@tanstack/react-query";
import {
  engineVersion,
  labEvidence,
  labHistory,
  labListSchedules,
  labOpenSession,
  labReplays,
  labReport,
  labSay,
  labSession,
  labSessions,
  labStability,
} from "../api/generated/sdk.gen";
import type { NewSession, SessionAnswer } from "../api/generated/types.gen";
import { defineTopics } from "../lib/live";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";
import { isOver, NEW_SESSION, reduceSession } from "./session-state";

const PAGE = 1_000;
/** Enough for a screenful: it is drawn while the rest is read. */
const FIRST_PAGE = 200;
const FOUND = 50;
const FOUND_EVERY_MS = 30_000;
/** While a session runs its row is asked for again now and then; the stream tells everything sooner. */
const RUNNING_EVERY_MS = 10_000;

/** Sessions that this tab follows. */
export const sessionTopics = defineTopics({
  initial: NEW_SESSION,
  reduce: reduceSession,
  words: true,
  load: (topic) => {
    const id = topic.slice("session:".length);
    return async (after) => {
      const page = await labHistory({
        path: { session_id: id },
        query: { after, limit: after === 0 ? FIRST_PAGE : PAGE },
      });
      return { events: page.items, last: page.next === null };
    };
  },
});

export function sessionTopic(id: string): string {
  return `session:${id}`;
}

export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", id],
    queryFn: ({ signal }) => labSession({ path: { session_id: id }, signal }),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.state) ? false : RUNNING_EVERY_MS),
  });

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", id, "report"],
    queryFn: ({ signal }) => labReport({ path: { session_id: id }, signal }),
    staleTime: 60_000,
  });

export const evidenceQuery = (id: string, number: number) =>
  queryOptions({
    queryKey: ["sessions", id, "evidence", number],
    queryFn: ({ signal }) => labEvidence({ path: { session_id: id, number }, signal }),
    // Evidence never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Sessions as the list beside an open one finds them. */
export const foundQuery = ({ words, archived }: { words: string; archived: boolean }) =>
  queryOptions({
    queryKey: ["sessions", "found", archived ? "archived" : "in use", words],
    queryFn: ({ signal }) => labSessions({ query: { ...(words ? { q: words } : {}), archived, limit: FOUND }, signal }),
    refetchInterval: FOUND_EVERY_MS,
  });

export const schedulesQuery = queryOptions({
  queryKey: ["schedules"],
  queryFn: ({ signal }) => labListSchedules({ signal }),
  refetchInterval: FOUND_EVERY_MS,
});

export const stabilityQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", id, "repeats"],
    queryFn: ({ signal }) => labStability({ path: { session_id: id }, signal }),
    refetchInterval: (query) => ((query.state.data?.runs ?? 0) > (query.state.data?.ended ?? 0) ? 5_000 : false),
  });

export const replaysQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", id, "replays"],
    queryFn: ({ signal }) => labReplays({ path: { session_id: id }, signal }),
    refetchInterval: (query) => (query.state.data?.items[0]?.state === "queued" ? 2_000 : false),
  });

export const versionQuery = (id: string) =>
  queryOptions({
    queryKey: ["strategies", "version", id],
    queryFn: ({ signal }) => engineVersion({ path: { version_id: id }, signal }),
  });

export function openSession(opening: NewSession, key: string): Promise<{ id: string }> {
  return labOpenSession({ body: opening, headers: { "idempotency-key": key } });
}

/** `answers` is the step whose question this is meant for: an answer given twice is refused. */
export function say(id: string, text: string, answers?: number): Promise<unknown> {
  return labSay({ path: { session_id: id }, body: { text, ...(answers === undefined ? {} : { answers }) } });
}

/** A state in words, with its tone. */
export function stateWords(state: SessionAnswer["state"]): { text: string; tone: Tone } {
  switch (state) {
    case "queued":
      return { text: t("Queued"), tone: "info" };
    case "running":
      return { text: t("Running"), tone: "accent" };
    case "waiting":
      return { text: t("Waiting for you"), tone: "warn" };
    case "paused":
      return { text: t("Paused"), tone: "warn" };
    case "done":
      return { text: t("Done"), tone: "good" };
    case "failed":
      return { text: t("Failed"), tone: "bad" };
    case "cancelled":
      return { text: t("Cancelled"), tone: "quiet" };
    case "budget_reached":
      return { text: t("Cap reached"), tone: "warn" };
  }
}
