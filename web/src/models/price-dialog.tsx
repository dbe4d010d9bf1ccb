/** One's own price of a model, where no list knows it or the list is wrong for this contract. */

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { vaultDropPrice, vaultSetPrice } from "../api/generated/sdk.gen";
import { typedDollars } from "../lib/dollars";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import type { ComparedModel, NewPrice } from "../lib/vault";
import { Dialog } from "../ui/dialog";
import { DollarField } from "../ui/dollar-field";
import { Form } from "../ui/form";
import { isOwnPrice, modelKey } from "./model-words";
import styles from "./models.module.css";

export function PriceDialog({ row, onClose }: { row: ComparedModel | null; onClose: () => void }) {
  return (
    <Dialog title={t("Price of {model}", { model: row?.model ?? "" })} opened={row !== null} onClose={onClose}>
      {row?.credential_id ? (
        <PriceForm key={modelKey(row)} row={row} credential={row.credential_id} onClose={onClose} />
      ) : null}
    </Dialog>
  );
}

type PriceFormProps = { row: ComparedModel; credential: string; onClose: () => void };

function PriceForm({ row, credential, onClose }: PriceFormProps) {
  const client = useQueryClient();
  const [input, setInput] = useState(row.price?.input ?? "");
  const [output, setOutput] = useState(row.price?.output ?? "");
  const [cached, setCached] = useState(row.price?.cache_read ?? "");
  const [written, setWritten] = useState(row.price?.cache_write ?? "");
  const price = read({ credential, model: row.model, input, output, cached, written });
  const done = async (title: string) => {
    notify("good", title, t("It counts from the next call on; what was spent stays as it was."));
    await client.invalidateQueries({ queryKey: ["vault"] });
    onClose();
  };
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
    </Form>
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
