/** One's own price of a model, where no list knows it or the list is wrong for this contract. */

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { vaultChangeCredential, vaultDropPrice, vaultSetPrice } from "../api/generated/sdk.gen";
import { typedDollars } from "../lib/dollars";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { type Credential, isOwnPrice, type ModelPrice, type NewPrice } from "../lib/vault";
import { credentialsQuery } from "../lib/vault-api";
import { Dialog } from "./dialog";
import { DollarField } from "./dollar-field";
import { Form } from "./form";
import styles from "./price-dialog.module.css";

/** A model of a key; `price` null where nobody knows it. */
export type Priced = { credential_id: string | null; model: string; price: ModelPrice | null };

export function PriceDialog({ row, onClose }: { row: Priced | null; onClose: () => void }) {
  return (
    <Dialog title={t("Price of {model}", { model: row?.model ?? "" })} opened={row !== null} onClose={onClose}>
      {row?.credential_id ? <PriceForm row={row} credential={row.credential_id} onClose={onClose} /> : null}
    </Dialog>
  );
}

type PriceFormProps = { row: Priced; credential: string; onClose: () => void };

/** What is done with a price is read again wherever prices stand; then the dialog closes. */
function useDone(onClose: () => void): (title: string) => Promise<void> {
  const client = useQueryClient();
  return async (title) => {
    notify("good", title, t("It counts from the next call on; what was spent stays as it was."));
    await Promise.all(["vault", "models"].map((name) => client.invalidateQueries({ queryKey: [name] })));
    onClose();
  };
}

function PriceForm({ row, credential, onClose }: PriceFormProps) {
  const done = useDone(onClose);
  const key = useQuery(credentialsQuery).data?.find((each) => each.id === credential);
  const [input, setInput] = useState(row.price?.input ?? "");
  const [output, setOutput] = useState(row.price?.output ?? "");
  const [cached, setCached] = useState(row.price?.cache_read ?? "");
  const [written, setWritten] = useState(row.price?.cache_write ?? "");
  const price = read({ credential, model: row.model, input, output, cached, written });
  const save = useMutation({
    mutationFn: (body: NewPrice) => vaultSetPrice({ body }),
    onSuccess: () => done(t("The price of {model} is kept", { model: row.model })),
  });
  const drop = useMutation({
    mutationFn: () => vaultDropPrice({ query: { credential_id: credential, model: row.model } }),
    onSuccess: () => done(t("{model} is back to its list price", { model: row.model })),
  });
  return (
    <Form
      label={t("Price of a model")}
      error={save.error ?? drop.error}
      onSubmit={() => {
        if (price) save.mutate(price);
      }}
      buttons={
        <>
          {isOwnPrice(row.price) ? (
            <Button variant="subtle" loading={drop.isPending} onClick={() => drop.mutate()}>
              {t("Use the list price")}
            </Button>
          ) : null}
          <Button variant="default" onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!price}>
            {t("Keep this price")}
          </Button>
        </>
      }
    >
      <p className={styles.dim}>{t("US dollars per million tokens, as your contract or the provider's page says.")}</p>
      <div className={styles.prices}>
        <DollarField label={t("Input")} value={input} onChange={setInput} />
        <DollarField label={t("Output")} value={output} onChange={setOutput} />
        <DollarField label={t("Cached input")} placeholder={t("Like input")} value={cached} onChange={setCached} />
        <DollarField label={t("Cache write")} placeholder={t("Like input")} value={written} onChange={setWritten} />
      </div>
      {key?.base_url && !key.free ? <OwnServer credential={key} done={done} /> : null}
    </Form>
  );
}

/** A server at an address of one's own may cost nothing: then no price needs to be known. */
function OwnServer({ credential, done }: { credential: Credential; done: (title: string) => Promise<void> }) {
  const declare = useMutation({
    mutationFn: () => vaultChangeCredential({ path: { credential_id: credential.id }, body: { free: true } }),
    onSuccess: () => done(t("{name} is declared free", { name: credential.name })),
    onError: (error) => notify("bad", t("The server was not declared free"), explain(error)),
  });
  return (
    <div className={styles.own}>
      <p className={styles.dim}>
        {t("{name} calls a server of your own. If it costs nothing, declare it free: that holds for all its models.", {
          name: credential.name,
        })}
      </p>
      <Button variant="default" size="xs" loading={declare.isPending} onClick={() => declare.mutate()}>
        {t("Declare it free")}
      </Button>
    </div>
  );
}

type Typed = { credential: string; model: string; input: string; output: string; cached: string; written: string };

function read({ credential, model, ...typed }: Typed): NewPrice | null {
  const input = typedDollars(typed.input);
  const output = typedDollars(typed.output);
  const cache_read = typedDollars(typed.cached);
  const cache_write = typedDollars(typed.written);
  if (!input || !output || cache_read === undefined || cache_write === undefined) return null;
  return { credential_id: credential, model, input, output, cache_read, cache_write };
}
