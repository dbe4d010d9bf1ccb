/** Where a person sets the limits, reads the card and decides. The digest of the card they read goes with the decision. */

import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type {
  CardAnswer,
  Feed,
  OmcLedgersMessagesSeriesAnswer as Series,
  VersionAnswer,
  WishBody,
} from "../api/generated/types.gen";
import { ApiError } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Panel } from "../ui/panel";
import { ErrorState, LoadingRows } from "../ui/states";
import styles from "./approval.module.css";
import { approve, cardQuery, named, standingQuery } from "./approval-data";
import { CardView } from "./card-view";
import { ConfirmDialog } from "./confirm-dialog";
import { AskDialog, DenyDialog } from "./decide-dialogs";
import { checkLimits, firstLimits, type LimitName, limitsBody, PLACES } from "./limits";
import { LimitsPanel } from "./limits-panel";
import { useDecideKeys } from "./use-decide-keys";

/** The card follows the form after a pause, not after each key. */
const PAUSE_MS = 300;

type ApprovalDeskProps = {
  version: VersionAnswer;
  /** Each with a series for every symbol of the universe. */
  series: readonly (readonly Series[])[];
  first: string | undefined;
  /** Who proposed it, and can be asked about it. */
  session: string | undefined;
};

type Asking = "approve" | "deny" | "ask" | null;

export function ApprovalDesk({ version, series, first, session }: ApprovalDeskProps) {
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      series.findIndex((each) => each.some((row) => row.id === first)),
    ),
  );
  const every = series[at];
  const [feed, setFeed] = useState<Feed>("replay");
  const [limits, setLimits] = useState(() => firstLimits(version.document));
  const [asking, setAsking] = useState<Asking>(null);
  const [before, setBefore] = useState<CardAnswer | null>(null);
  const wrong = checkLimits(limits);
  const sound = Object.keys(wrong).length === 0;
  const typed = useMemo<WishBody>(
    () => ({ version_id: version.id, ...named(every ?? []), feed, limits: limitsBody(limits) }),
    [version.id, every, feed, limits],
  );
  const [wish] = useDebouncedValue(typed, PAUSE_MS);
  const card = useQuery({ ...cardQuery(wish), enabled: sound });
  const refused = placeOf(card.error);
  // Only a card that answers to what the form says now may be approved.
  const current = sound && wish === typed && card.isSuccess && !card.isPlaceholderData && !card.isFetching;
  const reread = (stale: CardAnswer) => {
    setBefore(stale);
    setAsking(null);
    void card.refetch();
  };
  const deniable = version.status === "draft";
  useDecideKeys(current ? () => setAsking("approve") : null, deniable ? () => setAsking("deny") : null);
  return (
    <div className={styles.columns}>
      <div className={styles.side}>
        <LimitsPanel
          series={series}
          chosen={at}
          feed={feed}
          limits={limits}
          wrong={refused ? { ...wrong, ...refused } : wrong}
          onSeries={setAt}
          onFeed={setFeed}
          onLimits={setLimits}
        />
      </div>
      <Panel title={t("What you approve")} attention>
        {card.error && !refused ? (
          <ErrorState error={card.error} what={t("This cannot be approved as it stands.")} retry={card.refetch} />
        ) : card.data ? (
          <CardView answer={card.data} before={before} />
        ) : (
          <LoadingRows rows={8} />
        )}
        <div className={styles.decide}>
          <p className={styles.dim}>{t("Paper money only: no exchange is reached.")}</p>
          <Choices
            approvable={current}
            loading={sound && card.isFetching}
            deniable={deniable}
            askable={session !== undefined}
            onAsk={setAsking}
          />
        </div>
      </Panel>
      {asking === "approve" && card.data ? (
        <Decision wish={wish} answer={card.data} onClose={() => setAsking(null)} onChanged={reread} />
      ) : null}
      {asking === "deny" ? <DenyDialog version={version} onClose={() => setAsking(null)} /> : null}
      {asking === "ask" && session ? (
        <AskDialog version={version} session={session} onClose={() => setAsking(null)} />
      ) : null}
    </div>
  );
}

type ChoicesProps = {
  approvable: boolean;
  loading: boolean;
  deniable: boolean;
  askable: boolean;
  onAsk: (asking: Asking) => void;
};

function Choices({ approvable, loading, deniable, askable, onAsk }: ChoicesProps) {
  return (
    <div className={styles.choices}>
      {askable ? (
        <Button variant="subtle" onClick={() => onAsk("ask")}>
          {t("Ask…")}
        </Button>
      ) : null}
      {deniable ? (
        <Button variant="default" onClick={() => onAsk("deny")}>
          {t("Deny…")}
        </Button>
      ) : null}
      <Button disabled={!approvable} loading={loading} onClick={() => onAsk("approve")}>
        {t("Approve for paper…")}
      </Button>
    </div>
  );
}

type DecisionProps = {
  wish: WishBody;
  answer: CardAnswer;
  onClose: () => void;
  onChanged: (stale: CardAnswer) => void;
};

function Decision({ wish, answer, onClose, onChanged }: DecisionProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const standing = useQuery(standingQuery(wish.version_id));
  const decide = async (reason: string) => {
    setSending(true);
    setError(null);
    try {
      const { id } = await approve(wish, answer.digest, reason);
      await Promise.all(["deployments", "strategies"].map((key) => client.invalidateQueries({ queryKey: [key] })));
      notify("good", t("Approved"), t("It trades on paper now."));
      await navigate({ to: "/trading/$deployment", params: { deployment: id } });
    } catch (failure) {
      setSending(false);
      if (failure instanceof ApiError && failure.code === "card_changed") onChanged(answer);
      else setError(failure);
    }
  };
  return (
    <ConfirmDialog
      answer={answer}
      standing={standing.data}
      error={error ?? standing.error}
      sending={sending}
      onClose={onClose}
      onApprove={(reason) => void decide(reason)}
    />
  );
}

/** A refusal that belongs to one field of the form. */
function placeOf(error: unknown): Partial<Record<LimitName, string>> | null {
  const name = error instanceof ApiError ? PLACES[(error.place ?? "").replace(/^body/, "")] : undefined;
  return name && error instanceof ApiError ? { [name]: error.message } : null;
}
