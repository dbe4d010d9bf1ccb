/** What a tab knows of its link to the server, for those who show it: changes at once, counts now and then. */

import { type Link, NO_LINK } from "./live-types";

const COUNT_EVERY_MS = 1_000;

type Counts = Pick<Link, "events" | "repeated" | "repaired">;

export class LinkStore {
  #link: Link = NO_LINK;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #counts: () => Counts;

  constructor(counts: () => Counts) {
    this.#counts = counts;
  }

  get = (): Link => this.#link;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(change: Partial<Link>): void {
    this.#link = { ...this.#link, ...change, ...this.#counts() };
    for (const listener of this.#listeners) listener();
  }

  /** Events came: their number is told before long. */
  counted(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.set({});
    }, COUNT_EVERY_MS);
  }
}
