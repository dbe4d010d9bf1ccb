/** Changes what a session may spend; one that stopped at its cap goes on with it. */

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { labChangeCap } from "../api/generated/sdk.gen";
import type { SessionAnswer } from "../api/generated/types.gen";
import { formatDollars } from "../lib/format";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { DollarField } from "../ui/dollar-field";
import { typedCap } from "./cap-words";
import { say, sessionQuery } from "./run-data";
import styles from "./session.module.css";

type CapFormProps = {
  session: SessionAnswer;
  /** What stands in the field at first. */
  first: string;
  /** It stopped at its cap: the same press lets it go on. */
  goOn: boolean;
  onDone?: () => void;
};

export function CapForm({ session, first, goOn, onDone }: CapFormProps) {
  const client = useQueryClient();
  const [typed, setTyped] = useState(first);
  const cap = typedCap(typed);
  const change = useMutation({
    mutationFn: async (next: string) => {
      const changed = await labChangeCap({ path: { session_id: session.id }, body: { cap: next } });
      if (goOn) await say(session.id, t("The cap is {cap} now. Go on.", { cap: formatDollars(next) }));
      return changed;
    },
    onSuccess: (changed) => {
      client.setQueryData(sessionQuery(session.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["sessions"] });
      onDone?.();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (cap) change.mutate(cap);
  };
  return (
    <form className={styles.cap} aria-label={t("Cap of this session")} onSubmit={submit} noValidate>
      <DollarField label={goOn ? t("New cap") : t("Stop at")} value={typed} onChange={setTyped} />
      <Button type="submit" loading={change.isPending} disabled={!cap}>
        {goOn ? t("Raise it and go on") : t("Keep this cap")}
      </Button>
      {change.error ? (
        <p className={styles.capTrouble} role="alert">
          {explain(change.error)}
        </p>
      ) : null}
    </form>
  );
}
