/** The days that someone chose, as the API takes them. */

const DAY_MS = 86_400_000;

/** Days as a date field gives them, the last one included; the API's end is not. */
export function spanOf({ first, last }: { first: string; last: string }): { start?: string; end?: string } {
  return {
    ...(first ? { start: `${first}T00:00:00Z` } : {}),
    ...(last ? { end: new Date(Date.parse(`${last}T00:00:00Z`) + DAY_MS).toISOString() } : {}),
  };
}

/** The last moment before an end that is not included. */
export function lastDayOf(end: string): number {
  return Date.parse(end) - 1;
}
