/** The last question before the sealed exam is sat: it counts once; again only with a reason, marked for ever. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { engineSit } from "../api/generated/sdk.gen";
import type { ExamAnswer } from "../api/generated/types.gen";
import type { Backtest } from "../lib/contract";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { strategiesQuery } from "../lib/queries";
import { formatTime } from "../lib/time";
import { Mono } from "../ui/amount";
import { ConfirmForm } from "../ui/confirm-form";
import { Dialog } from "../ui/dialog";
import { isReason, ReasonField } from "../ui/reason-field";

type SitDialogProps = { backtest: Backtest; version: string; exam: ExamAnswer; onClose: () => void };

export function SitDialog({ backtest, version, exam, onClose }: SitDialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const counts = exam.tries.length === 0 && !exam.broken;
  const sitting = useMutation({
    mutationFn: () =>
      engineSit({
        path: { exam_id: exam.id },
        body: { version_id: version, ...(counts ? {} : { insist: reason.trim() }) },
      }),
    onSuccess: async ({ backtest_id }) => {
      await client.invalidateQueries({ queryKey: ["backtests"] });
      await navigate({ to: "/backtests/$backtest", params: { backtest: backtest_id } });
    },
  });
  return (
    <Dialog title={counts ? t("Sit the exam?") : t("Sit it again?")} opened onClose={onClose}>
      <ConfirmForm
        label={t("Sit the exam")}
        button={counts ? t("Sit it: it counts once") : t("Sit it again, marked")}
        ready={counts || isReason(reason)}
        sending={sitting.isPending}
        error={sitting.error}
        onConfirm={() => sitting.mutate()}
        onClose={onClose}
      >
        <p>
          <Named version={version} fallback={backtest} />{" "}
          {t("trades {symbol} from {start} to {end}, on bars that no research has read.", {
            symbol: backtest.series.symbol,
            start: formatTime(exam.span.start, "day"),
            end: formatTime(exam.span.end, "day"),
          })}
        </p>
        <p>
          {counts
            ? t(
                "This try counts, whatever comes out: its result goes into every verdict on this version. There is no second one.",
              )
            : t(
                "The one try that counts is over, or the seal was broken. Whatever comes out is marked as repeated for ever, and no verdict with it is a pass.",
              )}
        </p>
        {counts ? null : (
          <ReasonField label={t("Why it is to be sat again")} value={reason} onChange={setReason} isFirst />
        )}
      </ConfirmForm>
    </Dialog>
  );
}

function Named({ version, fallback }: { version: string; fallback: Backtest }) {
  const strategies = useQuery(strategiesQuery).data?.items ?? [];
  const strategy = strategies.find((row) => row.versions.some((one) => one.id === version));
  const number = strategy?.versions.find((one) => one.id === version)?.number;
  return (
    <>
      {strategy && number ? t("{name}, version {number}", { name: strategy.name, number }) : fallback.name} (
      <Mono>{shortHash(fallback.hash)}</Mono>)
    </>
  );
}
