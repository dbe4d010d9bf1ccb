/** Where in the text a problem stands: the server names a setting and a character in it, the eye wants a line. */

import type { Problem } from "../lib/contract";
import type { Places, Stretch } from "./json-places";

export type Located = Problem & Stretch & { line: number };

/** A place of the server: `/entry:12` is the 12th character of the text of `/entry`. */
export function splitPlace(place: string): { pointer: string; character: number | null } {
  const found = /^(.*):(\d+)$/s.exec(place);
  return found ? { pointer: found[1] ?? "", character: Number(found[2]) } : { pointer: place, character: null };
}

/** In the order of the text. */
export function locate(problems: readonly Problem[], text: string, places: Places): Located[] {
  const found = problems.map((problem) => {
    const stretch = stretchOf(problem, text, places);
    return { ...problem, ...stretch, line: lineOf(text, stretch.start) };
  });
  return found.sort((left, right) => left.start - right.start);
}

/** Lines count from 1. */
export function lineOf(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

function stretchOf({ place, code }: Problem, text: string, places: Places): Stretch {
  if (place === "" && places.trouble !== null)
    return { start: places.trouble, end: Math.min(places.trouble + 1, text.length) };
  const { pointer, character } = splitPlace(place);
  const value = places.values.get(pointer);
  if (character !== null && value && text[value.start] === '"') return characterIn(text, value, character);
  const name = places.names.get(place);
  if (name && code === "unknown_setting") return name;
  return places.values.get(place) ?? name ?? nearest(place, places);
}

/** What is missing stands nowhere: what it is missing from is the nearest that does, and there its beginning. */
function nearest(place: string, places: Places): Stretch {
  const start = /^(.*)\//s.exec(place)?.[1];
  if (start === undefined) return { start: 0, end: 0 };
  const around = places.values.get(start);
  return around ? { start: around.start, end: around.start + 1 } : nearest(start, places);
}

/** From the character to the end of its word; one that is written with a backslash is longer in the text. */
function characterIn(text: string, { start, end }: Stretch, character: number): Stretch {
  let at = start + 1;
  for (let count = 1; count < character && at < end - 1; count += 1)
    at += text[at] === "\\" ? escapeLength(text, at) : 1;
  const word = /^\w+/.exec(text.slice(at, end - 1))?.[0].length ?? 1;
  return { start: at, end: Math.min(at + word, end) };
}

function escapeLength(text: string, at: number): number {
  return text[at + 1] === "u" ? 6 : 2;
}
