/** A session's state beside its title, and what can be done with it. */

import { Button } from "@mantine/core";
import { IconSquare } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SessionAnswer } from "../api/generated/types.gen";
import { explain } from "../lib/http";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { plural, t } from "../lib/message";
import { notify } from "../lib/notices";
import { formatUtc } from "../lib/time";
import { CsvButton } from "../ui/csv-button";
import { Buttons, Dialog } from "../ui/dialog";
import { StatePill } from "../ui/state-pill";
import { cancelSession, stateWords } from "./run-data";
import { isOver, type SessionState, type Step } from "./session-state";
import { useRunState } from "./use-run-state";

type Live = { store: LiveStore<SessionState> };

/** Said aloud when it changes, and only then. */
export function RunState({ session, store }: Live & { session: SessionAnswer }) {
  const state = useRunState(store, session);
  const { text, tone } = stateWords(state);
  return (
    <span role="status">
      <StatePill tone={tone} pulse={state === "running"}>
        {text}
      </StatePill>
    </span>
  );
}

const COLUMNS: readonly { title: string; value: (step: Step) => string | number | undefined }[] = [
  { title: "step", value: (step) => step.number },
  { title: "kind", value: (step) => step.kind },
  { title: "name", value: (step) => step.name },
  { title: "title", value: (step) => step.title },
  { title: "attempt", value: (step) => step.attempt },
  { title: "started_utc", value: (step) => formatUtc(step.started_ms) },
  { title: "duration_ms", value: (step) => step.duration_ms },
  { title: "ok", value: (step) => (step.ok === undefined ? "running" : String(step.ok)) },
  { title: "tokens_in", value: (step) => step.tokens_in },
  { title: "tokens_out", value: (step) => step.tokens_out },
  { title: "cost_usd", value: (step) => step.cost },
  { title: "evidence", value: (step) => step.evidence },
  { title: "error", value: (step) => step.error },
  { title: "preview", value: (step) => step.preview },
];

export function RunActions({ session, store }: Live & { session: SessionAnswer }) {
  const steps = useLiveSlow(store, (live) => live.steps);
  const over = useLiveSlow(store, (live) => isOver(live.state));
  const [asking, setAsking] = useState(false);
  return (
    <>
      <CsvButton name={`session-${session.id}-steps`} columns={COLUMNS} rows={steps} />
      <Button
        variant="default"
        leftSection={<IconSquare size={15} aria-hidden="true" />}
        disabled={over}
        onClick={() => setAsking(true)}
      >
        {t("Cancel run")}
      </Button>
      <CancelDialog session={session.id} steps={steps.length} opened={asking} onClose={() => setAsking(false)} />
    </>
  );
}

type CancelDialogProps = { session: string; steps: number; opened: boolean; onClose: () => void };

function CancelDialog({ session, steps, opened, onClose }: CancelDialogProps) {
  const client = useQueryClient();
  const [sending, setSending] = useState(false);
  const cancel = async () => {
    setSending(true);
    try {
      await cancelSession(session);
      await client.invalidateQueries({ queryKey: ["sessions"] });
      onClose();
    } catch (error) {
      notify("bad", t("The session was not cancelled"), explain(error));
    } finally {
      setSending(false);
    }
  };
  return (
    <Dialog title={t("Cancel this run?")} opened={opened} onClose={onClose}>
      <p>
        {plural(
          steps,
          "It stops now. Its {count} step and the evidence so far are kept; no report is written.",
          "It stops now. Its {count} steps and the evidence so far are kept; no report is written.",
        )}
      </p>
      <Buttons>
        <Button variant="default" data-autofocus="" onClick={onClose}>
          {t("Keep it running")}
        </Button>
        <Button color="orange" loading={sending} onClick={() => void cancel()}>
          {t("Cancel the run")}
        </Button>
      </Buttons>
    </Dialog>
  );
}
