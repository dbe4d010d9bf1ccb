/** Stop trading, from every page: says what will happen in numbers, does it, stays until all have stopped; a person resumes. */

import { Button } from "@mantine/core";
import { IconHandStop, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { floorResume, floorStopAll } from "../../api/generated/sdk.gen";
import { explain } from "../../lib/http";
import { plural, t } from "../../lib/message";
import { deploymentsQuery, switchQuery } from "../../lib/queries";
import { Buttons, Dialog } from "../../ui/dialog";
import { ErrorState, LoadingRows } from "../../ui/states";
import styles from "./stop-dialog.module.css";
import { StopProgress } from "./stop-progress";

const WATCH_EVERY_MS = 1_000;

export function StopDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  /** Those that ran when the button was pressed: they stay listed until each has stopped. */
  const [told, setTold] = useState<readonly string[] | null>(null);
  const watch = told ? { refetchInterval: WATCH_EVERY_MS } : {};
  const deployments = useQuery({ ...deploymentsQuery, ...watch });
  const { data: killSwitch } = useQuery(switchQuery);
  const thrown = killSwitch?.thrown ?? false;
  const rows = deployments.data?.items.filter((row) => row.state === "running" || told?.includes(row.id));
  const running = rows?.filter((row) => row.state === "running").length ?? 0;
  const onSettled = () => client.invalidateQueries({ queryKey: deploymentsQuery.queryKey });
  const stop = useMutation({
    mutationFn: () => floorStopAll(),
    onMutate: () => setTold((rows ?? []).map((row) => row.id)),
    onSettled,
  });
  const resume = useMutation({ mutationFn: () => floorResume(), onMutate: () => setTold(null), onSettled });
  const trouble = stop.error ?? resume.error;

  return (
    <Dialog opened title={t("Stop trading")} onClose={onClose}>
      <div className={styles.body}>
        {rows ? (
          <StopProgress rows={rows} words={describe({ running, thrown, told: told !== null })} told={told !== null} />
        ) : deployments.isError ? (
          <ErrorState
            error={deployments.error}
            what={t("What is running could not be read. Stopping still works.")}
            retry={deployments.refetch}
          />
        ) : (
          <LoadingRows rows={2} />
        )}
      </div>
      <p className={styles.trouble} role="alert">
        {trouble ? explain(trouble) : ""}
      </p>
      <Buttons>
        <Button variant="default" onClick={onClose} data-autofocus="">
          {thrown || told ? t("Close") : t("Keep trading")}
        </Button>
        {thrown && running === 0 ? (
          <Button
            leftSection={<IconPlayerPlay size={17} aria-hidden="true" />}
            loading={resume.isPending}
            onClick={() => resume.mutate()}
          >
            {t("Allow trading again")}
          </Button>
        ) : (
          <Button
            color="orange.7"
            leftSection={<IconHandStop size={17} aria-hidden="true" />}
            loading={stop.isPending}
            onClick={() => stop.mutate()}
          >
            {told ? t("Stop again") : t("Stop all now")}
          </Button>
        )}
      </Buttons>
    </Dialog>
  );
}

function describe({ running, thrown, told }: { running: number; thrown: boolean; told: boolean }): string {
  if (running === 0 && thrown) {
    return t(
      "Everything has stopped. No order goes out until you allow trading again; stopped deployments stay stopped.",
    );
  }
  if (told) {
    return plural(running, "{count} deployment has not confirmed yet.", "{count} deployments have not confirmed yet.");
  }
  if (running === 0) return t("Nothing is trading now. Stopping also keeps new deployments from starting.");
  return plural(
    running,
    "This stops {count} paper deployment: no new orders, positions stay as they are. Starting again needs a person.",
    "This stops {count} paper deployments: no new orders, positions stay as they are. Starting again needs a person.",
  );
}
