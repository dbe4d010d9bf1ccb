/** Stops one deployment: what will happen, the safe button first, and the server's word before "stopped" is said. */

import { Button, Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { DeploymentAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Buttons, Dialog } from "../ui/dialog";
import styles from "./trading.module.css";
import { baseOf, stopDeployment } from "./trading-data";

type StopOneProps = { deployment: DeploymentAnswer; opened: boolean; onClose: () => void };

export function StopOne({ deployment, opened, onClose }: StopOneProps) {
  const client = useQueryClient();
  const held = deployment.holdings.filter((each) => each.position !== "0");
  const holds = held.length > 0;
  const [wanted, setWanted] = useState(false);
  const close = holds && wanted;
  const stop = useMutation({
    mutationFn: () => stopDeployment(deployment.id, close),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["deployments"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("Stop this deployment?")} opened={opened} onClose={onClose}>
      <p>
        {t(
          "It decides on no further bar and its open orders are cancelled. It holds {held} on paper, which stays as it is. It does not start again by itself.",
          {
            held:
              held.map((each) => `${formatNumber(each.position)} ${baseOf(each.symbol)}`).join(", ") ||
              `0 ${baseOf(deployment.symbol)}`,
          },
        )}
      </p>
      {holds ? (
        <Checkbox
          className={styles.choice ?? ""}
          label={held.length > 1 ? t("Sell its positions first") : t("Sell its position first")}
          description={t("At the last price known, less slippage and fee; then it has stopped.")}
          checked={wanted}
          onChange={(event) => setWanted(event.currentTarget.checked)}
        />
      ) : null}
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
          {close ? t("Stop and sell") : t("Stop it")}
        </Button>
      </Buttons>
    </Dialog>
  );
}
