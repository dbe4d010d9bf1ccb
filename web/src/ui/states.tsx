/** What a list or page shows when it has no rows to show: loading, empty, or failed. */

import { Button, CopyButton, Skeleton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError, explain } from "../lib/http";
import { t } from "../lib/message";
import styles from "./states.module.css";

/** Flashing a shape for a moment is worse than waiting for it. */
const SHAPE_AFTER_MS = 150;
const SLOW_AFTER_MS = 5_000;

/** Why there is nothing, and the one next step. */
export function EmptyState({ icon, text, action }: { icon?: ReactNode; text: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.state}>
      {icon ? (
        <span className={styles.icon} aria-hidden="true">
          {icon}
        </span>
      ) : null}
      <p className={styles.text}>{text}</p>
      {action}
    </div>
  );
}

type ErrorStateProps = {
  error: unknown;
  /** What could not be done: "The series could not be loaded." */
  what: string;
  retry?: (() => unknown) | undefined;
};

/** What failed, what the server says about it, Retry, and the log's name for it. */
export function ErrorState({ error, what, retry }: ErrorStateProps) {
  const occurrence = error instanceof ApiError ? error.occurrence : undefined;
  return (
    <div className={styles.state} role="alert">
      <span className={styles.trouble} aria-hidden="true">
        <IconAlertTriangle size={22} />
      </span>
      <p className={styles.what}>{what}</p>
      <p className={styles.text}>{explain(error)}</p>
      <div className={styles.actions}>
        {retry ? (
          <Button variant="default" onClick={() => void retry()}>
            {t("Try again")}
          </Button>
        ) : null}
        {occurrence ? (
          <CopyButton value={occurrence}>
            {({ copied, copy }) => (
              <Button variant="subtle" color="gray" onClick={copy}>
                {copied ? t("Copied") : t("Copy the log id")}
              </Button>
            )}
          </CopyButton>
        ) : null}
      </div>
    </div>
  );
}

/** Rows in their final height, so that nothing moves when they arrive. */
export function LoadingRows({ rows = 5 }: { rows?: number }) {
  const shown = useLater(SHAPE_AFTER_MS);
  const slow = useLater(SLOW_AFTER_MS);
  return (
    <div className={styles.rows} aria-busy="true">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: shapes have no identity
        <div key={index} className={styles.row}>
          {shown ? <Skeleton height={12} width={`${88 - ((index * 17) % 40)}%`} /> : null}
        </div>
      ))}
      <p className={styles.slow} role="status">
        {slow ? t("Still working on it…") : ""}
      </p>
    </div>
  );
}

function useLater(ms: number): boolean {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return due;
}
