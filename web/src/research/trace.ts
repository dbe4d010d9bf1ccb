/** A session's steps as a nested timeline: a model's answer, the tools it called, the tries that failed within. */

import type { Step } from "./session-state";

/** A wait longer than this (for a person, or over night) is shown as a cut of that length. */
const LONGEST_GAP_MS = 2_000;

export type TraceRow = {
  key: string;
  /** 0 a model's answer, 1 a tool of it, one more for a try that failed. */
  depth: number;
  kind: "model" | "tool" | "retry";
  name: string;
  /** On the axis: milliseconds since the first step, without the long waits. */
  from: number;
  to: number;
  step: Step;
};

export type Cut = { at: number; left_out_ms: number };
export type Trace = { rows: readonly TraceRow[]; cuts: readonly Cut[]; length: number };
export type Range = { from: number; to: number };

/** `now` ends what still runs. */
export function traceOf(steps: readonly Step[], now: number): Trace {
  const rows: TraceRow[] = [];
  const cuts: Cut[] = [];
  let origin = steps[0]?.started_ms ?? 0;
  let end = origin;
  let answered = false;
  for (const step of steps) {
    const gap = step.started_ms - end;
    if (gap > LONGEST_GAP_MS) {
      cuts.push({ at: end - origin, left_out_ms: gap - LONGEST_GAP_MS });
      origin += gap - LONGEST_GAP_MS;
    }
    const stop = step.started_ms + (step.duration_ms ?? Math.max(0, now - step.started_ms));
    answered ||= step.kind === "model";
    rows.push(...rowsOf(step, { from: step.started_ms - origin, to: stop - origin }, answered));
    end = Math.max(end, stop);
  }
  return { rows, cuts, length: Math.max(1, end - origin) };
}

function rowsOf(step: Step, { from, to }: Range, answered: boolean): TraceRow[] {
  const depth = step.kind === "tool" && answered ? 1 : 0;
  const name = step.kind === "model" ? step.title : step.name;
  const rows: TraceRow[] = [{ key: `${step.number}`, depth, kind: step.kind, name, from, to, step }];
  let begun = from;
  for (const trouble of step.troubles) {
    const ended = Math.min(to, Math.max(begun, from + Date.parse(trouble.ts) - step.started_ms));
    rows.push({
      ...{ key: `${step.number}.${trouble.seq}`, depth: depth + 1, kind: "retry" },
      ...{ name: trouble.failure || trouble.kind, from: begun, to: ended, step },
    });
    begun = ended + (trouble.wait_s ?? 0) * 1_000;
  }
  return rows;
}

export function isWithin(row: TraceRow, range: Range): boolean {
  return row.to >= range.from && row.from <= range.to;
}

const SHORTEST_MS = 20;

/** Zoom by a factor (below 1 comes closer) about a point between 0 and 1 of what is seen. */
export function zoomed(range: Range, length: number, factor: number, about = 0.5): Range {
  const span = range.to - range.from;
  const next = Math.min(length, Math.max(SHORTEST_MS, span * factor));
  return placed(range.from + span * about - next * about, next, length);
}

/** Move by a part of what is seen. */
export function moved(range: Range, length: number, part: number): Range {
  const span = range.to - range.from;
  return placed(range.from + span * part, span, length);
}

function placed(from: number, span: number, length: number): Range {
  const start = Math.min(Math.max(0, from), length - span);
  return { from: start, to: start + span };
}

/** Left edge and width in per cent of what is seen; too thin to see is drawn thin. */
export function barAt(row: Range, range: Range): { left: number; width: number } {
  const span = range.to - range.from;
  const left = Math.max(0, ((row.from - range.from) / span) * 100);
  const right = Math.min(100, ((row.to - range.from) / span) * 100);
  return { left: Math.min(left, 99.6), width: Math.max(0.4, right - left) };
}

const TICKS = 5;

/** Where the axis is labelled: round lengths, so that the eye can count. */
export function ticks(range: Range): number[] {
  const raw = (range.to - range.from) / TICKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const every = ([1, 2, 5, 10].find((each) => each * power >= raw) ?? 10) * power;
  const found: number[] = [];
  for (let at = Math.ceil(range.from / every) * every; at <= range.to; at += every) found.push(at);
  return found;
}
