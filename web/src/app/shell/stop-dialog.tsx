/** Stop trading, from every page: says what will happen in numbers, does it, and stays until each deployment has stopped. */

import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Deployment } from "../../lib/contract";
import { explain, post } from "../../lib/http";
import { plural, t } from "../../lib/message";
import { deploymentsQuery } from "../../lib/queries";
import { Buttons, Dialog } from "../../ui/dialog";
import { StatePill } from "../../ui/state-pill";
import { ErrorState, LoadingRows } from "../../ui/states";
import styles from "./stop-dialog.module.css";

const WATCH_EVERY_MS = 1_000;

export function StopDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  /** Those that ran when the button was pressed: they stay listed until each has stopped. */
  const [told, setTold] = useState<readonly string[]>([]);
  const deployments = useQuery({
    ...deploymentsQuery,
    ...(told.length > 0 ? { refetchInterval: WATCH_EVERY_MS } : {}),
  });
  const all = deployments.data?.items;
  const rows = all?.filter((row) => row.state === "running" || told.includes(row.id));
  const running = rows?.filter((row) => row.state === "running").length ?? 0;
  const stop = useMutation({
    mutationFn: () => post("/floor/stop-all"),
    onMutate: () => setTold((rows ?? []).map((row) => row.id)),
    onSettled: () => client.invalidateQueries({ queryKey: deploymentsQuery.queryKey }),
  });

  return (
    <Dialog opened title={t("Stop trading")} onClose={onClose}>
      {rows === undefined && deployments.isError ? (
        <ErrorState
          error={deployments.error}
          what={t("What is running could not be read. Stopping still works.")}
          retry={deployments.refetch}
        />
      ) : rows === undefined ? (
        <LoadingRows rows={2} />
      ) : (
        <Progress rows={rows} running={running} told={told.length > 0} />
      )}
      {stop.isError ? (
        <p className={styles.trouble} role="alert">
          {explain(stop.error)}
        </p>
      ) : null}
      <Buttons>
        <Button variant="default" onClick={onClose} data-autofocus="">
          {told.length > 0 ? t("Close") : t("Keep trading")}
        </Button>
        <Button
          color="orange.7"
          leftSection={<IconHandStop size={17} aria-hidden="true" />}
          disabled={rows !== undefined && running === 0}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          {told.length > 0 && running > 0 ? t("Stop again") : t("Stop all now")}
        </Button>
      </Buttons>
    </Dialog>
  );
}

function Progress({ rows, running, told }: { rows: readonly Deployment[]; running: number; told: boolean }) {
  return (
    <>
      <p className={styles.words} role="status">
        {describe(running, told)}
      </p>
      <ul className={styles.rows}>
        {rows.map((row) => (
          <li key={row.id} className={styles.row}>
            <span className={styles.name}>{row.name}</span>
            <span className={styles.symbol}>{row.symbol}</span>
            <StatePill tone={row.state === "running" ? "warn" : "good"}>
              {row.state === "running" ? (told ? t("Stopping") : t("Running")) : t("Stopped")}
            </StatePill>
          </li>
        ))}
      </ul>
    </>
  );
}

function describe(running: number, told: boolean): string {
  if (told) {
    return running === 0
      ? t("Everything has stopped. No new order will be sent; starting again needs a person.")
      : plural(running, "{count} deployment has not confirmed yet.", "{count} deployments have not confirmed yet.");
  }
  if (running === 0) return t("Nothing is trading now.");
  return plural(
    running,
    "This stops {count} paper deployment: no new orders, open ones are cancelled, positions stay as they are.",
    "This stops {count} paper deployments: no new orders, open ones are cancelled, positions stay as they are.",
  );
}
