/** The corner where notices appear. */

import { CloseButton } from "@mantine/core";
import { t } from "../lib/message";
import { dismiss, useNotices } from "../lib/notices";
import styles from "./notices.module.css";

export function Notices() {
  const notices = useNotices();
  return (
    <section className={styles.corner} aria-label={t("Notices")} aria-live="polite">
      {notices.map((notice) => (
        <div key={notice.id} className={styles.notice} data-tone={notice.tone}>
          <div className={styles.words}>
            <p className={styles.title}>{notice.title}</p>
            {notice.text ? <p className={styles.text}>{notice.text}</p> : null}
          </div>
          <CloseButton
            aria-label={t("Close the notice: {title}", { title: notice.title })}
            onClick={() => dismiss(notice.id)}
          />
        </div>
      ))}
    </section>
  );
}
