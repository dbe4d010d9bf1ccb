/** What the research screens read and send. */

import { queryOptions } from "@tanstack/react-query";
import type { Evidence, EvidenceDetail, Page, Report, SessionState as RunState, Session } from "../lib/contract";
import { get, post } from "../lib/http";
import { defineTopics } from "../lib/live";
import type { LiveEvent } from "../lib/live-types";
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
  load: (topic) => {
    const id = topic.slice("session:".length);
    return async (after) => {
      const query = { after, limit: PAGE };
      const page = await get<{ items: LiveEvent[]; next?: unknown }>(`/lab/sessions/${id}/history`, { query });
      // A short page ends the reading; what came meanwhile, or a smaller page than asked for leaves, the stream brings.
      return { events: page.items, last: page.items.length < PAGE };
    };
  },
});

export function sessionTopic(id: string): string {
  return `session:${id}`;
}

export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", id],
    queryFn: ({ signal }) => get<Session>(`/lab/sessions/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data.state) ? false : RUNNING_EVERY_MS),
  });

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", id, "report"],
    queryFn: ({ signal }) => get<Report>(`/lab/sessions/${id}/report`, { signal }),
    staleTime: 60_000,
  });

export const evidenceListQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", id, "evidence"],
    queryFn: ({ signal }) => get<Page<Evidence>>(`/lab/sessions/${id}/evidence`, { signal }),
  });

export const evidenceQuery = (id: string, number: number) =>
  queryOptions({
    queryKey: ["sessions", id, "evidence", number],
    queryFn: ({ signal }) => get<EvidenceDetail>(`/lab/sessions/${id}/evidence/${number}`, { signal }),
    // Evidence never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });

export type Opening = { goal: string; model: string; symbol?: string; timeframe?: string };

export function openSession(opening: Opening, key: string): Promise<{ id: string }> {
  return post("/lab/sessions", { body: opening, headers: { "idempotency-key": key } });
}

export function cancelSession(id: string): Promise<unknown> {
  return post(`/lab/sessions/${id}/cancel`);
}

export function say(id: string, text: string): Promise<unknown> {
  return post(`/lab/sessions/${id}/say`, { body: { text } });
}

/** A state in words, with its tone. */
export function stateWords(state: RunState): { text: string; tone: Tone } {
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
  }
}
