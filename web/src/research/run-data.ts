/** What the research screens read and send. */

import { queryOptions } from "@tanstack/react-query";
import {
  engineVersion,
  labCancel,
  labEvidence,
  labHistory,
  labOpenSession,
  labReport,
  labSay,
  labSession,
} from "../api/generated/sdk.gen";
import type { NewSession, SessionAnswer } from "../api/generated/types.gen";
import { defineTopics } from "../lib/live";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";
import { isOver, NEW_SESSION, reduceSession } from "./session-state";

const PAGE = 1_000;
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
      const page = await labHistory({ path: { session_id: id }, query: { after, limit: PAGE } });
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

export const versionQuery = (id: string) =>
  queryOptions({
    queryKey: ["strategies", "version", id],
    queryFn: ({ signal }) => engineVersion({ path: { version_id: id }, signal }),
  });

export function openSession(opening: NewSession, key: string): Promise<{ id: string }> {
  return labOpenSession({ body: opening, headers: { "idempotency-key": key } });
}

export function cancelSession(id: string): Promise<unknown> {
  return labCancel({ path: { session_id: id } });
}

export function say(id: string, text: string): Promise<unknown> {
  return labSay({ path: { session_id: id }, body: { text } });
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
