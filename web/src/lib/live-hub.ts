/** The live hub of one tab: holds the browser's one event stream, or listens to the tab that does. */

import { Feed, type Source } from "./live-feed";
import { Inbox, type Subscription } from "./live-inbox";
import { LinkStore } from "./live-link";
import { type Channel, LOCK, type Locks, type Message, Outbox, Peers } from "./live-tabs";
import { type LinkState, type LiveEvent, NOTHING } from "./live-types";

/** What the hub needs of the browser; tests bring their own. */
export type Surroundings = {
  open: (url: string) => Source;
  channel: (() => Channel) | null;
  locks: Locks | null;
  hidden: () => boolean;
};

const RELAY_MS = 50;
/** Each tab says again what it wants; the answer shows that the holder lives. */
const ASK_MS = 5_000;
/** A tab being looked at waits this long for an answer, asks once more, and then takes the connection over. */
const ANSWER_MS = 900;
/** A page opens several topics at once: they are asked for together. */
const GATHER_MS = 40;

export class Hub {
  readonly #surroundings: Surroundings;
  readonly #tab = Math.random().toString(36).slice(2);
  readonly #inbox = new Inbox((topic, after) => this.#goBack(topic, after));
  readonly #peers = new Peers();
  readonly #outbox = new Outbox((events) => this.#post({ type: "events", from: this.#tab, events }));
  /** How the link to the server stands, for those who show it. */
  readonly link = new LinkStore(() => this.#inbox.counts());
  #channel: Channel | null = null;
  #feed: Feed | null = null;
  #resign: (() => void) | null = null;
  #asking: ReturnType<typeof setInterval> | null = null;
  #answer: ReturnType<typeof setTimeout> | null = null;
  #misses = 0;
  #started = false;
  #gathering: ReturnType<typeof setTimeout> | null = null;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Follow `topic` from behind a number; returns how to stop. */
  follow(topic: string, subscription: Subscription): () => void {
    this.#inbox.open(topic, subscription);
    this.#start();
    this.#wantSoon();
    return () => {
      this.#inbox.close(topic);
      this.#wantSoon();
    };
  }

  /** Hear that something new happened in `topic`, without its events; returns how to stop. */
  watch(topic: string, after: number, listener: () => void): () => void {
    this.#inbox.watch(topic, after, listener);
    this.#start();
    this.#wantSoon();
    return () => {
      this.#inbox.unwatch(topic);
      this.#wantSoon();
    };
  }

  /** The page is shown or hidden, or the network came back. */
  surroundingsChanged(): void {
    if (!this.#started) return;
    const hidden = this.#surroundings.hidden();
    if (hidden && this.#alone) this.#feed?.want(NOTHING);
    if (hidden) return;
    this.#feed?.hurry();
    this.#ask();
  }

  /** The page goes away; another tab may take over at once. */
  stop(): void {
    if (!this.#started) return;
    this.#started = false;
    if (this.#asking) clearInterval(this.#asking);
    if (this.#answer) clearTimeout(this.#answer);
    this.#lose();
    this.#post({ type: "bye", from: this.#tab });
    this.#channel?.close();
    this.#channel = null;
  }

  /** The page came back from the browser's cache. */
  resume(): void {
    if (Object.keys(this.#inbox.positions()).length > 0) this.#start();
    this.#wantSoon();
  }

  get #alone(): boolean {
    return this.#surroundings.locks === null || this.#surroundings.channel === null;
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.link.set({ state: "connecting" });
    if (this.#alone) this.#lead();
    else this.#join();
  }

  #join(): void {
    this.#channel = this.#surroundings.channel?.() ?? null;
    if (this.#channel) this.#channel.onmessage = (event) => this.#heard(event.data);
    this.#asking = setInterval(() => this.#ask(), ASK_MS);
    this.#queue(false);
  }

  /** Stand in line for the connection; whoever holds the lock holds the stream. */
  #queue(steal: boolean): void {
    const held = async (): Promise<void> => {
      if (!this.#started || this.#feed) return;
      await new Promise<void>((resolve) => {
        this.#resign = resolve;
        this.#lead();
      });
    };
    this.#surroundings.locks?.request(LOCK, steal ? { steal } : {}, held).catch(() => {
      // Another tab took the lock: it is being looked at and we did not answer.
      this.#lose();
      if (this.#started) this.#queue(false);
    });
  }

  #lead(): void {
    this.#feed = new Feed({
      open: this.#surroundings.open,
      onEvents: (events) => this.#arrived(events),
      onState: (state, reconnects) => this.#feedState(state, reconnects),
    });
    this.link.set({ leader: true });
    this.#post({ type: "hello", from: this.#tab });
    this.#wantSoon();
  }

  #lose(): void {
    this.#outbox.flush();
    this.#feed?.close();
    this.#feed = null;
    this.#peers.clear();
    this.#resign?.();
    this.#resign = null;
    this.link.set({ leader: false });
  }

  #arrived(events: LiveEvent[]): void {
    this.#outbox.add(events, this.#surroundings.hidden() ? 0 : RELAY_MS);
    this.#receive(events);
  }

  #receive(events: LiveEvent[]): void {
    this.#inbox.receive(events);
    this.link.counted();
  }

  #feedState(state: LinkState, reconnects: number): void {
    this.link.set({ state, reconnects });
    this.#tellState();
  }

