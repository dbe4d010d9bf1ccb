/** Stops one deployment: what will happen, the safe button first, and the server's word before "stopped" is said. */

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { DeploymentAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Buttons, Dialog } from "../ui/dialog";
import styles from "./trading.module.css";
import { stopDeployment } from "./trading-data";

type StopOneProps = { deployment: DeploymentAnswer; opened: boolean; onClose: () => void };

export function StopOne({ deployment, opened, onClose }: StopOneProps) {
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => stopDeployment(deployment.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["deployments"] });
      onClose();
    },
  });
  const base = deployment.symbol.split("/")[0] ?? "";
  return (
    <Dialog title={t("Stop this deployment?")} opened={opened} onClose={onClose}>
      <p>
        {t(
          "It decides on no further bar and its open orders are cancelled. Its position of {position} {base} stays as it is, on paper. It does not start again by itself.",
          {
            position: formatNumber(deployment.position),
            base,
          },
        )}
      </p>
      {stop.isError ? (
        <p className={styles.refusal} role="alert">
          {explain(stop.error)}
        </p>
      ) : null}
      <Buttons>
        <Button variant="default" data-autofocus="" onClick={onClose}>
          {t("Let it run")}
        </Button>
        <Button color="orange.7" loading={stop.isPending} onClick={() => stop.mutate()}>
          {t("Stop it")}
        </Button>
      </Buttons>
    </Dialog>
  );
}
