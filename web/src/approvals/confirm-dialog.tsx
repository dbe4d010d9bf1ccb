/**
 * The last question before paper trading starts: the effect in numbers, the safe button first. Without a passing verdict
 * it asks why the version is to trade nevertheless; the words are kept with the approval.
 */

import { Button } from "@mantine/core";
import { useState } from "react";
import type { CardAnswer, Standing } from "../api/generated/types.gen";
import { formatNumber, shortHash } from "../lib/format";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Mono } from "../ui/amount";
import { Buttons, Dialog } from "../ui/dialog";
import { isReason, ReasonField } from "../ui/reason-field";
import styles from "./approval.module.css";

type ConfirmDialogProps = {
  answer: CardAnswer;
  /** Undefined until it is known whether the version passed. */
  standing: Standing | undefined;
  error: unknown;
  sending: boolean;
  onClose: () => void;
  onApprove: (reason: string) => void;
};

type Told = {
  version?: { name?: string; number?: number; hash?: string };
  series?: { symbol?: string };
  limits?: { capital?: string; max_daily_loss?: string };
};

export function ConfirmDialog({ answer, standing, error, sending, onClose, onApprove }: ConfirmDialogProps) {
  const [reason, setReason] = useState("");
  const asks = standing !== undefined && !standing.passes;
  const said = !asks || isReason(reason);
  const { version = {}, series = {}, limits = {} } = answer.card as Told;
  const quote = series.symbol?.split("/")[1] ?? "";
  return (
    <Dialog title={t("Start trading on paper?")} opened onClose={onClose}>
      <div className={styles.confirm}>
        <p>
          {t(
            "{name}, version {number}, trades {symbol} with {capital} {quote} of play money. It opens nothing more on a day on which it has lost {loss} {quote}.",
            {
              name: version.name ?? "",
              number: version.number ?? "",
              symbol: series.symbol ?? "",
              capital: formatNumber(limits.capital),
              loss: formatNumber(limits.max_daily_loss),
              quote,
            },
          )}
        </p>
        <p className={styles.dim}>
          {t("Bound to the document")} <Mono>{shortHash(version.hash ?? "")}</Mono> {t("and the digest")}{" "}
          <Mono>{shortHash(answer.digest)}</Mono>.{" "}
          {t("Your name and the digest go to the audit trail. You can stop it at any time.")}
        </p>
        {asks ? (
          <ReasonField
            label={t("Why it is to trade without a passing verdict")}
            description={sentence(standing.says)}
            value={reason}
            onChange={setReason}
          />
        ) : null}
        {error ? (
          <p className={styles.refusal} role="alert">
            {explain(error)}
          </p>
        ) : null}
      </div>
      <Buttons>
        <Button variant="default" data-autofocus="" onClick={onClose}>
          {t("Not yet")}
        </Button>
        <Button disabled={!standing || !said} loading={sending} onClick={() => onApprove(asks ? reason.trim() : "")}>
          {t("Approve and start")}
        </Button>
      </Buttons>
    </Dialog>
  );
}

/** A refusal's words as a sentence of their own. */
function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
