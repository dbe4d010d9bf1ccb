/** A small browser and server for the live feed's tests: a log, streams that can be cut, tabs, a lock. */

import type { Source } from "./live-feed";
import { Hub, type Surroundings } from "./live-hub";
import type { Channel, Locks, Message } from "./live-tabs";
import type { LiveEvent, LoadPage } from "./live-types";

const BEAT_MS = 5_000;

type Listener = (event: MessageEvent<string>) => void;

class FakeSource implements Source {
  readonly #listeners = new Map<string, Listener>();
  readonly #server: FakeServer;
  readonly sent: Map<string, number>;
  /** The topics whose words it asked for. */
  readonly words: readonly string[];
  open = false;

  constructor(server: FakeServer, after: Map<string, number>, words: readonly string[]) {
    this.#server = server;
    this.sent = after;
    this.words = words;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  emit(type: string, data = ""): void {
    this.#listeners.get(type)?.(new MessageEvent(type, { data }));
  }

  close(): void {
    this.#server.sources.delete(this);
  }
}

export class FakeServer {
  readonly sources = new Set<FakeSource>();
  readonly #log = new Map<string, LiveEvent[]>();
  opened = 0;
  most = 0;
  reachable = true;
  /** Lines that are open stay so, but nothing gets through any more. */
  numb = false;
  loads = 0;

  append(topic: string, count: number): void {
    const log = this.log(topic);
    for (let made = 0; made < count; made += 1) {
      log.push({ topic, seq: log.length + 1, ts: "2026-01-01T00:00:00Z", kind: "message", data: {} });
    }
    this.deliver();
  }

  /** Say words in passing to whoever asked for them. */
  say(topic: string, words: string): void {
    for (const source of this.sources) {
      if (source.open && source.words.includes(topic))
        source.emit("words", JSON.stringify({ topic, data: { text: words } }));
    }
  }

  log(topic: string): LiveEvent[] {
    const known = this.#log.get(topic);
    if (known) return known;
    const made: LiveEvent[] = [];
    this.#log.set(topic, made);
    return made;
  }

  open = (url: string): Source => {
    const asked = new URL(url, "http://localhost").searchParams;
    const after = asked.get("after") ?? "";
    const positions = new Map(after.split(",").map((part): [string, number] => splitPosition(part)));
    const source = new FakeSource(this, positions, (asked.get("words") ?? "").split(","));
    this.sources.add(source);
    this.opened += 1;
    this.most = Math.max(this.most, this.sources.size);
    setTimeout(() => this.#answer(source), 5);
    return source;
  };

  /** Break every connection, leaving some events of the log unsent. */
  cut(): void {
    for (const source of [...this.sources]) source.emit("error");
  }

  deliver(): void {
    if (this.numb) return;
    for (const source of this.sources) if (source.open) this.#send(source);
  }

  load(topic: string, limit = 50): LoadPage {
    return (after) => {
      this.loads += 1;
      const events = this.log(topic).slice(after, after + limit);
      return this.reachable
        ? Promise.resolve({ events, last: events.length < limit })
        : Promise.reject(new Error("away"));
    };
  }

  #answer(source: FakeSource): void {
    if (!this.sources.has(source) || this.numb) return;
    if (!this.reachable) {
      source.emit("error");
      return;
    }
    source.open = true;
    source.emit("open");
    this.#send(source);
    const beating = setInterval(() => {
      if (!this.sources.has(source)) clearInterval(beating);
      else if (!this.numb) source.emit("beat", "{}");
    }, BEAT_MS);
  }

  #send(source: FakeSource): void {
    for (const [topic, sent] of source.sent) {
      for (const event of this.log(topic).slice(sent)) {
        source.sent.set(topic, event.seq);
        source.emit("event", JSON.stringify(event));
      }
    }
  }
}

function splitPosition(part: string): [string, number] {
  const equals = part.lastIndexOf("=");
  return [part.slice(0, equals), Number(part.slice(equals + 1))];
}

type Waiter = { start: (cancel: (error: Error) => void) => Promise<void>; tab: number; reject: (error: Error) => void };

/** One browser: tabs share a channel and a lock. */
export class FakeBrowser {
  readonly #channels = new Map<number, Channel>();
  #holder: Waiter | null = null;
  #line: Waiter[] = [];
  readonly hidden = new Set<number>();
  /** Tabs that the browser has put to sleep: they hear nothing. */
  readonly frozen = new Set<number>();
  readonly #server: FakeServer;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  tab(number: number, without: "nothing" | "locks" = "nothing"): Hub {
    const surroundings: Surroundings = {
      open: this.#server.open,
      channel: () => this.#channel(number),
      locks: without === "locks" ? null : this.#locks(number),
      hidden: () => this.hidden.has(number),
    };
    return new Hub(surroundings);
  }

  #channel(tab: number): Channel {
    const channel: Channel = {
      onmessage: null,
      postMessage: (message: Message) => {
        const copy = structuredClone(message);
        for (const [other, target] of this.#channels) {
          if (other === tab || this.frozen.has(other)) continue;
          setTimeout(() => target.onmessage?.(new MessageEvent("message", { data: copy })), 1);
        }
      },
      close: () => this.#channels.delete(tab),
    };
    this.#channels.set(tab, channel);
    return channel;
  }

  #locks(tab: number): Locks {
    return {
      request: (_name, options, held) =>
        new Promise((resolve, reject) => {
          const waiter: Waiter = { tab, reject, start: () => held().then(resolve) };
          if (options.steal) {
            this.#holder?.reject(new Error("stolen"));
            this.#grant(waiter);
          } else {
            this.#line.push(waiter);
            this.#next();
          }
        }),
    };
  }

  #next(): void {
    const waiter = this.#holder ? undefined : this.#line.shift();
    if (waiter) this.#grant(waiter);
  }

  #grant(waiter: Waiter): void {
    this.#holder = waiter;
    void waiter.start(waiter.reject).then(() => {
      if (this.#holder !== waiter) return;
      this.#holder = null;
      this.#next();
    });
  }
}

export const TOPIC = "session:1";

export function event(seq: number, topic = TOPIC): LiveEvent {
  return { topic, seq, ts: "2026-01-01T00:00:00Z", kind: "message", data: {} };
}

/** Follow a topic; returns the list that its numbers are put in. */
export function listen(
  hub: Hub,
  server: FakeServer,
  topic = TOPIC,
  repair: "history" | "replay" = "history",
): number[] {
  const got: number[] = [];
  const load = repair === "history" ? server.load(topic) : undefined;
  hub.follow(topic, { after: 0, load, deliver: (events) => got.push(...events.map((each) => each.seq)) });
  return got;
}

export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
