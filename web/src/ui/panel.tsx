/** A card: a titled region with an optional row of controls; `flush` lets tables and charts reach its edges. */

import { type ReactNode, useId } from "react";
import styles from "./panel.module.css";

type PanelProps = {
  /** Regions of one page need different titles. */
  title?: string;
  /** Beside the title: a count, a switch. */
  beside?: ReactNode;
  /** At the right end: buttons, a note. */
  end?: ReactNode;
  flush?: boolean;
  /** Amber: this needs a person. */
  attention?: boolean;
  className?: string | undefined;
  children: ReactNode;
};

export function Panel({ title, beside, end, flush = false, attention = false, className, children }: PanelProps) {
  const id = useId();
  const body = <div className={flush ? styles.flush : styles.body}>{children}</div>;
  const classes = [styles.panel, attention ? styles.attention : "", className ?? ""].join(" ");
  if (!title) return <div className={classes}>{body}</div>;
  return (
    <section className={classes} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {beside}
        {end ? <div className={styles.end}>{end}</div> : null}
      </div>
      {body}
    </section>
  );
}
