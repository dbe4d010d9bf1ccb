/** What can be done with a session: pause, resume, stop; and in the menu what is wanted more rarely. */

import { ActionIcon, Button, Menu } from "@mantine/core";
import {
  IconArchive,
  IconClock,
  IconCopy,
  IconDots,
  IconDownload,
  IconGitFork,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconSquare,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { labArchive, labPause, labResume, labUnarchive } from "../api/generated/sdk.gen";
import type { SessionAnswer } from "../api/generated/types.gen";
import { address, explain } from "../lib/http";
import { useLive, useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { CsvButton } from "../ui/csv-button";
import { ForkDialog } from "./fork-dialog";
import { RenameDialog } from "./rename-dialog";
import { RepeatDialog } from "./repeat-dialog";
import { sessionQuery } from "./run-data";
import { ScheduleDialog } from "./schedule-dialog";
import { isOver, type SessionState } from "./session-state";
import { STEP_COLUMNS } from "./step-columns";
import { StopDialog } from "./stop-dialog";
import { useMayWrite } from "./use-may-write";
import { useRunState } from "./use-run-state";
import { STOP_MARK } from "./use-step-keys";

type RunActionsProps = { session: SessionAnswer; store: LiveStore<SessionState> };

export type Asking = "stop" | "rename" | "fork" | "schedule" | "repeat" | null;

export function RunActions({ session, store }: RunActionsProps) {
  const steps = useLiveSlow(store, (live) => live.steps);
  const state = useRunState(store, session);
  const may = useMayWrite();
  const [asking, setAsking] = useState<Asking>(null);
  const dialog = (name: Asking) => ({ session, opened: asking === name, onClose: () => setAsking(null) });
  return (
    <>
      <CsvButton name={`session-${session.id}-steps`} columns={STEP_COLUMNS} rows={steps} />
      {may ? (
        <>
          <PauseButton session={session} store={store} />
          <Button
            {...STOP_MARK}
            variant="default"
            leftSection={<IconSquare size={15} aria-hidden="true" />}
            disabled={isOver(state)}
            onClick={() => setAsking("stop")}
          >
            {t("Stop")}
          </Button>
        </>
      ) : null}
      <More session={session} isOver={isOver(state)} may={may} onAsk={setAsking} />
      <StopDialog {...dialog("stop")} steps={steps.length} />
      <RenameDialog {...dialog("rename")} />
      <ForkDialog {...dialog("fork")} session={session.id} />
      <ScheduleDialog {...dialog("schedule")} />
      <RepeatDialog {...dialog("repeat")} />
    </>
  );
}

/** A wish that was heard takes effect when the step is over; until then it can be taken back. */
function PauseButton({ session, store }: RunActionsProps) {
  const client = useQueryClient();
  const state = useRunState(store, session);
  const halting = useLive(store, (live) => live.halting);
  const resumes = halting !== null || state === "paused" || state === "failed" || state === "budget_reached";
  const change = useMutation({
    mutationFn: () => (resumes ? labResume : labPause)({ path: { session_id: session.id } }),
    onSuccess: (changed) => {
      client.setQueryData(sessionQuery(session.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["sessions"] });
    },
    onError: (error) => notify("bad", resumes ? t("It was not resumed") : t("It was not paused"), explain(error)),
  });
  const Icon = resumes ? IconPlayerPlay : IconPlayerPause;
  return (
    <Button
      variant={resumes ? "filled" : "default"}
      miw={112}
      leftSection={<Icon size={15} aria-hidden="true" />}
      disabled={!resumes && state !== "running" && state !== "queued"}
      loading={change.isPending}
      onClick={() => change.mutate()}
    >
      {resumes ? t("Resume") : t("Pause")}
    </Button>
  );
}

type MoreProps = { session: SessionAnswer; isOver: boolean; may: boolean; onAsk: (asking: Asking) => void };

function More({ session, isOver, may, onAsk }: MoreProps) {
  const client = useQueryClient();
  const archive = useMutation({
    mutationFn: () => (session.archived ? labUnarchive : labArchive)({ path: { session_id: session.id } }),
    onSuccess: (changed) => {
      client.setQueryData(sessionQuery(session.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["sessions"] });
      notify("good", changed.archived ? t("Put away") : t("Back in the list"));
    },
    onError: (error) => notify("bad", t("The session stays where it is"), explain(error)),
  });
  const icon = { size: 16, "aria-hidden": true } as const;
  return (
    <Menu position="bottom-end" width={230} returnFocus>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t("More")} title={t("More")}>
          <IconDots size={18} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {may ? (
          <>
            <Menu.Item leftSection={<IconPencil {...icon} />} onClick={() => onAsk("rename")}>
              {t("Rename")}
            </Menu.Item>
            <Menu.Item leftSection={<IconGitFork {...icon} />} onClick={() => onAsk("fork")}>
              {t("Fork")}
            </Menu.Item>
            <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => onAsk("repeat")}>
              {t("Repeat the question")}
            </Menu.Item>
            <Menu.Item leftSection={<IconClock {...icon} />} onClick={() => onAsk("schedule")}>
              {t("Ask it on a schedule")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArchive {...icon} />}
              disabled={!isOver && !session.archived}
              onClick={() => archive.mutate()}
            >
              {session.archived ? t("Bring back from the archive") : t("Archive")}
            </Menu.Item>
          </>
        ) : null}
        <Menu.Item
          component="a"
          href={address(`/lab/sessions/${session.id}/export`)}
          download
          leftSection={<IconDownload {...icon} />}
        >
          {t("Export the session (JSON)")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
