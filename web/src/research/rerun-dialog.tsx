/** Change what was said, or what a tool was asked, and go on from there: what came after it becomes stale. */

import { Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { labRerun } from "../api/generated/sdk.gen";
import type { Rerun } from "../api/generated/types.gen";
import { isRecord } from "../lib/live-data";
import { t } from "../lib/message";
import { ConfirmForm } from "../ui/confirm-form";
import { Dialog } from "../ui/dialog";
import { ErrorState, LoadingRows } from "../ui/states";
import { evidenceQuery } from "./run-data";
import type { Step } from "./session-state";

const MAX_TEXT = 8_000;
const MAX_ARGUMENTS = 100_000;

/** A message of the person, by its place in the transcript; or a call of a tool. */
export type RerunOf = { position: number; text: string; step?: never } | { step: Step };

type RerunDialogProps = { session: string; of: RerunOf | null; onClose: () => void };

export function RerunDialog({ session, of, onClose }: RerunDialogProps) {
  const title = of?.step ? t("Edit and rerun from step {step}", { step: of.step.number }) : t("Edit and rerun");
  return (
    <Dialog title={title} opened={of !== null} onClose={onClose} size="lg">
      {of?.step ? <ToolForm session={session} step={of.step} onClose={onClose} /> : null}
      {of && !of.step ? <EditForm {...{ session, onClose, position: of.position, first: of.text }} /> : null}
    </Dialog>
  );
}

/** The whole arguments stand in the evidence; a card may show them shortened. */
function ToolForm({ session, step, onClose }: { session: string; step: Step; onClose: () => void }) {
  const stored = useQuery({
    ...evidenceQuery(session, step.evidence ?? 0),
    enabled: step.evidence !== undefined,
  });
  if (stored.error) return <ErrorState error={stored.error} what={t("Its arguments could not be read.")} />;
  if (step.evidence !== undefined && !stored.data) return <LoadingRows rows={4} />;
  const first = JSON.stringify(stored.data?.input ?? step.input, null, 2);
  return <EditForm session={session} step={step.number} first={first} onClose={onClose} />;
}

type EditFormProps = { session: string; position?: number; step?: number; first: string; onClose: () => void };

function EditForm({ session, position, step, first, onClose }: EditFormProps) {
  const client = useQueryClient();
  const [text, setText] = useState(first);
  const body = bodyOf(text, position, step);
  const rerun = useMutation({
    mutationFn: (body: Rerun) => labRerun({ path: { session_id: session }, body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["sessions"] });
      onClose();
    },
  });
  return (
    <ConfirmForm
      label={t("Edit and rerun")}
      button={t("Rerun from here")}
      ready={body !== null && text !== first}
      sending={rerun.isPending}
      error={rerun.error}
      onConfirm={() => body && rerun.mutate(body)}
      onClose={onClose}
    >
      <p>{t("Everything behind it becomes stale: it stays readable, is greyed, and no report may refer to it.")}</p>
      <Textarea
        label={step === undefined ? t("Your message") : t("Arguments, as JSON")}
        error={body === null && text.trim() ? t("This is not a JSON object yet.") : null}
        data-autofocus=""
        autosize
        minRows={4}
        maxRows={18}
        maxLength={step === undefined ? MAX_TEXT : MAX_ARGUMENTS}
        styles={step === undefined ? {} : { input: { fontFamily: "var(--omc-mono)", fontSize: 12.5 } }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </ConfirmForm>
  );
}

/** Null while it cannot be sent. */
function bodyOf(text: string, position: number | undefined, step: number | undefined): Rerun | null {
  if (position !== undefined) return text.trim() ? { position, text: text.trim() } : null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && step !== undefined ? { step, arguments: value as NonNullable<Rerun["arguments"]> } : null;
  } catch {
    return null;
  }
}
