/** The frame of pages outside the shell: brand, one card, nothing else to press. */

import { type ReactNode, useEffect } from "react";
import { t } from "../lib/message";
import styles from "./gate.module.css";

type GateProps = { title: string; lead?: ReactNode; wide?: boolean; children: ReactNode };

export function Gate({ title, lead, wide = false, children }: GateProps) {
  useEffect(() => {
    document.title = `${title} · OMC`;
  }, [title]);
  return (
    <div className={styles.gate}>
      <header className={styles.brand}>
        <img src="/mark.svg" width={32} height={32} alt="" />
        <span>OMC</span>
      </header>
      <main className={styles.card} data-wide={wide || undefined}>
        <h1 className={styles.title}>{title}</h1>
        {lead ? <p className={styles.lead}>{lead}</p> : null}
        {children}
      </main>
      <footer className={styles.foot}>{t("Runs on your machine. Your keys and your data stay here.")}</footer>
    </div>
  );
}
