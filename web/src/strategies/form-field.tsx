/** A field of the form, as its kind asks; what no field can show is said to be in the text. */

import { Select, Switch } from "@mantine/core";
import { t } from "../lib/message";
import { numberIn, type Path, pointerOf } from "./document-edit";
import { type DrawField, type Editing, fieldId } from "./editing";
import { ExpressionInput, LiteralInput, plainly } from "./field-inputs";
import styles from "./form.module.css";
import { GroupField, VariantField } from "./group-field";
import { MapField } from "./map-field";
import type { Field } from "./schema-form";

type FormFieldProps = { field: Field; path: Path; editing: Editing };

export function FormField({ field, path, editing }: FormFieldProps) {
  const pointer = pointerOf(path);
  const value = editing.valueAt(path);
  const labels = {
    id: fieldId(pointer),
    label: field.title,
    help: field.help,
    fallback: field.fallback,
    error: editing.problemAt(pointer),
    isRequired: field.required,
  };
  const change = (next: unknown) => editing.change(path, next);
  const orNone = (text: string) => (text === "" && !field.required ? undefined : text);
  switch (field.kind) {
    case "text":
    case "decimal":
      return (
        <LiteralInput {...labels} value={value} read={orNone} onChange={change} isNumber={field.kind === "decimal"} />
      );
    case "number":
      return (
        <LiteralInput {...labels} value={value} read={(text) => orNumber(orNone(text))} onChange={change} isNumber />
      );
    case "list":
      return <LiteralInput {...labels} value={value} read={listIn} show={listText} onChange={change} />;
    case "expression":
      return (
        <ExpressionInput
          {...labels}
          value={value}
          onChange={(text) => change(orNone(text))}
          suggestions={editing.suggestions}
        />
      );
    case "flag":
      return (
        <Switch
          id={labels.id}
          label={field.title}
          description={field.help}
          checked={value === true}
          onChange={(event) => change(event.currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          id={labels.id}
          label={field.title}
          description={field.help}
          error={labels.error}
          withAsterisk={field.required}
          clearable={!field.required}
          data={[...field.values]}
          value={typeof value === "string" ? value : null}
          onChange={(next) => change(next ?? undefined)}
        />
      );
    case "numbers":
    case "expressions":
      return <MapField field={field} path={path} editing={editing} />;
    case "group":
      return <GroupField field={field} fields={field.fields} path={path} editing={editing} draw={draw} />;
    case "variant":
      return <VariantField field={field} path={path} editing={editing} draw={draw} />;
    case "fixed":
      return null;
    case "unknown":
      return (
        <p className={styles.help}>
          {t("{title}: {value}. This one is edited in the text.", {
            title: field.title,
            value: plainly(value) || t("not set"),
          })}
        </p>
      );
  }
}

const draw: DrawField = (field, path, editing) => (
  <FormField key={field.name} field={field} path={path} editing={editing} />
);

function orNumber(text: string | undefined): unknown {
  return text === undefined ? undefined : numberIn(text);
}

function listIn(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function listText(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : plainly(value);
}
