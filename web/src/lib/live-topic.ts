/** A topic as a screen uses it: read the log to its end, then follow the stream; shared by all who look at it. */

import type { Hub } from "./live-hub";
import { LiveStore, type Reduce } from "./live-store";
import type { LoadPage } from "./live-types";

/** Left and opened again within this time, a page finds its state still there. */
const LINGER_MS = 10_000;
const RETRY_MS = 2_000;
const MAX_TRIES = 3;

export type TopicDefinition<State> = {
  initial: State;
  reduce: Reduce<State>;
  /** Reads the log of a topic; without it the stream replays from its start. */
  load?: (topic: string) => LoadPage;
  /** What is said in passing is shown too. */
  words?: boolean;
};

type Open<State> = { store: LiveStore<State>; users: number; stop: (() => void) | null; end: EndTimer };
type EndTimer = ReturnType<typeof setTimeout> | null;

/** All topics of one kind that are open in this tab. */
export class Topics<State> {
  readonly #open = new Map<string, Open<State>>();
  readonly #hub: () => Hub;
  readonly #definition: TopicDefinition<State>;

  constructor(hub: () => Hub, definition: TopicDefinition<State>) {
    this.#hub = hub;
    this.#definition = definition;
  }

  store(topic: string): LiveStore<State> {
    return this.#entry(topic).store;
  }

  /** Keep `topic` live until the returned function is called. */
  use(topic: string): () => void {
    const entry = this.#entry(topic);
    entry.users += 1;
    if (entry.end) clearTimeout(entry.end);
    entry.end = null;
    if (!entry.stop) this.#begin(topic, entry);
    return () => {
      entry.users -= 1;
      if (entry.users === 0) entry.end = setTimeout(() => this.#drop(topic, entry), LINGER_MS);
    };
  }

  /** Try again what could not be read. */
  retry(topic: string): void {
    const entry = this.#open.get(topic);
    if (entry?.store.phase() !== "failed") return;
    entry.store.setPhase("loading");
    this.#begin(topic, entry);
  }

  #entry(topic: string): Open<State> {
    const known = this.#open.get(topic);
    if (known) return known;
    const store = new LiveStore(this.#definition.initial, this.#definition.reduce);
    const entry: Open<State> = { store, users: 0, stop: null, end: null };
    this.#open.set(topic, entry);
    return entry;
  }

  #drop(topic: string, entry: Open<State>): void {
    entry.stop?.();
    entry.stop = null;
    if (this.#open.get(topic) === entry) this.#open.delete(topic);
  }

  #begin(topic: string, entry: Open<State>): void {
    const load = this.#definition.load?.(topic);
    if (!load) {
      this.#follow(topic, entry, 0);
      return;
    }
    let wanted = true;
    entry.stop = () => {
      wanted = false;
    };
    readAll(load, (events) => {
      if (wanted) entry.store.push(events);
    })
      .then((last) => {
        if (wanted) this.#follow(topic, entry, last, load);
      })
      .catch(() => {
        entry.stop = null;
        if (wanted) entry.store.setPhase("failed");
      });
  }

  #follow(topic: string, entry: Open<State>, after: number, load?: LoadPage): void {
    const { words } = this.#definition;
    entry.stop = this.#hub().follow(topic, { after, load, words, deliver: (events) => entry.store.push(events) });
    entry.store.setPhase("ready");
  }
}

/** Read the log page by page; returns the last number read. */
async function readAll(
  load: LoadPage,
  take: (events: Awaited<ReturnType<LoadPage>>["events"]) => void,
): Promise<number> {
  let after = 0;
  for (let tries = 0; ; ) {
    try {
      const page = await load(after);
      tries = 0;
      take(page.events);
      after = page.events.at(-1)?.seq ?? after;
      if (page.last) return after;
    } catch (error) {
      tries += 1;
      if (tries >= MAX_TRIES) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, RETRY_MS);
      });
    }
  }
}
