/** How far the answer can be trusted: whether repeats agree, and whether a replay comes to the same report. */

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { labStartReplay } from "../api/generated/sdk.gen";
import type { ReplayAnswer, StabilityAnswer } from "../api/generated/types.gen";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Panel } from "../ui/panel";
import { replaysQuery, stabilityQuery } from "./run-data";
import styles from "./session.module.css";
import { useMayWrite } from "./use-may-write";

export function ProofPanel({ session }: { session: string }) {
  const client = useQueryClient();
  const may = useMayWrite();
  const stability = useQuery(stabilityQuery(session));
  const replays = useQuery(replaysQuery(session));
  const replay = useMutation({
    mutationFn: () => labStartReplay({ path: { session_id: session }, body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: replaysQuery(session).queryKey }),
    onError: (error) => notify("bad", t("It was not replayed"), explain(error)),
  });
  const newest = replays.data?.items[0];
  return (
    <Panel
      title={t("Trust")}
      end={
        may ? (
          <Button
            variant="subtle"
            size="compact-sm"
            loading={replay.isPending || newest?.state === "queued"}
            onClick={() => replay.mutate()}
          >
            {t("Replay it")}
          </Button>
        ) : null
      }
    >
      <dl className={styles.proofs}>
        <dt>{t("Repeats")}</dt>
        <dd>{stability.data ? <Stability found={stability.data} /> : "–"}</dd>
        <dt>{t("Replay")}</dt>
        <dd>{replayWords(newest)}</dd>
      </dl>
    </Panel>
  );
}

function Stability({ found }: { found: StabilityAnswer }) {
  const bakeoff = found.bakeoffs.at(0);
  return (
    <>
      {found.words}
      {bakeoff ? (
        <>
          {" "}
          <Link to="/ai/evals/$bakeoff" params={{ bakeoff }}>
            {t("See each")}
          </Link>
        </>
      ) : null}
    </>
  );
}

function replayWords(replay: ReplayAnswer | undefined): string {
  if (!replay) return t("Not replayed yet: it would run again from what was recorded, without a model.");
  if (replay.state === "queued") return t("Under way.");
  return replay.words ?? replay.error ?? t("Ended without a word.");
}