  #tellState(): void {
    if (!this.#feed) return;
    this.#outbox.flush();
    const { state, reconnects } = this.link.get();
    const positions = this.#feed.positions();
    this.#post({ type: "state", from: this.#tab, state, reconnects, positions });
  }

  /** What this tab, or the browser, wants has changed: gather, then say it once. */
  #wantSoon(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      if (!this.#started) return;
      if (this.#feed) this.#directFeed();
      else this.#ask();
    }, GATHER_MS);
  }

  #directFeed(): void {
    if (this.#alone && this.#surroundings.hidden()) return;
    this.#feed?.want(this.#peers.wanted(this.#tab, this.#inbox.wish()));
    // A topic that was streaming before this tab opened it may be ahead of this tab.
    if (this.#feed) this.#inbox.reached(this.#feed.positions());
  }

  #ask(): void {
    if (this.#feed) {
      this.#directFeed();
      return;
    }
    this.#post({ type: "want", from: this.#tab, ...this.#inbox.wish() });
    if (!this.#surroundings.hidden()) this.#answer ??= setTimeout(() => this.#unanswered(), ANSWER_MS);
  }

  #unanswered(): void {
    this.#answer = null;
    this.#misses += 1;
    if (!this.#started || this.#feed || this.#surroundings.hidden()) return;
    if (this.#misses > 1) this.#queue(true);
    else this.#ask();
  }

  #heard(message: Message): void {
    if (this.#feed) this.#heardAsHolder(message);
    else this.#heardAsListener(message);
  }

  #heardAsHolder(message: Message): void {
    if (message.type === "want") {
      this.#peers.heard(message.from, message);
      this.#directFeed();
      this.#tellState();
    } else if (message.type === "bye") {
      this.#peers.gone(message.from);
      this.#directFeed();
    } else if (message.type === "back") {
      this.#feed?.goBack(message.topic, message.after);
    }
  }

  #heardAsListener(message: Message): void {
    if (message.type === "hello") {
      this.#ask();
    } else if (message.type === "events") {
      this.#receive(message.events);
    } else if (message.type === "state") {
      if (this.#answer) clearTimeout(this.#answer);
      this.#answer = null;
      this.#misses = 0;
      this.#inbox.reached(message.positions);
      this.link.set({ state: message.state, reconnects: message.reconnects });
    }
  }

  #goBack(topic: string, after: number): void {
    if (this.#feed) this.#feed.goBack(topic, after);
    else this.#post({ type: "back", from: this.#tab, topic, after });
  }

  #post(message: Message): void {
    this.#channel?.postMessage(message);
  }
}
