/** The frame of a screen: its title, what it is for, its actions; the title is also the window's. */

import { type ReactNode, useEffect } from "react";
import styles from "./page.module.css";

type PageProps = {
  title: string;
  /** State pills and other short facts beside the title. */
  facts?: ReactNode;
  /** One sentence: what this page is for. */
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
};

export function Page({ title, facts, lead, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · OMC`;
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <div className={styles.words}>
          <div className={styles.title}>
            <h1 className={styles.heading}>{title}</h1>
            {facts}
          </div>
          {lead ? <p className={styles.lead}>{lead}</p> : null}
        </div>
        {actions ? <div className={styles.actions}>{actions}</div> : null}
      </div>
      {children}
    </div>
  );
}
