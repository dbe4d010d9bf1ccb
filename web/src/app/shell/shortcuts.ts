/** The keys that work on every page; single letters can be switched off in the settings. */

import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { preferences } from "../../lib/preferences";
import { PLACES } from "../nav";

export type Overlay = "palette" | "stop" | "keys" | "nav" | null;

/** After g, the second letter must follow within this time. */
const CHORD_MS = 1_200;

export function useShortcuts(open: (overlay: Overlay) => void): void {
  const navigate = useNavigate();
  const chordUntil = useRef(0);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const overlay = overlayOf(event);
      if (overlay) open(overlay);
      else if (!preferences().letters || isBusy(event) || !letter(event)) return;
      event.preventDefault();
    };
    const letter = (event: KeyboardEvent): boolean => {
      const place = event.timeStamp < chordUntil.current && PLACES.find((row) => row.letter === event.key);
      chordUntil.current = event.key === "g" ? event.timeStamp + CHORD_MS : 0;
      if (place) void navigate({ to: place.to });
      else if (event.key === "?") open("keys");
      else return act(event.key);
      return true;
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [navigate, open]);
}

function overlayOf(event: KeyboardEvent): Overlay {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return "palette";
  return event.shiftKey && event.key === "Escape" ? "stop" : null;
}

/** While someone writes, chooses or has a dialog open, letters are theirs. */
function isBusy(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return true;
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function act(key: string): boolean {
  switch (key) {
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "/":
      return press("main [data-filter]", (found) => found.focus());
    case "e":
      return press("main [data-csv]:not(:disabled)", (found) => found.click());
    default:
      return false;
  }
}

/** Rows are links marked data-row; Enter opens the focused one by itself. */
function step(by: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const now = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[now < 0 ? (by > 0 ? 0 : rows.length - 1) : now + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

function press(selector: string, act: (found: HTMLElement) => void): boolean {
  const found = document.querySelector<HTMLElement>(selector);
  if (found) act(found);
  return found !== null;
}
