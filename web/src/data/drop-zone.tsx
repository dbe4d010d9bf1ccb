/** Where files are chosen; dropped they may be anywhere on the page, as beside it the browser would leave the page for them. */

import { UnstyledButton } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { t } from "../lib/message";
import styles from "./data.module.css";

type DropZoneProps = { onFiles: (files: readonly File[]) => void };

export function DropZone({ onFiles }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  const over = useDrop(onFiles);
  return (
    <>
      <UnstyledButton className={styles.drop} data-over={over || undefined} onClick={() => input.current?.click()}>
        <IconFileImport size={22} stroke={1.6} aria-hidden="true" />
        <span>
          <span className={styles.dropTitle}>{t("Drop candle files here, or choose them")}</span>
          <span className={styles.dim}>
            {t(
              "CSV or Parquet, up to 256 MiB each. Bad rows are left out and listed with their reason; the good part is kept.",
            )}
          </span>
        </span>
      </UnstyledButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".csv,.parquet,.txt,.gz"
        aria-label={t("Candle files")}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

/** Whether files hang over the page. */
function useDrop(onFiles: DropZoneProps["onFiles"]): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hover = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      onFiles([...(event.dataTransfer?.files ?? [])]);
    };
    const ending = new AbortController();
    const { signal } = ending;
    window.addEventListener("dragover", hover, { signal });
    window.addEventListener("dragleave", leave, { signal });
    window.addEventListener("drop", drop, { signal });
    return () => ending.abort();
  }, [onFiles]);
  return over;
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
