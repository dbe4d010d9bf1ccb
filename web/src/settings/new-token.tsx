/** Makes an API token and shows it for the only time. */

import { Button, Checkbox, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { identityCreateToken } from "../api/generated/sdk.gen";
import type { NewToken, Scope } from "../api/generated/types.gen";
import { plural, t } from "../lib/message";
import { meQuery } from "../lib/queries";
import { Dialog } from "../ui/dialog";
import { Form } from "../ui/form";
import { SCOPES, scopeWords } from "./scopes";
import styles from "./settings.module.css";
import { ShownOnce } from "./shown-once";

const LIVES = [7, 30, 90, 180, 366];
const USUAL_LIFE = 90;

export function NewTokenDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [made, setMade] = useState<NewToken | null>(null);
  const [warned, setWarned] = useState(false);
  const forget = () => {
    setMade(null);
    setWarned(false);
    onClose();
  };
  // A token lost to a stray Escape would have to be made again: the first one only warns.
  const leave = () => (made && !warned ? setWarned(true) : forget());
  return (
    <Dialog title={made ? t("Keep this token now") : t("New API token")} opened={opened} onClose={leave} size="lg">
      {made ? (
        <ShownOnce token={made} warned={warned} onDone={forget} />
      ) : (
        <TokenForm onMade={setMade} onCancel={forget} />
      )}
    </Dialog>
  );
}

function TokenForm({ onMade, onCancel }: { onMade: (token: NewToken) => void; onCancel: () => void }) {
  const client = useQueryClient();
  const { data: me } = useSuspenseQuery(meQuery);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  const [days, setDays] = useState(String(USUAL_LIFE));
  const make = useMutation({
    mutationFn: () =>
      identityCreateToken({ body: { name: name.trim(), scopes: scopes as Scope[], life_days: Number(days) } }),
    // Kept by this dialog alone, not by the page's memory of answers.
    gcTime: 0,
    onSuccess: async (token) => {
      onMade(token);
      await client.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  return (
    <Form
      label={t("New API token")}
      onSubmit={() => make.mutate()}
      error={make.error}
      buttons={
        <>
          <Button variant="default" onClick={onCancel}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={make.isPending} disabled={!name.trim() || scopes.length === 0}>
            {t("Make the token")}
          </Button>
        </>
      }
    >
      <TextInput
        label={t("Name")}
        description={t("Which program will use it, so that you know what you revoke.")}
        placeholder={t("notebook")}
        autoComplete="off"
        maxLength={100}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox.Group label={t("It may")} value={scopes} onChange={setScopes}>
        <div className={styles.scopes}>
          {SCOPES.filter((scope) => me.scopes.includes(scope)).map((scope) => (
            <Checkbox key={scope} value={scope} label={scopeWords(scope).title} description={scopeWords(scope).told} />
          ))}
        </div>
      </Checkbox.Group>
      <Select
        label={t("It expires after")}
        data={LIVES.map((life) => ({ value: String(life), label: plural(life, "{count} day", "{count} days") }))}
        value={days}
        onChange={(life) => setDays(life ?? String(USUAL_LIFE))}
      />
    </Form>
  );
}
