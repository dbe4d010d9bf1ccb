/** The document as a form; it writes the same text that the other view shows. */

import { Button } from "@mantine/core";
import { t } from "../lib/message";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import type { Suggestion } from "./completion";
import { valueAt } from "./document-edit";
import type { Editing } from "./editing";
import styles from "./form.module.css";
import { FormField } from "./form-field";
import { fieldsOf, type Schema } from "./schema-form";
import type { Draft } from "./use-draft";

/** These stand side by side at the top; everything else has its own row. */
const SHORT = new Set(["text", "decimal", "number", "list", "flag", "choice"]);

type FormViewProps = {
  draft: Draft;
  schema: { data: Schema | undefined; error: unknown; refetch: () => unknown };
  suggestions: readonly Suggestion[];
  onText: () => void;
};

export function FormView({ draft, schema, suggestions, onText }: FormViewProps) {
  const { document } = draft;
  if (!schema.data) {
    return schema.error ? (
      <ErrorState error={schema.error} what={t("The document's form could not be read.")} retry={schema.refetch} />
    ) : (
      <div className={styles.waiting}>
        <LoadingRows rows={10} />
      </div>
    );
  }
  if (!document) {
    return (
      <EmptyState
        text={t("The text is not complete, so it has no settings to show. Mend it as text first; nothing is lost.")}
        action={<Button onClick={onText}>{t("Back to the text")}</Button>}
      />
    );
  }
  const fields = fieldsOf(schema.data);
  const order = fields.map((field) => field.name);
  const editing: Editing = {
    valueAt: (path) => valueAt(document, path),
    change: (path, value) => draft.change(path, value, order),
    problemAt: (pointer) => draft.check.problems.find((one) => one.place.replace(/:\d+$/, "") === pointer)?.text,
    suggestions,
  };
  const draw = (isShort: boolean) =>
    fields
      .filter((field) => SHORT.has(field.kind) === isShort)
      .map((field) => <FormField key={field.name} field={field} path={[field.name]} editing={editing} />);
  return (
    <div className={styles.form}>
      <div className={styles.grid}>{draw(true)}</div>
      {draw(false)}
    </div>
  );
}
