/** What a dialog asks before something that counts: words, the safe button first, and why it was refused. */

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import { Form } from "./form";

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
    <Form
      label={label}
      onSubmit={() => ready && !sending && onConfirm()}
      error={error}
      buttons={
        <>
          <Button variant="default" onClick={onClose}>
            {t("Not now")}
          </Button>
          <Button type="submit" disabled={!ready} loading={sending}>
            {button}
          </Button>
        </>
      }
    >
      {children}
    </Form>
  );
}
