/** What must be known before a report is read: what in it is stale, unverified, or lies in what the model has read. */

import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Report } from "../api/generated/types.gen";
import { plural, t } from "../lib/message";
import styles from "./report.module.css";

export function ReportNotices({ report, stale }: { report: Report; stale: boolean }) {
  return (
    <>
      {stale ? (
        <Warning>
          {t("Something before this report was changed since. It stays readable, and no longer counts.")}
        </Warning>
      ) : null}
      {report.knowledge ? <p className={styles.notice}>{report.knowledge}</p> : null}
      {report.unverified > 0 ? (
        <Warning>
          {plural(
            report.unverified,
            "{count} statement is backed by no evidence. It is marked where it stands.",
            "{count} statements are backed by no evidence. They are marked where they stand.",
          )}{" "}
          {report.claims > 0
            ? plural(
                report.claims,
                "{count} of them is a claim about performance: the strategy cannot be approved on it.",
                "{count} of them are claims about performance: the strategy cannot be approved on them.",
              )
            : null}
        </Warning>
      ) : (
        <p className={styles.dim}>
          {t("Every number below was read from stored evidence. Choose one to see it there.")}
        </p>
      )}
    </>
  );
}

function Warning({ children }: { children: ReactNode }) {
  return (
    <p className={styles.warning}>
      <IconAlertTriangle size={17} aria-hidden="true" />
      <span>{children}</span>
    </p>
  );
}
