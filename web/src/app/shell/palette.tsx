/** Ctrl K: one field that finds pages, commands and what was made here; arrows choose, Enter goes. */

import { Modal } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { t } from "../../lib/message";
import { useFocusReturn } from "../../ui/focus-return";
import styles from "./palette.module.css";
import { type Entry, matching, useEntries } from "./palette-entries";
import type { Overlay } from "./shortcuts";

type PaletteProps = { onClose: () => void; onOpen: (overlay: Overlay) => void };

export function Palette({ onClose, onOpen }: PaletteProps) {
  useFocusReturn();
  const entries = useEntries(onOpen);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const found = useMemo(() => matching(entries, words), [entries, words]);
  const chosen = Math.min(at, found.length - 1);

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const pressed = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      Home: 0,
      End: found.length - 1,
    };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(next, found.length - 1)));
    } else if (event.key === "Enter") run(found[chosen]);
  };

  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={560}
      yOffset="12vh"
      transitionProps={{ duration: 80 }}
      classNames={{ content: styles.content ?? "" }}
    >
      <Modal.Overlay backgroundOpacity={0.6} blur={2} />
      <Modal.Content aria-label={t("Search or run a command")}>
        <div className={styles.field}>
          <IconSearch size={18} aria-hidden="true" />
          <input
            className={styles.input}
            role="combobox"
            aria-label={t("Search or run a command")}
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={found[chosen] ? `${list}-${chosen}` : undefined}
            placeholder={t("Where to, or what to do?")}
            value={words}
            data-autofocus=""
            autoComplete="off"
            onChange={(event) => {
              setWords(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={pressed}
          />
        </div>
        <div id={list} role="listbox" aria-label={t("Results")} className={styles.list}>
          {found.map((entry, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field's keys choose; the pointer is the other way
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the active option
            <div
              key={entry.id}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className={styles.entry}
              onClick={() => run(entry)}
              onMouseMove={() => setAt(index)}
            >
              <entry.icon size={18} stroke={1.7} aria-hidden="true" />
              <span className={styles.title}>{entry.title}</span>
              <span className={styles.kind}>{entry.kind}</span>
            </div>
          ))}
        </div>
        {found.length === 0 ? <p className={styles.none}>{t("Nothing is called that.")}</p> : null}
      </Modal.Content>
    </Modal.Root>
  );
}
