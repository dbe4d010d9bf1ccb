/** Asks the same question several times over: whether the answers agree says how far one of them can be trusted. */

import { NumberInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { labRepeat } from "../api/generated/sdk.gen";
import type { SessionAnswer } from "../api/generated/types.gen";
import { typedDollars } from "../lib/dollars";
import { t } from "../lib/message";
import { ConfirmForm } from "../ui/confirm-form";
import { Dialog } from "../ui/dialog";
import { DollarField } from "../ui/dollar-field";
import { stabilityQuery } from "./run-data";

const FIRST_N = 3;
const MAX_N = 20;

type RepeatDialogProps = { session: SessionAnswer; opened: boolean; onClose: () => void };

export function RepeatDialog({ session, opened, onClose }: RepeatDialogProps) {
  return (
    <Dialog title={t("Repeat the question")} opened={opened} onClose={onClose}>
      <RepeatForm session={session} onClose={onClose} />
    </Dialog>
  );
}

function RepeatForm({ session, onClose }: Omit<RepeatDialogProps, "opened">) {
  const client = useQueryClient();
  const [n, setN] = useState<number | string>(FIRST_N);
  const [typed, setTyped] = useState("");
  const cap = typedDollars(typed);
  const repeat = useMutation({
    mutationFn: () => labRepeat({ path: { session_id: session.id }, body: { n: Number(n), ...(cap ? { cap } : {}) } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: stabilityQuery(session.id).queryKey });
      onClose();
    },
  });
  return (
    <ConfirmForm
      label={t("Repeat the question")}
      button={t("Ask it again")}
      ready={Number(n) >= 1 && cap !== undefined}
      sending={repeat.isPending}
      error={repeat.error}
      onConfirm={() => repeat.mutate()}
      onClose={onClose}
    >
      <p>
        {t(
          "The same question, model and data, each time in a session of its own. How far they agree is shown beside the steps, and on the card to approve.",
        )}
      </p>
      <NumberInput label={t("How many times")} min={1} max={MAX_N} value={n} onChange={setN} data-autofocus="" />
      {session.credential_id === null ? null : (
        <DollarField label={t("Stop all of them at")} value={typed} onChange={setTyped} />
      )}
    </ConfirmForm>
  );
}
