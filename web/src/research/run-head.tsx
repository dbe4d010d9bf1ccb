/** A session's state beside its title. */

import type { SessionAnswer } from "../api/generated/types.gen";
import { useLive } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { StatePill } from "../ui/state-pill";
import { stateWords } from "./run-data";
import type { SessionState } from "./session-state";
import { useRunState } from "./use-run-state";

type RunStateProps = { session: SessionAnswer; store: LiveStore<SessionState> };

/** Said aloud when it changes, and only then. */
export function RunState({ session, store }: RunStateProps) {
  const state = useRunState(store, session);
  const halting = useLive(store, (live) => live.halting);
  const { text, tone } = stateWords(state);
  return (
    <span role="status">
      <StatePill tone={tone} pulse={state === "running"}>
        {state === "running" && halting ? haltingWords(halting) : place(text, state, session.place)}
      </StatePill>
    </span>
  );
}

function haltingWords(halting: "paused" | "cancelled"): string {
  return halting === "paused" ? t("Pauses after this step") : t("Stops after this step");
}

function place(text: string, state: string, place: number | null): string {
  return state === "queued" && place ? t("{state}, place {place}", { state: text, place }) : text;
}
