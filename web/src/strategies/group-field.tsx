/** Settings that belong together: always there where they are needed, else added and taken out as one. */

import { Button, Select } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { t } from "../lib/message";
import { type Path, pointerOf } from "./document-edit";
import { type DrawField, type Editing, fieldId } from "./editing";
import styles from "./form.module.css";

import { type Field, objectOf } from "./schema-form";

type GroupFieldProps = { field: Field; fields: readonly Field[]; path: Path; editing: Editing; draw: DrawField };

export function GroupField({ field, fields, path, editing, draw }: GroupFieldProps) {
  const isThere = editing.valueAt(path) !== undefined;
  if (!isThere && !field.required) {
    return (
      <Absent
        field={field}
        problem={editing.problemAt(pointerOf(path))}
        onAdd={() => editing.change(path, fixedOf(fields))}
      />
    );
  }
  const change = (at: Path, value: unknown) => {
    if (at.length === path.length + 1) editing.change(path, { ...fixedOf(fields), ...objectOf(editing.valueAt(path)) });
    editing.change(at, value);
  };
  return (
    <fieldset className={styles.group} id={fieldId(pointerOf(path))} tabIndex={-1}>
      <legend className={styles.legend}>{field.title}</legend>
      {field.help ? <p className={styles.help}>{field.help}</p> : null}
      <Problem text={editing.problemAt(pointerOf(path))} />
      <div className={styles.grid}>
        {fields.map((each) => draw(each, [...path, each.name], { ...editing, change }))}
      </div>
      {field.required ? null : <TakeOut field={field} onClick={() => editing.change(path, undefined)} />}
    </fieldset>
  );
}

type VariantFieldProps = { field: Extract<Field, { kind: "variant" }>; path: Path; editing: Editing; draw: DrawField };

export function VariantField({ field, path, editing, draw }: VariantFieldProps) {
  const now = objectOf(editing.valueAt(path));
  const chosen = field.cases.find((one) => one.value === now[field.by]);
  const [first] = field.cases;
  if (editing.valueAt(path) === undefined && !field.required && first) {
    return (
      <Absent
        field={field}
        problem={editing.problemAt(pointerOf(path))}
        onAdd={() => editing.change(path, { [field.by]: first.value })}
      />
    );
  }
  return (
    <fieldset className={styles.group} id={fieldId(pointerOf(path))} tabIndex={-1}>
      <legend className={styles.legend}>{field.title}</legend>
      {field.help ? <p className={styles.help}>{field.help}</p> : null}
      <Problem text={editing.problemAt(pointerOf(path))} />
      <div className={styles.grid}>
        <Select
          label={t("Kind of {title}", { title: field.title.toLowerCase() })}
          allowDeselect={false}
          data={field.cases.map((one) => ({ value: one.value, label: one.value.replaceAll("_", " ") }))}
          value={chosen?.value ?? null}
          onChange={(value) => editing.change(path, kept(field, now, value))}
        />
        {chosen?.fields.map((each) => draw(each, [...path, each.name], editing))}
      </div>
      {field.required ? null : <TakeOut field={field} onClick={() => editing.change(path, undefined)} />}
    </fieldset>
  );
}

/** The settings that the new kind has as well stay. */
function kept({ by, cases }: VariantFieldProps["field"], now: Record<string, unknown>, value: string | null) {
  const names = new Set(cases.find((one) => one.value === value)?.fields.map((each) => each.name));
  return { ...Object.fromEntries(Object.entries(now).filter(([name]) => names.has(name))), [by]: value };
}

function fixedOf(fields: readonly Field[]): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap((each) => (each.kind === "fixed" ? [[each.name, each.value]] : [])));
}

function Problem({ text }: { text: string | undefined }) {
  return text ? <p className={styles.problem}>{text}</p> : null;
}

function Absent({ field, problem, onAdd }: { field: Field; problem: string | undefined; onAdd: () => void }) {
  return (
    <div>
      <Problem text={problem} />
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden="true" />}
        title={field.help}
        onClick={onAdd}
      >
        {t("Add {title}", { title: field.title.toLowerCase() })}
      </Button>
    </div>
  );
}

function TakeOut({ field, onClick }: { field: Field; onClick: () => void }) {
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<IconX size={14} aria-hidden="true" />}
        onClick={onClick}
      >
        {t("Take {title} out", { title: field.title.toLowerCase() })}
      </Button>
    </div>
  );
}
