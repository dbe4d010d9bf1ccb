/** A fresh token: the server keeps only a fingerprint of it, so this is the one moment to copy it. */

import { Button, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import type { NewToken } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import { Buttons } from "../ui/dialog";
import styles from "./settings.module.css";

type ShownOnceProps = { token: NewToken; warned: boolean; onDone: () => void };

export function ShownOnce({ token, warned, onDone }: ShownOnceProps) {
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const copy = () =>
    Promise.resolve()
      .then(() => navigator.clipboard.writeText(token.token))
      .then(() => setCopied("yes"))
      .catch(() => setCopied("refused"));
  const Icon = copied === "yes" ? IconCheck : IconCopy;
  return (
    <div className={styles.once}>
      <p>
        {t("This is the only time “{name}” is shown; nobody can read it again. It expires on {day}.", {
          name: token.name,
          day: formatTime(token.expires_at, "day"),
        })}
      </p>
      <TextInput
        label={t("Token")}
        classNames={{ input: styles.token ?? "" }}
        value={token.token}
        readOnly
        autoComplete="off"
        onFocus={(event) => event.currentTarget.select()}
      />
      <p className={styles.dim}>
        {t("Send it with each request, as the header:")} <code>Authorization: Bearer omc_…</code>
      </p>
      <p role="status" className={styles.said}>
        {copied === "yes" ? t("Copied.") : null}
        {copied === "refused" ? t("Your browser keeps the clipboard closed: select the token and copy it.") : null}
        {warned && copied !== "yes" ? ` ${t("Not kept yet? Copy it first; once closed, it is gone.")}` : null}
      </p>
      <Buttons>
        <Button variant="default" onClick={onDone}>
          {t("I have kept it")}
        </Button>
        <Button data-autofocus leftSection={<Icon size={16} aria-hidden="true" />} onClick={() => void copy()}>
          {t("Copy the token")}
        </Button>
      </Buttons>
    </div>
  );
}
