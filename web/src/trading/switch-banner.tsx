/** Says that the kill switch is thrown, and lets a person resume. */

import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { formatTime, zoneLabel } from "../lib/time";
import { Buttons, Dialog } from "../ui/dialog";
import styles from "./trading.module.css";
import { resumeTrading, switchQuery } from "./trading-data";

export function SwitchBanner() {
  const { data } = useQuery(switchQuery);
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const resume = useMutation({
    mutationFn: resumeTrading,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: switchQuery.queryKey });
      setAsking(false);
    },
  });
  if (!data?.thrown) return null;
  return (
    <div className={styles.switch} role="status">
      <IconHandStop size={20} aria-hidden="true" />
      <p className={styles.switchWords}>
        <strong>{t("Trading is stopped.")}</strong>{" "}
        {t("Since {time} {zone} no order goes out, until a person resumes.", {
          time: formatTime(data.changed_ts),
          zone: zoneLabel(),
        })}
      </p>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t("Resume trading…")}
      </Button>
      <Dialog title={t("Let orders go out again?")} opened={asking} onClose={() => setAsking(false)}>
        <p>{t("What was stopped stays stopped: a deployment starts again only when you approve its version anew.")}</p>
        {resume.isError ? (
          <p className={styles.refusal} role="alert">
            {explain(resume.error)}
          </p>
        ) : null}
        <Buttons>
          <Button variant="default" data-autofocus="" onClick={() => setAsking(false)}>
            {t("Keep it stopped")}
          </Button>
          <Button loading={resume.isPending} onClick={() => resume.mutate()}>
            {t("Resume trading")}
          </Button>
        </Buttons>
      </Dialog>
    </div>
  );
}
