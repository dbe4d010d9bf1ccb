/** Asks before a session is ended: now, or when its step is over. */

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { labCancel } from "../api/generated/sdk.gen";
import type { SessionAnswer } from "../api/generated/types.gen";
import { explain } from "../lib/http";
import { plural, t } from "../lib/message";
import { Buttons, Dialog } from "../ui/dialog";
import { sessionQuery } from "./run-data";
import styles from "./session.module.css";

type StopDialogProps = { session: SessionAnswer; steps: number; opened: boolean; onClose: () => void };

export function StopDialog({ session, steps, opened, onClose }: StopDialogProps) {
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: (when: "now" | "step") => labCancel({ path: { session_id: session.id }, query: { when } }),
    onSuccess: (changed) => {
      client.setQueryData(sessionQuery(session.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["sessions"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("Stop this session?")} opened={opened} onClose={onClose}>
      <p>
        {plural(
          steps,
          "Its {count} step and the evidence so far are kept; no report is written. To go on later, pause it instead.",
          "Its {count} steps and the evidence so far are kept; no report is written. To go on later, pause it instead.",
        )}
      </p>
      <div role="alert">{stop.error ? <p className={styles.capTrouble}>{explain(stop.error)}</p> : null}</div>
      <Buttons>
        <Button variant="default" data-autofocus="" onClick={onClose}>
          {t("Keep it running")}
        </Button>
        <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate("step")}>
          {t("Stop after this step")}
        </Button>
        <Button color="orange" loading={stop.isPending} onClick={() => stop.mutate("now")}>
          {t("Stop now")}
        </Button>
      </Buttons>
    </Dialog>
  );
}
