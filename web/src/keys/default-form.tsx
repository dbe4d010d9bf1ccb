/** Chooses which model of a key new sessions use when nobody says otherwise. */

import { Button, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { vaultSetDefault } from "../api/generated/sdk.gen";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Form } from "../ui/form";
import type { KeyFormProps } from "./use-fresh-keys";

export function DefaultForm({ credential, onDone, onClose }: KeyFormProps) {
  const [model, setModel] = useState(credential.default_model ?? credential.models[0] ?? null);
  const save = useMutation({
    mutationFn: (chosen: string) => vaultSetDefault({ body: { credential_id: credential.id, model: chosen } }),
    onSuccess: (_, chosen) => {
      notify(
        "good",
        t("New sessions use {model}", { model: chosen }),
        t("With the key {name}.", { name: credential.name }),
      );
      onDone();
    },
  });
  return (
    <Form
      label={t("Make it the default")}
      error={save.error}
      onSubmit={() => {
        if (model) save.mutate(model);
      }}
      buttons={
        <>
          <Button variant="default" onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!model}>
            {t("Use as default")}
          </Button>
        </>
      }
    >
      <Select
        label={t("Model")}
        description={t("New sessions start with it; each can choose another.")}
        placeholder={t("Choose a model")}
        data={credential.models}
        searchable
        limit={80}
        value={model}
        nothingFoundMessage={t("This key lists no such model.")}
        onChange={setModel}
      />
    </Form>
  );
}
