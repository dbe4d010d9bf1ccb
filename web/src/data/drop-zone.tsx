/** Where files are dropped or chosen. */

import { UnstyledButton } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { type DragEvent, useRef, useState } from "react";
import { t } from "../lib/message";
import styles from "./data.module.css";

export function DropZone({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  return (
    <>
      <UnstyledButton
        className={styles.drop}
        data-over={over || undefined}
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
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
