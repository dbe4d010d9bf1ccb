/** JSON as stored: shown up to a size that a page can bear, downloadable whole. */

import { Button } from "@mantine/core";
import { useMemo } from "react";
import { t } from "../lib/message";
import styles from "./raw-json.module.css";

const MAX_SHOWN = 64 * 1_024;

export function RawJson({ title, name, value }: { title: string; name: string; value: unknown }) {
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? "null", [value]);
  const cut = text.length > MAX_SHOWN;
  return (
    <div className={styles.block}>
      <div className={styles.head}>
        <span>{title}</span>
        <Button variant="subtle" size="compact-xs" onClick={() => save(name, text)}>
          {t("Download {title}", { title: title.toLowerCase() })}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <pre className={styles.code} tabIndex={0}>
        {cut ? text.slice(0, MAX_SHOWN) : text}
      </pre>
      {cut ? <p className={styles.note}>{t("The first 64 KB are shown; the download has all.")}</p> : null}
    </div>
  );
}

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${name}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
