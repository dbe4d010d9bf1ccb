/** CSV as spreadsheets and scripts read it: RFC 4180, full precision, UTC times, no cell that runs as a formula. */

export type Cell = string | number | boolean | null | undefined;

/** A text that a spreadsheet would run; plain numbers, also negative ones, are none. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const BYTE_ORDER_MARK = "\ufeff";

export function csvText(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [header, ...rows].map((row) => row.map(cellText).join(","));
  return `${BYTE_ORDER_MARK}${lines.join("\r\n")}\r\n`;
}

/** Hand the rows to the browser as a file; `name` without ending. */
export function downloadCsv(name: string, header: readonly string[], rows: Iterable<readonly Cell[]>): void {
  const blob = new Blob([csvText(header, rows)], { type: "text/csv;charset=utf-8" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/[^\w.-]+/g, "-")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function cellText(value: Cell): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
