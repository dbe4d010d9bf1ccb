/** How the tabs of one browser agree: which one holds the connection, and what they tell each other. */

import type { Link, LiveEvent, Positions } from "./live-types";

export const CHANNEL = "omc-live";
export const LOCK = "omc-live";

export type Message =
  /** The holder took over, or was asked: everyone says what it wants. */
  | { type: "hello"; from: string }
  | { type: "want"; from: string; positions: Positions }
  | { type: "bye"; from: string }
  | { type: "events"; from: string; events: LiveEvent[] }
  | { type: "state"; from: string; state: Link["state"]; reconnects: number; positions: Positions }
  | { type: "back"; from: string; topic: string; after: number };

export type Channel = {
  postMessage: (message: Message) => void;
  onmessage: ((event: MessageEvent<Message>) => void) | null;
  close: () => void;
};

export type Locks = {
  request: (
    name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    held: () => Promise<void>,
  ) => Promise<unknown>;
};

type Peer = { positions: Positions; seen: number };

/** A hidden tab may be allowed to speak only once a minute. */
const FORGET_MS = 150_000;

/** What the other tabs want, as the holder knows it. */
export class Peers {
  readonly #peers = new Map<string, Peer>();

  heard(tab: string, positions: Positions): void {
    this.#peers.set(tab, { positions, seen: Date.now() });
  }

  gone(tab: string): void {
    this.#peers.delete(tab);
  }

  clear(): void {
    this.#peers.clear();
  }

  /** Everything wanted by anyone, from the earliest position. */
  wanted(own: Positions): Positions {
    const wanted: Positions = { ...own };
    for (const [tab, peer] of this.#peers) {
      if (Date.now() - peer.seen > FORGET_MS) {
        this.#peers.delete(tab);
        continue;
      }
      for (const [topic, seq] of Object.entries(peer.positions)) {
        wanted[topic] = Math.min(wanted[topic] ?? seq, seq);
      }
    }
    return wanted;
  }
}

/** Gathers events to hand over a few at a time; a hidden page's timers sleep, so it hands on at once. */
export class Outbox {
  #waiting: LiveEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #send: (events: LiveEvent[]) => void;

  constructor(send: (events: LiveEvent[]) => void) {
    this.#send = send;
  }

  add(events: readonly LiveEvent[], delay_ms: number): void {
    this.#waiting.push(...events);
    if (delay_ms === 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), delay_ms);
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    this.#send(events);
  }
}
