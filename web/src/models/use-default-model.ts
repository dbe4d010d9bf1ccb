/** Makes a model the one that new sessions start with. */

import { useQueryClient } from "@tanstack/react-query";
import { vaultSetDefault } from "../api/generated/sdk.gen";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import type { ComparedModel } from "../lib/vault";

export function useDefaultModel(): (row: ComparedModel) => void {
  const client = useQueryClient();
  return (row) => {
    vaultSetDefault({ body: { credential_id: row.credential_id, model: row.model } })
      .then(() => {
        notify("good", t("New sessions use {model}", { model: row.model }));
        void client.invalidateQueries({ queryKey: ["vault"] });
        void client.invalidateQueries({ queryKey: ["models"] });
      })
      .catch((error: unknown) => notify("bad", t("The default was not changed"), explain(error)));
  };
}
