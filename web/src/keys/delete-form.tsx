/** Asks before a key is erased: which sessions would stop, and whether another key shall take them over. */

import { Button, Radio } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { labRemoveCredential } from "../api/generated/sdk.gen";
import type { FallbackChoice } from "../api/generated/types.gen";
import { choiceOf } from "../lib/choices";
import { explain } from "../lib/http";
import { plural, t } from "../lib/message";
import { notify } from "../lib/notices";
import type { UnderWay } from "../lib/vault";
import { choicesQuery, sessionsOfKey } from "../lib/vault-api";
import { Buttons } from "../ui/dialog";
import { ModelSelect } from "../ui/model-select";
import { ErrorState, LoadingRows } from "../ui/states";
import styles from "./keys.module.css";
import type { KeyFormProps } from "./use-fresh-keys";

type Fate = "end" | "move";

export function DeleteForm({ credential, onDone, onClose }: KeyFormProps) {
  const client = useQueryClient();
  const { data: sessions, error, refetch } = useQuery(sessionsOfKey(credential.id));
  const [fate, setFate] = useState<Fate>("end");
  const [heir, setHeir] = useState<string | null>(null);
  const choices = (useQuery(choicesQuery).data ?? []).filter(
    (choice) => choice.credential_id !== null && choice.credential_id !== credential.id,
  );
  const chosen = choiceOf(choices, heir);
  const remove = useMutation({
    mutationFn: (to: FallbackChoice | null) =>
      labRemoveCredential({ path: { credential_id: credential.id }, body: { reassign: to } }),
    onSuccess: ({ ended, moved }) => {
      notify("good", t("{name} is deleted", { name: credential.name }), aftermath(ended.length, moved.length));
      void client.invalidateQueries({ queryKey: ["sessions"] });
      onDone();
    },
  });
  const moving = fate === "move" && (sessions?.length ?? 0) > 0;
  const submit = () => {
    const to = moving && chosen?.credential_id ? { credential_id: chosen.credential_id, model: chosen.id } : null;
    remove.mutate(to);
  };
  if (error)
    return <ErrorState error={error} what={t("The sessions of this key could not be read.")} retry={refetch} />;
  if (!sessions) return <LoadingRows rows={4} />;
  return (
    <div className={styles.form}>
      <p>
        {t("The key {hint} is erased at once and cannot be brought back. Reports, transcripts and bills stay.", {
          hint: credential.hint || credential.name,
        })}
      </p>
      {sessions.length > 0 ? (
        <>
          <SessionList sessions={sessions} />
          <Radio.Group label={t("What shall become of them?")} value={fate} onChange={(next) => setFate(next as Fate)}>
            <div className={styles.radios}>
              <Radio value="end" label={t("End them")} description={t("Their steps and evidence are kept.")} />
              <Radio
                value="move"
                label={t("Go on with another key")}
                description={choices.length > 0 ? t("From their next step on.") : t("There is no other key yet.")}
                disabled={choices.length === 0}
              />
            </div>
          </Radio.Group>
          {moving ? <ModelSelect label={t("Go on with")} choices={choices} value={heir} onChange={setHeir} /> : null}
        </>
      ) : (
        <p className={styles.dim}>{t("No session uses it now.")}</p>
      )}
      <div className={styles.refusal} role="alert">
        {remove.error ? explain(remove.error) : null}
      </div>
      <Buttons>
        <Button variant="default" data-autofocus onClick={onClose}>
          {t("Keep it")}
        </Button>
        <Button color="orange.7" loading={remove.isPending} disabled={moving && !chosen} onClick={submit}>
          {deleteWords(sessions.length, moving)}
        </Button>
      </Buttons>
    </div>
  );
}

function SessionList({ sessions }: { sessions: readonly UnderWay[] }) {
  return (
    <div>
      <p className={styles.strong}>
        {plural(sessions.length, "{count} session uses it now", "{count} sessions use it now")}
      </p>
      <ul className={styles.sessions}>
        {sessions.map((session) => (
          <li key={session.id}>{session.goal}</li>
        ))}
      </ul>
    </div>
  );
}

function deleteWords(count: number, moving: boolean): string {
  if (count === 0) return t("Delete the key");
  if (moving) return plural(count, "Move {count} session and delete", "Move {count} sessions and delete");
  return plural(count, "End {count} session and delete", "End {count} sessions and delete");
}

function aftermath(ended: number, moved: number): string {
  if (moved > 0)
    return plural(moved, "{count} session goes on with another key.", "{count} sessions go on with another key.");
  if (ended > 0) return plural(ended, "{count} session was ended.", "{count} sessions were ended.");
  return t("No session used it.");
}
