/** The live feed for React: one hub a tab, topics as hooks. */

import { useEffect, useSyncExternalStore } from "react";
import { Hub } from "./live-hub";
import type { LiveStore, Phase } from "./live-store";
import { CHANNEL, type Channel, type Locks } from "./live-tabs";
import { type TopicDefinition, Topics } from "./live-topic";
import type { Link } from "./live-types";

let made: Hub | null = null;

/** This tab's hub, made on first use. */
export function liveHub(): Hub {
  if (made) return made;
  const hub = new Hub({
    open: (url) => new EventSource(url),
    channel: "BroadcastChannel" in globalThis ? () => new BroadcastChannel(CHANNEL) as Channel : null,
    // Absent on a plain-HTTP address other than localhost.
    locks: (navigator.locks as Locks | undefined) ?? null,
    hidden: () => document.hidden,
  });
  document.addEventListener("visibilitychange", () => hub.surroundingsChanged());
  window.addEventListener("online", () => hub.surroundingsChanged());
  window.addEventListener("pagehide", () => hub.stop());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) hub.resume();
  });
  made = hub;
  return hub;
}

export function defineTopics<State>(definition: TopicDefinition<State>): Topics<State> {
  return new Topics(liveHub, definition);
}

/** Keep a topic live while the component is shown; returns its store for `useLive`. */
export function useTopic<State>(topics: Topics<State>, topic: string): LiveStore<State> {
  useEffect(() => topics.use(topic), [topics, topic]);
  return topics.store(topic);
}

/** A part of the state, as often as lists change. The selected value must be stable between changes. */
export function useLive<State, Part>(store: LiveStore<State>, select: (state: State) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.state()));
}

/** A part of the state, as often as a total can be read. */
export function useLiveSlow<State, Part>(store: LiveStore<State>, select: (state: State) => Part): Part {
  return useSyncExternalStore(store.subscribeSlow, () => select(store.slowState()));
}

export function useLivePhase<State>(store: LiveStore<State>): Phase {
  return useSyncExternalStore(store.subscribe, store.phase);
}

/** How the link to the server stands. */
export function useLink(): Link {
  const hub = liveHub();
  return useSyncExternalStore(hub.link.subscribe, hub.link.get);
}
