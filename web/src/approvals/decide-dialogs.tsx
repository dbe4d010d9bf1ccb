/** The two answers short of an approval: deny, with a reason if one likes, and a question back to the session. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { VersionAnswer } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Mono } from "../ui/amount";
import { askSession, deny } from "./approval-data";
import { WordsDialog } from "./words-dialog";

type DialogProps = { version: VersionAnswer; onClose: () => void };

export function DenyDialog({ version, onClose }: DialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const send = async (reason: string) => {
    await deny(version, reason).finally(() => client.invalidateQueries({ queryKey: ["strategies"] }));
    notify("info", t("Denied"), t("It cannot trade until a person opens it again."));
    await navigate({ to: "/approvals" });
  };
  return (
    <WordsDialog
      title={t("Deny this version?")}
      label={t("Why (optional)")}
      placeholder={t("For whoever reads the decision later.")}
      button={t("Deny")}
      tone="orange.7"
      send={send}
      onClose={onClose}
    >
      <p>
        {t("{name}, version {number}, with the document", { name: version.name, number: version.number })}{" "}
        <Mono>{shortHash(version.hash)}</Mono>{" "}
        {t("cannot be approved until a person opens it again. Your name and the reason go to the audit trail.")}
      </p>
    </WordsDialog>
  );
}

export function AskDialog({ version, session, onClose }: DialogProps & { session: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const send = async (words: string) => {
    await askSession(session, version, words);
    await client.invalidateQueries({ queryKey: ["sessions"] });
    await navigate({ to: "/research/$session", params: { session } });
  };
  return (
    <WordsDialog
      title={t("Ask the session")}
      label={t("Your question")}
      needed
      button={t("Send the question")}
      send={send}
      onClose={onClose}
    >
      <p>{t("It answers in its next turn, within its budget. Nothing is decided: the proposal goes on waiting.")}</p>
    </WordsDialog>
  );
}
