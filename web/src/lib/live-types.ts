/** The words of the live feed: events as the server numbers them, and how the link to it stands. */

export type LiveEvent = {
  topic: string;
  /** Counts from 1 within its topic, without a gap; `PASSING` for what is in no log. */
  seq: number;
  ts: string;
  kind: string;
  data: Record<string, unknown>;
};

/** Said in passing: shown by who hears it, missed by who does not. */
export const PASSING = 0;

/** Topic to the last sequence number known there. */
export type Positions = Record<string, number>;

/** What a tab wants: topics from a number on, and of some of them also the words said in passing. */
export type Wish = { positions: Positions; words: readonly string[] };

/** What all tabs want together. Each one that wants a topic's words is an ear of its own, `topic tab`. */
export type Wanted = { positions: Positions; ears: readonly string[] };

export const NOTHING: Wanted = { positions: {}, ears: [] };

export type LinkState = "idle" | "connecting" | "live" | "reconnecting";

export type Link = {
  state: LinkState;
  /** How often the stream was opened again after it had been live. */
  reconnects: number;
  /** Events that arrived in this tab and were new. */
  events: number;
  /** Events that arrived again and were dropped. */
  repeated: number;
  /** Times that a hole in the numbering was filled. */
  repaired: number;
  /** This tab holds the browser's one connection. */
  leader: boolean;
};

/** Reads a page of events after a number, from the log rather than the stream. A page shorter than the limit is the last. */
export type LoadPage = (after: number) => Promise<{ events: LiveEvent[]; last: boolean }>;

export const NO_LINK: Link = { state: "idle", reconnects: 0, events: 0, repeated: 0, repaired: 0, leader: false };
