/** Asks before a token is made worthless. */

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { identityRevokeToken } from "../api/generated/sdk.gen";
import type { TokenAnswer } from "../api/generated/types.gen";
import { ApiError, explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Buttons, Dialog } from "../ui/dialog";
import styles from "./settings.module.css";

export function RevokeDialog({ token, onClose }: { token: TokenAnswer | null; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (gone: TokenAnswer) => identityRevokeToken({ path: { token_id: gone.id } }).catch(forgiveGone),
    onSuccess: async (_, gone) => {
      close();
      notify("good", t("{name} is revoked", { name: gone.name }), t("Whatever used it is refused from now on."));
      await client.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  const close = () => {
    revoke.reset();
    onClose();
  };
  return (
    <Dialog title={t("Revoke this token?")} opened={token !== null} onClose={close}>
      <p>
        {t("Programs that use “{name}” (omc_…{hint}) are refused at once. This cannot be undone.", {
          name: token?.name ?? "",
          hint: token?.hint ?? "",
        })}
      </p>
      <div className={styles.trouble} role="alert">
        {revoke.error ? explain(revoke.error) : null}
      </div>
      <Buttons>
        <Button variant="default" data-autofocus onClick={close}>
          {t("Keep it")}
        </Button>
        <Button
          color="orange.7"
          loading={revoke.isPending}
          onClick={() => {
            if (token) revoke.mutate(token);
          }}
        >
          {t("Revoke")}
        </Button>
      </Buttons>
    </Dialog>
  );
}

/** Revoked already, perhaps in another tab: what was wanted is so. */
function forgiveGone(error: unknown): void {
  if (!(error instanceof ApiError) || error.code !== "no_such_token") throw error;
}
