/** Asks for words before something is sent: why a version is denied, what the session should answer. */

import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Buttons, Dialog } from "../ui/dialog";
import styles from "./approval.module.css";

const MAX_CHARACTERS = 1_000;

type WordsDialogProps = {
  title: string;
  /** What will happen. */
  children: ReactNode;
  label: string;
  placeholder?: string;
  needed?: boolean;
  button: string;
  tone?: "orange.7";
  send: (words: string) => Promise<unknown>;
  onClose: () => void;
};

export function WordsDialog(props: WordsDialogProps) {
  const [words, setWords] = useState("");
  const sending = useMutation({ mutationFn: () => props.send(words.trim()) });
  const empty = props.needed && words.trim() === "";
  return (
    <Dialog title={props.title} opened onClose={props.onClose}>
      <form
        className={styles.confirm}
        aria-label={props.title}
        onSubmit={(event) => {
          event.preventDefault();
          if (!empty) sending.mutate();
        }}
      >
        <div>{props.children}</div>
        <Textarea
          label={props.label}
          placeholder={props.placeholder ?? ""}
          autosize
          minRows={3}
          maxRows={8}
          maxLength={MAX_CHARACTERS}
          data-autofocus=""
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        {sending.isError ? (
          <p className={styles.refusal} role="alert">
            {explain(sending.error)}
          </p>
        ) : null}
        <Buttons>
          <Button variant="default" onClick={props.onClose}>
            {t("Not now")}
          </Button>
          <Button
            type="submit"
            {...(props.tone ? { color: props.tone } : {})}
            disabled={empty ?? false}
            loading={sending.isPending}
          >
            {props.button}
          </Button>
        </Buttons>
      </form>
    </Dialog>
  );
}
