/** The session's figures: how long, how many steps, tokens, cost, and by which model. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { SessionAnswer } from "../api/generated/types.gen";
import { formatCompact, formatDollars, formatDuration, formatNumber } from "../lib/format";
import { useLivePhase, useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { plural, t } from "../lib/message";
import { modelsQuery } from "../lib/queries";
import { StatTiles } from "../ui/stat-tiles";
import { spendNow } from "./session-money";
import { isOver, type SessionState } from "./session-state";
import type { Totals } from "./session-totals";
import { spentText } from "./spent";

const TICK_MS = 1_000;

export function RunStrip({ session, store }: { session: SessionAnswer; store: LiveStore<SessionState> }) {
  const totals = useLiveSlow(store, (state) => state.totals);
  const steps = useLiveSlow(store, (state) => state.steps.length);
  const told = useLiveSlow(store, (state) => state.spend);
  const { cap } = spendNow(session, told);
  const loading = useLivePhase(store) === "loading";
  const { data: models } = useQuery(modelsQuery);
  const model = models?.find((each) => each.id === session.model && each.credential_id === session.credential_id);
  return (
    <StatTiles
      loading={loading}
      stats={[
        { label: t("Elapsed"), value: <Elapsed store={store} />, note: modelTime(totals) },
        { label: t("Steps"), value: formatNumber(steps), note: failures(totals) },
        {
          label: t("Tokens"),
          value: formatCompact(totals.tokens_in + totals.tokens_out),
          note: t("{in} in, {out} out", { in: formatCompact(totals.tokens_in), out: formatCompact(totals.tokens_out) }),
        },
        {
          label: t("Cost"),
          value: spentText(session, told, totals),
          note: cap ? t("of {cap} at most", { cap: formatDollars(cap) }) : costNote(totals),
        },
        {
          label: t("Model"),
          value: model?.label ?? session.model,
          note: session.credential_id
            ? t("Key: {name}", { name: model?.credential ?? t("removed") })
            : model?.kind === "rules"
              ? t("Fixed rules, not AI")
              : model?.provider,
        },
      ]}
    />
  );
}

function costNote(totals: Totals): string {
  if (totals.unpriced === 0) return t("Model calls, all of them");
  return plural(totals.unpriced, "{count} call has no known price", "{count} calls have no known price");
}

function modelTime(totals: Totals): string {
  return t("Model time {time}", { time: formatDuration(totals.model_ms) });
}

function failures(totals: Totals): string {
  return totals.failed === 0 ? t("None failed") : t("{count} failed", { count: totals.failed });
}

function Elapsed({ store }: { store: LiveStore<SessionState> }) {
  const first = useLiveSlow(store, (state) => state.first_ms);
  const last = useLiveSlow(store, (state) => state.last_ms);
  const over = useLiveSlow(store, (state) => isOver(state.state) || state.state === "waiting");
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [over]);
  if (first === undefined) return <>{formatDuration(undefined)}</>;
  const until = over ? (last ?? first) : Math.max(now, last ?? first);
  return <>{formatDuration(until - first)}</>;
}
