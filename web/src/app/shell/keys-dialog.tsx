/** The list of keys. */

import { Kbd } from "@mantine/core";
import { t } from "../../lib/message";
import { Dialog } from "../../ui/dialog";
import { PLACES } from "../nav";
import styles from "./keys-dialog.module.css";

const KEYS: readonly (readonly [string, string])[] = [
  ["Ctrl K", t("Search or run a command")],
  ["Shift Esc", t("Stop trading")],
  ["/", t("Filter this page's list; in a session: search the sessions")],
  ["j", t("Next row or step")],
  ["k", t("Previous row or step")],
  ["e", t("Save this page's table as CSV; in a session: open or close the step")],
  ["s", t("In a session: stop it, after a question")],
  ["?", t("This list")],
  ["Esc", t("Close what is open")],
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const go = PLACES.map((place) => [`g ${place.letter}`, t("Go to {page}", { page: place.label })] as const);
  return (
    <Dialog opened title={t("Keyboard")} onClose={onClose} size="lg">
      <dl className={styles.keys}>
        {[...KEYS, ...go].map(([keys, effect]) => (
          <div key={keys} className={styles.key}>
            <dt>
              {keys.split(" ").map((key) => (
                <Kbd key={key} mr={4}>
                  {key}
                </Kbd>
              ))}
            </dt>
            <dd className={styles.effect}>{effect}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>{t("Single letters can be switched off in the settings, under Appearance.")}</p>
    </Dialog>
  );
}
