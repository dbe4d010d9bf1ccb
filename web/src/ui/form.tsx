/** A form: fields under each other, what went wrong said once above the buttons and read aloud. */

import type { FormEvent, ReactNode } from "react";
import { explain } from "../lib/http";
import styles from "./form.module.css";

type FormProps = { label: string; onSubmit: () => void; error?: unknown; buttons: ReactNode; children: ReactNode };

export function Form({ label, onSubmit, error, buttons, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // In a dialog that another form opened: this one is sent, not that one.
    event.stopPropagation();
    onSubmit();
  };
  return (
    <form className={styles.form} aria-label={label} onSubmit={submit} noValidate>
      {children}
      <div className={styles.trouble} role="alert">
        {error ? explain(error) : null}
      </div>
      <div className={styles.buttons}>{buttons}</div>
    </form>
  );
}
