/** What the person and the model said to each other, and the next word. */

import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { explain } from "../lib/http";
import { useLive, useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Time } from "../ui/amount";
import { Panel } from "../ui/panel";
import { say } from "./run-data";
import { Said } from "./said";
import styles from "./session.module.css";
import type { SessionState } from "./session-state";

const MAX_TEXT = 4_000;
/** Who has scrolled further up than this reads, and is left alone. */
const NEAR_END_PX = 80;

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
        {messages.length === 0 ? <Nothing store={store} /> : null}
        {messages.map((message) => (
          <div key={message.seq}>
            <p className={styles.who}>
              <span>{message.role === "user" ? t("You") : message.role === "omc" ? t("OMC") : t("Model")}</span>
              <Time value={message.ts} />
            </p>
            <p className={styles.message}>{message.text}</p>
          </div>
        ))}
        <Speaking store={store} list={list} />
      </section>
      {cancelled ? null : <Say session={session} />}
    </Panel>
  );
}

function Nothing({ store }: { store: LiveStore<SessionState> }) {
  const speaking = useLive(store, (state) => state.words !== null);
  return speaking ? null : <p className={styles.quiet}>{t("Nothing was said yet.")}</p>;
}

type SpeakingProps = { store: LiveStore<SessionState>; list: React.RefObject<HTMLDivElement | null> };

/** What the model says now; the step that ends with it puts its message in this place. */
function Speaking({ store, list }: SpeakingProps) {
  const words = useLive(store, (state) => state.words);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new words are what moves the list
  useEffect(() => {
    const element = list.current;
    const near = element && element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    if (element && near) element.scrollTop = element.scrollHeight;
  }, [words]);
  return words ? <Said words={words} /> : null;
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
