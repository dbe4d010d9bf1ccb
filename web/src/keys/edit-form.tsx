/** Renames a key and changes its monthly budget. */

import { Button, Switch, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { vaultChangeCredential } from "../api/generated/sdk.gen";
import { typedDollars } from "../lib/dollars";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import type { CredentialChange } from "../lib/vault";
import { DollarField } from "../ui/dollar-field";
import { Form } from "../ui/form";
import type { KeyFormProps } from "./use-fresh-keys";

export function EditForm({ credential, onDone, onClose }: KeyFormProps) {
  const [name, setName] = useState(credential.name);
  const [budget, setBudget] = useState(credential.monthly_budget ?? "");
  const [free, setFree] = useState(credential.free);
  const own = credential.base_url !== null;
  const limit = typedDollars(budget);
  const save = useMutation({
    mutationFn: (body: CredentialChange) => vaultChangeCredential({ path: { credential_id: credential.id }, body }),
    onSuccess: () => {
      notify("good", t("{name} is changed", { name: name.trim() }));
      onDone();
    },
  });
  return (
    <Form
      label={t("Change a key")}
      error={save.error}
      onSubmit={() => {
        if (limit === undefined || !name.trim()) return;
        save.mutate({ name: name.trim(), monthly_budget: limit, ...(own ? { free } : {}) });
      }}
      buttons={
        <>
          <Button variant="default" onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!name.trim() || limit === undefined}>
            {t("Save")}
          </Button>
        </>
      }
    >
      <TextInput
        label={t("Name")}
        autoComplete="off"
        maxLength={80}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <DollarField
        label={t("Monthly budget")}
        description={t("A call that could pass it is not made. Empty is no cap of its own.")}
        placeholder={free ? t("Costs nothing") : t("No cap")}
        value={budget}
        onChange={setBudget}
      />
      {own ? (
        <Switch
          label={t("This server costs nothing")}
          description={t("You declare its price zero.")}
          checked={free}
          onChange={(event) => setFree(event.currentTarget.checked)}
        />
      ) : null}
    </Form>
  );
}
