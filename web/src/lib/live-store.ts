/** A topic's state on the screen: folds events into it in batches, fast for lists and slowly for totals. */

import type { LiveEvent } from "./live-types";

/** At most twelve times a second: faster costs the main thread more than an eye can use. */
const FAST_MS = 84;
/** Totals that change more often cannot be read. */
const SLOW_MS = 250;
const HIDDEN_MS = 500;

export type Reduce<State> = (state: State, events: readonly LiveEvent[]) => State;
export type Phase = "loading" | "ready" | "failed";

type Timer = ReturnType<typeof setTimeout>;

export class LiveStore<State> {
  #state: State;
  #slowState: State;
  #phase: Phase = "loading";
  #queue: LiveEvent[] = [];
  #fastTimer: Timer | null = null;
  #slowTimer: Timer | null = null;
  #flushedAt = 0;
  readonly #fast = new Set<() => void>();
  readonly #slow = new Set<() => void>();
  readonly #reduce: Reduce<State>;

  constructor(initial: State, reduce: Reduce<State>) {
    this.#state = initial;
    this.#slowState = initial;
    this.#reduce = reduce;
  }

  state = (): State => this.#state;
  slowState = (): State => this.#slowState;
  phase = (): Phase => this.#phase;

  subscribe = (listener: () => void): (() => void) => {
    this.#fast.add(listener);
    return () => this.#fast.delete(listener);
  };

  subscribeSlow = (listener: () => void): (() => void) => {
    this.#slow.add(listener);
    return () => this.#slow.delete(listener);
  };

  /** Take events; they show with the next batch. */
  push(events: readonly LiveEvent[]): void {
    for (const event of events) this.#queue.push(event);
    const interval = document.hidden ? HIDDEN_MS : FAST_MS;
    const wait = Math.max(0, this.#flushedAt + interval - Date.now());
    this.#fastTimer ??= setTimeout(() => this.flush(), wait);
  }

  setPhase(phase: Phase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.flush();
    this.#tellAll();
  }

  flush(): void {
    if (this.#fastTimer) clearTimeout(this.#fastTimer);
    this.#fastTimer = null;
    if (this.#queue.length === 0) return;
    const events = this.#queue;
    this.#queue = [];
    this.#flushedAt = Date.now();
    const next = this.#reduce(this.#state, events);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#fast) listener();
    this.#slowTimer ??= setTimeout(() => this.#flushSlow(), SLOW_MS);
  }

  #flushSlow(): void {
    this.#slowTimer = null;
    if (this.#slowState === this.#state) return;
    this.#slowState = this.#state;
    for (const listener of this.#slow) listener();
  }

  #tellAll(): void {
    this.#slowState = this.#state;
    for (const listener of this.#fast) listener();
    for (const listener of this.#slow) listener();
  }
}
