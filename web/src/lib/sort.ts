/** Stable sorting of table rows by a cell's value: numbers by size, decimals as decimals, unknown ones last. */

import type { Cell } from "./csv";

const DECIMAL = /^-?\d+(\.\d+)?$/;
const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function sortRows<Row>(rows: readonly Row[], value: (row: Row) => Cell, down: boolean): Row[] {
  const direction = down ? -1 : 1;
  return rows
    .map((row) => ({ row, key: value(row) }))
    .sort((left, right) => {
      if (isUnknown(left.key) || isUnknown(right.key))
        return Number(isUnknown(left.key)) - Number(isUnknown(right.key));
      return direction * compare(left.key, right.key);
    })
    .map(({ row }) => row);
}

function compare(left: Cell, right: Cell): number {
  if (isNumeric(left) && isNumeric(right)) return Number(left) - Number(right);
  return words.compare(String(left), String(right));
}

function isNumeric(value: Cell): boolean {
  return typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && DECIMAL.test(value));
}

function isUnknown(value: Cell): boolean {
  return value === null || value === undefined || value === "";
}
