/** One topic's numbering: lets through what follows on, drops what came already, holds what came too early. */

import { type LiveEvent, PASSING } from "./live-types";

/** Above this, early events are not kept: the log will give them again. */
const MAX_HELD = 5_000;

export class Sequence {
  last: number;
  repeated = 0;
  /** The highest number anyone said exists. */
  #known: number;
  readonly #held = new Map<number, LiveEvent>();

  constructor(last: number) {
    this.last = last;
    this.#known = last;
  }

  /** Take arriving events; return those that may be applied now, in order. */
  take(events: readonly LiveEvent[]): LiveEvent[] {
    const ready: LiveEvent[] = [];
    for (const event of events) {
      if (event.seq === PASSING) {
        ready.push(event);
        continue;
      }
      if (event.seq <= this.last || this.#held.has(event.seq)) {
        this.repeated += 1;
        continue;
      }
      this.#known = Math.max(this.#known, event.seq);
      if (event.seq > this.last + 1) {
        if (this.#held.size < MAX_HELD) this.#held.set(event.seq, event);
        continue;
      }
      ready.push(event);
      this.last = event.seq;
      this.#release(ready);
    }
    return ready;
  }

  /** Someone knows that the topic stands at `seq`. */
  reached(seq: number): void {
    this.#known = Math.max(this.#known, seq);
  }

  /** Numbers are missing below the highest one known. */
  get broken(): boolean {
    return this.last < this.#known;
  }

  #release(ready: LiveEvent[]): void {
    for (;;) {
      const next = this.#held.get(this.last + 1);
      if (!next) return;
      this.#held.delete(next.seq);
      ready.push(next);
      this.last = next.seq;
    }
  }
}
