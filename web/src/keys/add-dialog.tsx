/** Adds a key: the form, and when it works, what to do with it. */

import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import type { Credential, ProviderRow, Providers, SavedCredential } from "../lib/vault";
import { providersQuery } from "../lib/vault-api";
import { Buttons, Dialog } from "../ui/dialog";
import { ErrorState, LoadingRows } from "../ui/states";
import { KeyFormView } from "./key-form";
import { SavedPane } from "./saved-pane";
import { useKeyForm } from "./use-key-form";

type AddDialogProps = {
  /** A provider's id from the address, "" for any, undefined while closed. */
  add: string | undefined;
  known: readonly Credential[];
  onClose: () => void;
};

export function AddDialog({ add, known, onClose }: AddDialogProps) {
  const [saved, setSaved] = useState<SavedCredential | null>(null);
  const close = () => {
    setSaved(null);
    onClose();
  };
  return (
    <Dialog
      title={saved ? t("{name} is saved", { name: saved.credential.name }) : t("Add a provider key")}
      opened={add !== undefined}
      onClose={close}
      size="lg"
    >
      {saved ? (
        <SavedPane answer={saved} onAnother={() => setSaved(null)} onClose={close} />
      ) : (
        <Ready add={add ?? ""} known={known} onSaved={setSaved} onClose={close} />
      )}
    </Dialog>
  );
}

type ReadyProps = {
  add: string;
  known: readonly Credential[];
  onSaved: (saved: SavedCredential) => void;
  onClose: () => void;
};

function Ready(props: ReadyProps) {
  const { data, error, refetch } = useQuery(providersQuery);
  const providers = data?.items.filter((provider) => !provider.builtin);
  const first = providers?.find((provider) => provider.id === props.add) ?? providers?.[0];
  if (data && providers && first) return <Filled {...props} table={data} providers={providers} first={first} />;
  return (
    <>
      {error || providers ? (
        <ErrorState error={error} what={t("The list of providers could not be read.")} retry={refetch} />
      ) : (
        <LoadingRows rows={12} />
      )}
      <Buttons>
        <Button variant="default" onClick={props.onClose}>
          {t("Cancel")}
        </Button>
      </Buttons>
    </>
  );
}

type FilledProps = ReadyProps & { table: Providers; providers: readonly ProviderRow[]; first: ProviderRow };

function Filled({ table, providers, first, add, known, onSaved, onClose }: FilledProps) {
  const client = useQueryClient();
  const form = useKeyForm({
    table,
    first,
    chosen: first.id === add,
    known,
    onSaved: (answer, { seen }) => {
      if (seen) onSaved(answer);
      else notify("good", t("{name} is saved", { name: answer.credential.name }));
      void client.invalidateQueries({ queryKey: ["vault"] });
      void client.invalidateQueries({ queryKey: ["models"] });
    },
  });
  return <KeyFormView form={form} providers={providers} onCancel={onClose} />;
}
