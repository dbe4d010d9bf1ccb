/** What one tab listens to: checks each topic's numbering, fills holes, hands on events in order and once. */

import { Sequence } from "./live-sequence";
import type { LiveEvent, LoadPage, Positions, Wish } from "./live-types";

const RETRY_MS = [1_000, 2_000, 5_000, 15_000] as const;
/** A hole that the stream itself closes (a replay under way) costs no request. */
const PATIENCE_MS = 100;

export type Subscription = {
  after: number;
  deliver: (events: LiveEvent[]) => void;
  /** What is said in passing is wanted too. */
  words?: boolean | undefined;
  /** Without it a hole is filled by asking the stream to go back. */
  load?: LoadPage | undefined;
};

type Entry = {
  subscription: Subscription;
  sequence: Sequence;
  repairing: boolean;
  /** Where the topic stood when the stream was last asked to go back. */
  askedAt: number;
};

export class Inbox {
  #events = 0;
  #repaired = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #watched = new Map<string, { last: number; listener: () => void }>();
  readonly #goBack: (topic: string, after: number) => void;

  constructor(goBack: (topic: string, after: number) => void) {
    this.#goBack = goBack;
  }

  /** Hear that something new happened in a topic behind `after`, without its events; beside who follows it. */
  watch(topic: string, after: number, listener: () => void): void {
    this.#watched.set(topic, { last: after, listener });
  }

  unwatch(topic: string): void {
    this.#watched.delete(topic);
  }

  open(topic: string, subscription: Subscription): void {
    this.#entries.set(topic, {
      subscription,
      sequence: new Sequence(subscription.after),
      repairing: false,
      askedAt: -1,
    });
  }

  close(topic: string): void {
    this.#entries.delete(topic);
  }

  positions(): Positions {
    const positions: Positions = {};
    for (const [topic, watched] of this.#watched) positions[topic] = watched.last;
    for (const [topic, entry] of this.#entries) positions[topic] = entry.sequence.last;
    return positions;
  }

  wish(): Wish {
    const talking = [...this.#entries].filter(([, entry]) => entry.subscription.words);
    return { positions: this.positions(), words: talking.map(([topic]) => topic) };
  }

  counts(): { events: number; repeated: number; repaired: number } {
    let repeated = 0;
    for (const entry of this.#entries.values()) repeated += entry.sequence.repeated;
    return { events: this.#events, repeated, repaired: this.#repaired };
  }

  receive(events: readonly LiveEvent[]): void {
    for (const [topic, group] of byTopic(events)) {
      this.#noticed(topic, Math.max(...group.map((event) => event.seq)));
      const entry = this.#entries.get(topic);
      if (!entry) continue;
      this.#apply(entry, group);
      if (entry.sequence.broken) void this.#repair(topic, entry);
    }
  }

  /** The connection's owner says how far each topic has come. */
  reached(positions: Positions): void {
    for (const [topic, seq] of Object.entries(positions)) this.#noticed(topic, seq);
    for (const [topic, entry] of this.#entries) {
      const seq = positions[topic];
      if (seq === undefined) continue;
      entry.sequence.reached(seq);
      if (entry.sequence.broken) void this.#repair(topic, entry);
    }
  }

  #noticed(topic: string, seq: number): void {
    const watched = this.#watched.get(topic);
    if (!watched || seq <= watched.last) return;
    watched.last = seq;
    watched.listener();
  }

  #apply(entry: Entry, events: readonly LiveEvent[]): void {
    const ready = entry.sequence.take(events);
    if (ready.length === 0) return;
    this.#events += ready.length;
    entry.subscription.deliver(ready);
  }

  async #repair(topic: string, entry: Entry): Promise<void> {
    if (entry.repairing) return;
    entry.repairing = true;
    await pause(PATIENCE_MS);
    for (let attempt = 0; entry.sequence.broken && this.#entries.get(topic) === entry; attempt += 1) {
      const filled = await this.#fill(topic, entry);
      if (!filled) await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 1_000);
    }
    entry.repairing = false;
    entry.askedAt = -1;
  }

  /** One request for the missing part; true when it brought the topic on. */
  async #fill(topic: string, entry: Entry): Promise<boolean> {
    const before = entry.sequence.last;
    if (!entry.subscription.load) {
      // A replay that is under way brings the topic on; asking again would start it anew.
      if (before === entry.askedAt || entry.askedAt < 0) this.#goBack(topic, before);
      entry.askedAt = before;
      return false;
    }
    try {
      const page = await entry.subscription.load(before);
      this.#apply(entry, page.events);
    } catch {
      return false;
    }
    if (entry.sequence.last > before) this.#repaired += 1;
    return entry.sequence.last > before;
  }
}

function byTopic(events: readonly LiveEvent[]): Map<string, LiveEvent[]> {
  const groups = new Map<string, LiveEvent[]>();
  for (const event of events) {
    const group = groups.get(event.topic);
    if (group) group.push(event);
    else groups.set(event.topic, [event]);
  }
  return groups;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
