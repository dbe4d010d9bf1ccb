/** A second session that knows what this one knew behind a step, and goes another way from there. */

import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { labFork } from "../api/generated/sdk.gen";
import { t } from "../lib/message";
import { ConfirmForm } from "../ui/confirm-form";
import { Dialog } from "../ui/dialog";
import { newKey } from "./key";

const MAX_TEXT = 8_000;

export function ForkButton({ session, step }: { session: string; step: number }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setAsking(true)}>
        {t("Fork from here")}
      </Button>
      <ForkDialog session={session} step={step} opened={asking} onClose={() => setAsking(false)} />
    </>
  );
}

type ForkDialogProps = { session: string; step?: number; opened: boolean; onClose: () => void };

export function ForkDialog({ session, step, opened, onClose }: ForkDialogProps) {
  return (
    <Dialog title={t("Fork this session")} opened={opened} onClose={onClose}>
      <ForkForm session={session} onClose={onClose} {...(step === undefined ? {} : { step })} />
    </Dialog>
  );
}

function ForkForm({ session, step, onClose }: Omit<ForkDialogProps, "opened">) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  /** However often the button is pressed, one fork is made. */
  const key = useRef(newKey());
  const fork = useMutation({
    mutationFn: () => {
      const body = { ...(step === undefined ? {} : { step }), ...(text.trim() ? { text: text.trim() } : {}) };
      return labFork({ path: { session_id: session }, body, headers: { "Idempotency-Key": key.current } });
    },
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["sessions"] });
      onClose();
      await navigate({ to: "/research/$session", params: { session: id } });
    },
  });
  return (
    <ConfirmForm
      label={t("Fork this session")}
      button={t("Make the fork")}
      ready
      sending={fork.isPending}
      error={fork.error}
      onConfirm={() => fork.mutate()}
      onClose={onClose}
    >
      <p>
        {step === undefined
          ? t("A new session begins with all that this one knows. This one stays as it is.")
          : t("A new session begins with what this one knew behind step {step}. This one stays as it is.", { step })}
      </p>
      <Textarea
        label={t("What to do there")}
        description={t("Without a word the fork waits, paused, until you resume it or say something.")}
        data-autofocus=""
        autosize
        minRows={2}
        maxRows={8}
        maxLength={MAX_TEXT}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </ConfirmForm>
  );
}
