/** How long the words may be that the record keeps of an exam. */

/** The fewest characters that the server takes as a reason. */
export const MIN_REASON = 10;
export const MAX_REASON = 1_000;
