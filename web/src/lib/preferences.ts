/** How this browser shows things: theme, density, gain and loss colours, time zone, single-letter keys. */

import { useSyncExternalStore } from "react";

export type Preferences = {
  scheme: "dark" | "light" | "auto";
  gain: "teal" | "classic" | "red-up" | "blue";
  density: "roomy" | "compact";
  zone: "local" | "utc";
  letters: boolean;
};

/** public/first-paint.js reads the same key before anything is drawn. */
const KEY = "omc.preferences";
const DEFAULTS: Preferences = { scheme: "dark", gain: "teal", density: "roomy", zone: "local", letters: true };

let current = read();
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  return current;
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

export function prefer(changes: Partial<Preferences>): void {
  current = { ...current, ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Without storage the choice lives as long as the page.
  }
  document.documentElement.setAttribute("data-gain", current.gain);
  document.documentElement.setAttribute("data-density", current.density);
  for (const listener of listeners) listener();
}

/** The zone's name for Intl, or undefined for the browser's own. */
export function zoneName(): string | undefined {
  return current.zone === "utc" ? "UTC" : undefined;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences> | null;
    return { ...DEFAULTS, ...kept };
  } catch {
    return DEFAULTS;
  }
}
