/** Says in one line why rows were left out: each reason once, with the first lines that it met. */

import type { ImportProblem } from "../lib/contract";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";

const FIRST_REASONS = 2;
const FIRST_LINES = 3;

export function reasonsOf(problems: readonly ImportProblem[]): string {
  const lines = new Map<string, ImportProblem[]>();
  for (const problem of problems) lines.set(problem.reason, [...(lines.get(problem.reason) ?? []), problem]);
  const said = [...lines].slice(0, FIRST_REASONS).map(([reason, rows]) => withLines(reason, rows));
  const rest = lines.size - FIRST_REASONS;
  if (rest > 0) said.push(plural(rest, "{count} more reason", "{count} more reasons"));
  return said.join(" · ");
}

/** Line 0 is the file as a whole. */
function withLines(reason: string, rows: readonly ImportProblem[]): string {
  const numbers = rows.flatMap((row) => (row.line > 0 ? [formatNumber(row.line)] : []));
  if (numbers.length === 0) return reason;
  const shown = numbers.slice(0, FIRST_LINES).join(", ");
  if (numbers.length === 1) return t("Line {line}: {reason}", { line: shown, reason });
  if (numbers.length <= FIRST_LINES) return t("Lines {lines}: {reason}", { lines: shown, reason });
  return t("Lines {lines} and more: {reason}", { lines: shown, reason });
}
