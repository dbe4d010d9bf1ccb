/** The next word of the person: to a session that works, rests, or asked something. */

import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent, KeyboardEvent } from "react";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import styles from "./notes.module.css";
import { say } from "./run-data";

const MAX_TEXT = 8_000;

type SayFormProps = {
  session: string;
  /** What is written until now; kept by who shows the form, as a list lets go of what is out of sight. */
  text: string;
  onText: (text: string) => void;
  /** The step whose question this answers. */
  answers?: number;
};

export function SayForm({ session, text, onText, answers }: SayFormProps) {
  const isAnswer = answers !== undefined;
  const send = useMutation({
    mutationFn: () => say(session, text.trim(), answers),
    onSuccess: () => onText(""),
    onError: (error) => notify("bad", t("Your message was not sent"), explain(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() && !send.isPending) send.mutate();
  };
  return (
    <form
      className={isAnswer ? styles.answer : styles.say}
      aria-label={isAnswer ? t("Answer the question") : t("Say something")}
      onSubmit={submit}
    >
      <Textarea
        aria-label={isAnswer ? t("Your answer") : t("Say something")}
        placeholder={isAnswer ? t("Your answer lets it go on") : t("Say something: it is read at the next step")}
        autosize
        minRows={isAnswer ? 2 : 1}
        maxRows={6}
        maxLength={MAX_TEXT}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => sendsNow(event) && submit(event)}
      />
      <Button
        type="submit"
        variant={isAnswer ? "filled" : "default"}
        size={isAnswer ? "xs" : "sm"}
        mt={isAnswer ? 8 : 0}
        loading={send.isPending}
        disabled={!text.trim()}
      >
        {isAnswer ? t("Answer") : t("Send")}
      </Button>
    </form>
  );
}

/** Enter begins a line; with Ctrl or Command it sends. */
function sendsNow(event: KeyboardEvent): boolean {
  return event.key === "Enter" && (event.ctrlKey || event.metaKey);
}
