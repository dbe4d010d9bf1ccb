/** The browser's one connection to the event stream: opens it, keeps the position of each topic, comes back after a cut. */

import { type LinkState, type LiveEvent, PASSING, type Positions, type Wanted } from "./live-types";

export const STREAM_PATH = "/api/v1/stream";
/** Changes of what is wanted are gathered for this long: many tabs answer a new leader at once. */
const GATHER_MS = 60;
/** A topic nobody wants any more stays on the stream this long: leaving a page costs no reconnect. */
const LINGER_MS = 3_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
/** Without a connection for this long, people are told. */
export const SILENCE_MS = 3_000;
/** The server beats every five seconds; three missed beats mean a dead line that nobody closed, or one that never opens. */
export const DEAD_MS = 15_000;
/** Held open this long, a connection counts as sound and the back-off starts anew. */
const SOUND_MS = 2_000;
/** The server follows no more in one stream; the newest wishes win. */
const MAX_TOPICS = 32;

export type Source = {
  addEventListener: (type: string, listener: (event: MessageEvent<string>) => void) => void;
  close: () => void;
};

export type FeedOptions = {
  open: (url: string) => Source;
  onEvents: (events: LiveEvent[]) => void;
  onState: (state: LinkState, reconnects: number) => void;
};

type Timer = ReturnType<typeof setTimeout>;

export class Feed {
  readonly #options: FeedOptions;
  readonly #positions = new Map<string, number>();
  #ears: readonly string[] = [];
  #source: Source | null = null;
  #reopen: { timer: Timer; at: number } | null = null;
  #silence: Timer | null = null;
  #dead: Timer | null = null;
  #sound: Timer | null = null;
  #attempts = 0;
  #reconnects = 0;
  #wasLive = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  positions(): Positions {
    return Object.fromEntries(this.#positions);
  }

  /**
   * Stream exactly these topics; a topic that is new starts after the number given. For a new ear the stream is asked
   * for anew even where it has the topic: the words are told from the beginning to who asks.
   */
  want({ positions, ears }: Wanted): void {
    const added = Object.keys(positions).filter((topic) => !this.#positions.has(topic));
    const dropped = [...this.#positions.keys()].filter((topic) => !(topic in positions));
    const [before, now] = [new Set(this.#ears), new Set(ears)];
    for (const topic of added) this.#positions.set(topic, positions[topic] ?? 0);
    for (const topic of dropped) this.#positions.delete(topic);
    this.#ears = ears;
    if (added.length > 0 || ears.some((ear) => !before.has(ear))) this.#openIn(GATHER_MS);
    else if (dropped.length > 0 || [...before].some((ear) => !now.has(ear))) this.#openIn(LINGER_MS);
  }

  /** A tab lacks what follows `after`: replay from there. */
  goBack(topic: string, after: number): void {
    const position = this.#positions.get(topic);
    if (position === undefined || position <= after) return;
    this.#positions.set(topic, after);
    this.#openIn(GATHER_MS);
  }

  /** Try now: the network is back, or the page is looked at again. */
  hurry(): void {
    if (this.#source === null && this.#positions.size > 0) this.#openIn(0);
  }

  close(): void {
    this.#shut();
    if (this.#reopen) clearTimeout(this.#reopen.timer);
    if (this.#silence) clearTimeout(this.#silence);
    this.#reopen = null;
    this.#silence = null;
  }

  #openIn(ms: number): void {
    const at = Date.now() + ms;
    if (this.#reopen && this.#reopen.at <= at) return;
    if (this.#reopen) clearTimeout(this.#reopen.timer);
    this.#reopen = { at, timer: setTimeout(() => this.#open(), ms) };
  }

  #open(): void {
    this.#shut();
    this.#reopen = null;
    if (this.#positions.size === 0) {
      this.#wasLive = false;
      this.#options.onState("idle", this.#reconnects);
      return;
    }
    if (!this.#wasLive) this.#options.onState("connecting", this.#reconnects);
    this.#watchSilence();
    const source = this.#options.open(this.#address());
    this.#source = source;
    this.#alive();
    source.addEventListener("open", () => this.#opened(source));
    source.addEventListener("error", () => this.#failed(source));
    source.addEventListener("beat", () => this.#beat(source));
    source.addEventListener("event", (message) => this.#arrived(source, parseEvent(message.data)));
    source.addEventListener("words", (message) => this.#arrived(source, parseWords(message.data)));
  }

  #address(): string {
    const topics = [...this.#positions].slice(-MAX_TOPICS);
    const names = topics.map(([topic]) => topic).join(",");
    const after = topics.map(([topic, seq]) => `${topic}=${seq}`).join(",");
    const asked = new Set(this.#ears.map((ear) => ear.split(" ")[0]));
    const words = topics.flatMap(([topic]) => (asked.has(topic) ? [topic] : [])).join(",");
    return `${STREAM_PATH}?${new URLSearchParams({ topics: names, after, ...(words && { words }) })}`;
  }

  #opened(source: Source): void {
    if (source !== this.#source) return;
    this.#alive();
    if (this.#silence) clearTimeout(this.#silence);
    this.#silence = null;
    this.#wasLive = true;
    this.#sound = setTimeout(() => {
      this.#attempts = 0;
    }, SOUND_MS);
    this.#options.onState("live", this.#reconnects);
  }

  #failed(source: Source): void {
    if (source !== this.#source) return;
    this.#shut();
    this.#watchSilence();
    if (this.#wasLive) this.#reconnects += 1;
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#openIn(ceiling * (0.5 + Math.random() / 2));
  }

  #arrived(source: Source, event: LiveEvent | null): void {
    if (source !== this.#source || !event) return;
    const position = this.#positions.get(event.topic);
    if (position === undefined) return;
    this.#attempts = 0;
    if (event.seq > position) this.#positions.set(event.topic, event.seq);
    this.#alive();
    this.#options.onEvents([event]);
  }

  #beat(source: Source): void {
    if (source === this.#source) this.#alive();
  }

  #alive(): void {
    if (this.#dead) clearTimeout(this.#dead);
    this.#dead = setTimeout(() => {
      if (this.#source) this.#failed(this.#source);
    }, DEAD_MS);
  }

  #watchSilence(): void {
    this.#silence ??= setTimeout(() => {
      this.#silence = null;
      this.#options.onState("reconnecting", this.#reconnects);
    }, SILENCE_MS);
  }

  #shut(): void {
    this.#source?.close();
    this.#source = null;
    if (this.#dead) clearTimeout(this.#dead);
    if (this.#sound) clearTimeout(this.#sound);
    this.#dead = null;
    this.#sound = null;
  }
}

/** Read one message; what is not an event of ours is nothing. */
export function parseEvent(text: string): LiveEvent | null {
  try {
    const value: unknown = JSON.parse(text);
    return isEvent(value) ? value : null;
  } catch {
    return null;
  }
}

/** Words in passing, told like an event. */
export function parseWords(text: string): LiveEvent | null {
  try {
    const value: unknown = JSON.parse(text);
    const event = { ...(value as object), seq: PASSING, ts: new Date().toISOString(), kind: "words" };
    return isEvent(event) ? event : null;
  } catch {
    return null;
  }
}

function isEvent(value: unknown): value is LiveEvent {
  if (typeof value !== "object" || value === null) return false;
  const event = value as Partial<Record<keyof LiveEvent, unknown>>;
  return (
    typeof event.topic === "string" &&
    Number.isSafeInteger(event.seq) &&
    typeof event.ts === "string" &&
    typeof event.kind === "string" &&
    typeof event.data === "object" &&
    event.data !== null
  );
}
