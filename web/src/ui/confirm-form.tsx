/** What a dialog asks before something that counts: words, the safe button first, and why it was refused. */

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import styles from "./confirm-form.module.css";
import { Buttons } from "./dialog";

type ConfirmFormProps = {
  /** Names the form for the ear. */
  label: string;
  /** Says what is done. */
  button: string;
  ready: boolean;
  sending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
};

export function ConfirmForm({ label, button, ready, sending, error, onConfirm, onClose, children }: ConfirmFormProps) {
  return (
    <form
      className={styles.form}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !sending) onConfirm();
      }}
    >
      {children}
      {error ? (
        <p className={styles.refusal} role="alert">
          {explain(error)}
        </p>
      ) : null}
      <Buttons>
        <Button variant="default" onClick={onClose}>
          {t("Not now")}
        </Button>
        <Button type="submit" disabled={!ready} loading={sending}>
          {button}
        </Button>
      </Buttons>
    </form>
  );
}
