/** What the person and the model said to each other, and the next word. */

import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { explain } from "../lib/http";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Time } from "../ui/amount";
import { Panel } from "../ui/panel";
import { say } from "./run-data";
import styles from "./session.module.css";
import type { SessionState } from "./session-state";

const MAX_TEXT = 4_000;

type MessagesPanelProps = { session: string; store: LiveStore<SessionState> };

export function MessagesPanel({ session, store }: MessagesPanelProps) {
  const messages = useLiveSlow(store, (state) => state.messages);
  const cancelled = useLiveSlow(store, (state) => state.state === "cancelled");
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is what moves the list
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [messages.length]);
  return (
    <Panel title={t("Messages")} flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section ref={list} className={styles.messages} tabIndex={0} aria-label={t("What was said")}>
        {messages.length === 0 ? <p className={styles.quiet}>{t("Nothing was said yet.")}</p> : null}
        {messages.map((message) => (
          <div key={message.seq}>
            <p className={styles.who}>
              <span>{message.role === "user" ? t("You") : message.role === "omc" ? t("OMC") : t("Model")}</span>
              <Time value={message.ts} />
            </p>
            <p className={styles.message}>{message.text}</p>
          </div>
        ))}
      </section>
      {cancelled ? null : <Say session={session} />}
    </Panel>
  );
}

function Say({ session }: { session: string }) {
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim() || sending) return;
    setSending(true);
    try {
      await say(session, text.trim());
      setText("");
    } catch (error) {
      notify("bad", t("Your message was not sent"), explain(error));
    } finally {
      setSending(false);
    }
  };
  return (
    <form className={styles.say} onSubmit={(event) => void send(event)}>
      <Textarea
        label={t("Say something")}
        description={t("Read at the next step; a session at rest goes on with it.")}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={MAX_TEXT}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" size="xs" mt={8} loading={sending} disabled={!text.trim()}>
        {t("Send")}
      </Button>
    </form>
  );
}
