/** What a dialog about a key gets, and what is read again when it changed one. */

import { useQueryClient } from "@tanstack/react-query";
import type { Credential } from "../lib/vault";

/** `onDone` reads everything that hangs on keys again, and closes. */
export type KeyFormProps = { credential: Credential; onDone: () => void; onClose: () => void };

/** Keys, models and choices all follow a changed key. */
export function useFreshKeys(): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["vault"] }),
      client.invalidateQueries({ queryKey: ["models"] }),
    ]);
}
