/** A name of the person's own for a session; without one it is called by its question. */

import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { labRename } from "../api/generated/sdk.gen";
import type { SessionAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { ConfirmForm } from "../ui/confirm-form";
import { Dialog } from "../ui/dialog";
import { sessionQuery } from "./run-data";

const MAX_TITLE = 200;

type RenameDialogProps = { session: SessionAnswer; opened: boolean; onClose: () => void };

export function RenameDialog({ session, opened, onClose }: RenameDialogProps) {
  return (
    <Dialog title={t("Rename this session")} opened={opened} onClose={onClose} size="sm">
      <RenameForm session={session} onClose={onClose} />
    </Dialog>
  );
}

function RenameForm({ session, onClose }: Omit<RenameDialogProps, "opened">) {
  const client = useQueryClient();
  const [title, setTitle] = useState(session.title ?? "");
  const rename = useMutation({
    mutationFn: () => labRename({ path: { session_id: session.id }, body: { title: title.trim() || null } }),
    onSuccess: (changed) => {
      client.setQueryData(sessionQuery(session.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["sessions"] });
      onClose();
    },
  });
  return (
    <ConfirmForm
      label={t("Rename this session")}
      button={t("Keep this name")}
      ready
      sending={rename.isPending}
      error={rename.error}
      onConfirm={() => rename.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t("Name")}
        description={t("Left empty, it is called by its question again.")}
        data-autofocus=""
        maxLength={MAX_TITLE}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
    </ConfirmForm>
  );
}
