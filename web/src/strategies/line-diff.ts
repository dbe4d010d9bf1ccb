/** What changed between two texts, line by line: the longest common lines stay, the rest went or came. */

export type DiffLine = {
  kind: "same" | "removed" | "added";
  text: string;
  /** Line numbers from 1; null on the side where it does not stand. */
  before: number | null;
  after: number | null;
};
/** A stretch of lines, or how many unchanged ones are left out, from which line of the new text on. */
export type DiffPart = { lines: readonly DiffLine[] } | { left_out: number; from: number };

/** Unchanged lines kept around each change. */
const CONTEXT = 3;
/** More pairs of lines than this are not compared one by one: all went, all came. */
const MOST_PAIRS = 4_000_000;

export function lineDiff(before: string, after: string): DiffLine[] {
  const [left, right] = [before.split("\n"), after.split("\n")];
  const start = sharedStart(left, right);
  const end = sharedEnd(left, right, start);
  const [was, is] = [left.slice(start, left.length - end), right.slice(start, right.length - end)];
  const same = (text: string, index: number) => line("same", text, index, index);
  const tail = left.slice(left.length - end);
  return [
    ...left.slice(0, start).map(same),
    ...middle(was, is).map((one) => moved(one, start)),
    ...tail.map((text, index) => line("same", text, left.length - end + index, right.length - end + index)),
  ];
}

/** Long stretches without a change are left out. */
export function folded(lines: readonly DiffLine[]): DiffPart[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((one) => one.kind !== "same"),
  );
  const parts: ({ lines: DiffLine[] } | { left_out: number; from: number })[] = [];
  for (const [index, one] of lines.entries()) {
    const last = parts.at(-1);
    if (near[index]) {
      if (last && "lines" in last) last.lines.push(one);
      else parts.push({ lines: [one] });
    } else if (last && "left_out" in last) last.left_out += 1;
    else parts.push({ left_out: 1, from: one.after ?? 0 });
  }
  return parts;
}

function sharedStart(left: readonly string[], right: readonly string[]): number {
  let count = 0;
  while (count < Math.min(left.length, right.length) && left[count] === right[count]) count += 1;
  return count;
}

function sharedEnd(left: readonly string[], right: readonly string[], start: number): number {
  let count = 0;
  const most = Math.min(left.length, right.length) - start;
  while (count < most && left.at(-1 - count) === right.at(-1 - count)) count += 1;
  return count;
}

/** Walks the table of common lengths from its start: a line that went comes before the one that took its place. */
function middle(left: readonly string[], right: readonly string[]): DiffLine[] {
  const common = commonLengths(left, right);
  const width = right.length + 1;
  const found: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [was, is] = [left[i], right[j]];
    if (was !== undefined && was === is) {
      found.push(line("same", was, i, j));
      i += 1;
      j += 1;
    } else if (
      was !== undefined &&
      (is === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      found.push(line("removed", was, i, null));
      i += 1;
    } else {
      found.push(line("added", is ?? "", null, j));
      j += 1;
    }
  }
  return found;
}

function commonLengths(left: readonly string[], right: readonly string[]): Uint16Array {
  const width = right.length + 1;
  if ((left.length + 1) * width > MOST_PAIRS) return new Uint16Array();
  const common = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const skip = Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
      common[i * width + j] = left[i] === right[j] ? (common[(i + 1) * width + j + 1] ?? 0) + 1 : skip;
    }
  }
  return common;
}

function line(kind: DiffLine["kind"], text: string, before: number | null, after: number | null): DiffLine {
  return { kind, text, before: before === null ? null : before + 1, after: after === null ? null : after + 1 };
}

function moved(one: DiffLine, by: number): DiffLine {
  return {
    ...one,
    before: one.before === null ? null : one.before + by,
    after: one.after === null ? null : one.after + by,
  };
}
