/** Says that the kill switch is thrown, and lets a person resume. */

import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { switchQuery } from "../lib/queries";
import { formatTime, zoneLabel } from "../lib/time";
import { Buttons, Dialog } from "../ui/dialog";
import styles from "./trading.module.css";
import { resumeTrading } from "./trading-data";

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
  const paused = data.level === "entries";
  return (
    <div className={styles.switch} role="status">
      <IconHandStop size={20} aria-hidden="true" />
      <p className={styles.switchWords}>
        <strong>{paused ? t("Entries are paused.") : t("Trading is stopped.")}</strong>{" "}
        {t(
          paused
            ? "Since {time} {zone} nothing is opened, until a person resumes; what is held may be sold."
            : "Since {time} {zone} no order goes out, until a person resumes.",
          { time: formatTime(data.changed_ts), zone: zoneLabel() },
        )}
      </p>
      <Button variant="default" onClick={() => setAsking(true)}>
        {paused ? t("Allow entries…") : t("Resume trading…")}
      </Button>
      <Dialog title={t("Let orders go out again?")} opened={asking} onClose={() => setAsking(false)}>
        <p>
          {paused
            ? t("Running deployments open positions again at their next signal.")
            : t("What was stopped stays stopped: a deployment starts again only when you approve its version anew.")}
        </p>
        {resume.isError ? (
          <p className={styles.refusal} role="alert">
            {explain(resume.error)}
          </p>
        ) : null}
        <Buttons>
          <Button variant="default" data-autofocus="" onClick={() => setAsking(false)}>
            {paused ? t("Keep them paused") : t("Keep it stopped")}
          </Button>
          <Button loading={resume.isPending} onClick={() => resume.mutate()}>
            {paused ? t("Allow entries again") : t("Resume trading")}
          </Button>
        </Buttons>
      </Dialog>
    </div>
  );
}
