/** How the tabs of one browser agree: which one holds the connection, and what they tell each other. */

import type { Link, LiveEvent, Positions, Wanted, Wish } from "./live-types";

export const CHANNEL = "omc-live";
export const LOCK = "omc-live";

export type Message =
  /** The holder took over, or was asked: everyone says what it wants. */
  | { type: "hello"; from: string }
  | ({ type: "want"; from: string } & Wish)
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

type Peer = { wish: Wish; seen: number };

/** A hidden tab may be allowed to speak only once a minute. */
const FORGET_MS = 150_000;

/** What the other tabs want, as the holder knows it. */
export class Peers {
  readonly #peers = new Map<string, Peer>();

  /** A tab whose page is older than this one names no words. */
  heard(tab: string, { positions, words = [] }: Partial<Wish> & Pick<Wish, "positions">): void {
    this.#peers.set(tab, { wish: { positions, words }, seen: Date.now() });
  }

  gone(tab: string): void {
    this.#peers.delete(tab);
  }

  clear(): void {
    this.#peers.clear();
  }

  /** Everything wanted by anyone, from the earliest position. */
  wanted(tab: string, own: Wish): Wanted {
    const positions: Positions = { ...own.positions };
    const ears = own.words.map((topic) => `${topic} ${tab}`);
    for (const [other, peer] of this.#peers) {
      if (Date.now() - peer.seen > FORGET_MS) {
        this.#peers.delete(other);
        continue;
      }
      for (const [topic, seq] of Object.entries(peer.wish.positions)) {
        positions[topic] = Math.min(positions[topic] ?? seq, seq);
      }
      for (const topic of peer.wish.words) ears.push(`${topic} ${other}`);
    }
    return { positions, ears };
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
