/** The last question before paper trading starts: the effect in numbers, the safe button first. */

import { Button } from "@mantine/core";
import type { CardAnswer } from "../api/generated/types.gen";
import { formatNumber, shortHash } from "../lib/format";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Mono } from "../ui/amount";
import { Buttons, Dialog } from "../ui/dialog";
import styles from "./approval.module.css";

type ConfirmDialogProps = {
  answer: CardAnswer;
  error: unknown;
  sending: boolean;
  onClose: () => void;
  onApprove: () => void;
};

type Told = {
  version?: { name?: string; number?: number; hash?: string };
  series?: { symbol?: string };
  limits?: { capital?: string; max_daily_loss?: string };
};

export function ConfirmDialog({ answer, error, sending, onClose, onApprove }: ConfirmDialogProps) {
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
        <Button loading={sending} onClick={onApprove}>
          {t("Approve and start")}
        </Button>
      </Buttons>
    </Dialog>
  );
}
