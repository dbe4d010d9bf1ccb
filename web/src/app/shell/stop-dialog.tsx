/** Stop trading, from every page: says what will happen in numbers, does it, stays until all have stopped; a person resumes. */

import { useState } from "react";
import type { Halt, Stop } from "../../api/generated/types.gen";
import { explain } from "../../lib/http";
import { plural, t } from "../../lib/message";
import { Dialog } from "../../ui/dialog";
import { ErrorState, LoadingRows } from "../../ui/states";
import { StopButtons } from "./stop-buttons";
import { StopChoices } from "./stop-choices";
import styles from "./stop-dialog.module.css";
import { StopProgress } from "./stop-progress";
import { type Stopping, useStopping } from "./use-stopping";

export function StopDialog({ onClose }: { onClose: () => void }) {
  const [wished, setWished] = useState<Stop>("all");
  const stopping = useStopping();
  const { level, told, over, trouble } = stopping;
  // What is paused can only be stopped further.
  const chosen = level === "entries" && wished === "entries" ? "all" : wished;
  return (
    <Dialog opened title={t("Stop trading")} onClose={onClose}>
      <div className={styles.body}>
        <Running stopping={stopping} />
      </div>
      {told || over ? null : <StopChoices value={chosen} onChange={setWished} paused={level === "entries"} />}
      <p className={styles.trouble} role="alert">
        {trouble ? explain(trouble) : ""}
      </p>
      <StopButtons stopping={stopping} chosen={chosen} onClose={onClose} />
    </Dialog>
  );
}

function Running({ stopping }: { stopping: Stopping }) {
  const { rows, deployments, told } = stopping;
  if (rows) return <StopProgress rows={rows} words={describe(stopping)} told={told} />;
  if (!deployments.isError) return <LoadingRows rows={2} />;
  return (
    <ErrorState
      error={deployments.error}
      what={t("What is running could not be read. Stopping still works.")}
      retry={deployments.refetch}
    />
  );
}

function describe({ running, level, told }: { running: number; level: Halt; told: boolean }): string {
  if (running === 0 && level === "all") {
    return t(
      "Everything has stopped. No order goes out until you allow trading again; stopped deployments stay stopped.",
    );
  }
  if (told) {
    return plural(running, "{count} deployment has not confirmed yet.", "{count} deployments have not confirmed yet.");
  }
  if (level === "entries") return t("Entries are paused: nothing is opened until you allow it again.");
  if (running === 0) return t("Nothing is trading now. Stopping also keeps new deployments from starting.");
  return plural(
    running,
    "{count} paper deployment runs. Whatever you stop starts again only when a person says so.",
    "{count} paper deployments run. Whatever you stop starts again only when a person says so.",
  );
}
