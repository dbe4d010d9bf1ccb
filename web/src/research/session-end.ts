/** Why a session rests. */

import { text } from "../lib/live-data";
import type { LiveEvent } from "../lib/live-types";

/** Its error, and the cap that was reached (session, call, day, month, key); both empty where there is none. */
export type End = { error: string; capReached: string };

export const NO_END: End = { error: "", capReached: "" };

export function endOf(data: LiveEvent["data"]): End {
  return { error: text(data, "error"), capReached: text(data, "cap") };
}
