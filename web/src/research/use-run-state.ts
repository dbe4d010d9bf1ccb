/** The state that a session is shown in: the stored one until its log has been read, then what the events say. */

import type { SessionAnswer } from "../api/generated/types.gen";
import { useLive, useLivePhase } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import type { RunState, SessionState } from "./session-state";

export function useRunState(store: LiveStore<SessionState>, session: SessionAnswer): RunState {
  const told = useLive(store, (live) => live.state);
  const phase = useLivePhase(store);
  return phase === "loading" ? session.state : told;
}
