/** The last question before a seal is broken: research reads the stretch again, and the record says so for ever. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { engineBreakSeal } from "../api/generated/sdk.gen";
import type { ExamAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { formatTime } from "../lib/time";
import { ConfirmForm } from "../ui/confirm-form";
import { Dialog } from "../ui/dialog";
import { isReason, ReasonField } from "../ui/reason-field";

export function BreakDialog({ exam, onClose }: { exam: ExamAnswer; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const day = formatTime(exam.span.start, "day");
  const breaking = useMutation({
    mutationFn: () => engineBreakSeal({ path: { exam_id: exam.id }, body: { reason: reason.trim() } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["backtests", "exams"] });
      notify("good", t("The seal is broken"), t("Research may read the bars from {day} on again.", { day }));
      onClose();
    },
  });
  return (
    <Dialog title={t("Break the seal?")} opened onClose={onClose}>
      <ConfirmForm
        label={t("Break the seal")}
        button={t("Break it, recorded for ever")}
        ready={isReason(reason)}
        sending={breaking.isPending}
        error={breaking.error}
        onConfirm={() => breaking.mutate()}
        onClose={onClose}
      >
        <p>
          {t(
            "Everybody's research, yours and an agent's, reads the bars from {day} on again, but for those that another seal covers. From now on every try on this exam is marked as repeated, and no verdict with it is a pass.",
            { day },
          )}
        </p>
        <p>{t("It is recorded for ever who broke it, when and why. It cannot be undone.")}</p>
        <ReasonField label={t("Why it is to be broken")} value={reason} onChange={setReason} isFirst />
      </ConfirmForm>
    </Dialog>
  );
}
