/** The words offered at the caret; the text area keeps the focus and names the active one. */

import type { CSSProperties } from "react";
import { plural, t } from "../lib/message";
import styles from "./editor.module.css";
import type { Completion } from "./use-completion";

type SuggestionsListProps = { id: string; completion: Completion; style?: CSSProperties };

export function SuggestionsList({ id, completion, style }: SuggestionsListProps) {
  const { offers, active, choose } = completion;
  return (
    <>
      {offers.length > 0 ? (
        <div id={id} role="listbox" aria-label={t("Words to go on with")} className={styles.offers} style={style}>
          {offers.map((one, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the text area's
            <div
              key={one.usage}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              className={styles.offer}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(one)}
            >
              <span className={styles.usage}>{one.usage}</span>
              <span className={styles.meaning}>{one.meaning}</span>
            </div>
          ))}
        </div>
      ) : null}
      <span className={styles.unseen} role="status">
        {offers.length > 0
          ? plural(
              offers.length,
              "{count} word to go on with, Enter takes it",
              "{count} words to go on with; arrows choose, Enter takes",
            )
          : ""}
      </span>
    </>
  );
}

/** What a text area says of its list. */
export function offering(id: string, { offers, active }: Completion) {
  const open = offers.length > 0;
  return {
    "aria-autocomplete": "list" as const,
    "aria-controls": open ? id : undefined,
    "aria-activedescendant": open ? `${id}-${active}` : undefined,
  };
}
