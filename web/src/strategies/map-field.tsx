/** Named numbers or expressions of the form: one a row, added, renamed and taken out. */

import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "../lib/message";
import { freeName, numberIn, pointerOf, renamed } from "./document-edit";
import { type Editing, fieldId } from "./editing";
import { ExpressionInput, type Labels, LiteralInput } from "./field-inputs";
import styles from "./form.module.css";
import { type Field, objectOf } from "./schema-form";

type MapFieldProps = { field: Field; path: readonly string[]; editing: Editing };

export function MapField({ field, path, editing }: MapFieldProps) {
  const map = objectOf(editing.valueAt(path));
  const names = Object.keys(map);
  const isNumbers = field.kind === "numbers";
  const put = (next: Record<string, unknown>) =>
    editing.change(path, Object.keys(next).length > 0 || field.required ? next : undefined);
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{field.title}</legend>
      {field.help ? <p className={styles.help}>{field.help}</p> : null}
      {names.map((name, index) => {
        const pointer = pointerOf([...path, name]);
        const labels = {
          id: fieldId(pointer),
          name: t("Value of {name}", { name }),
          error: editing.problemAt(pointer),
        };
        const change = (value: unknown) => put({ ...map, [name]: value });
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a place in the list stays while its name is changed
          <div key={index} className={styles.entry}>
            <NameInput name={name} taken={names} onRename={(to) => put(renamed(map, name, to))} />
            {isNumbers ? (
              <LiteralInput {...labels} value={map[name]} read={numberIn} onChange={change} isNumber />
            ) : (
              <FeatureInput
                labels={labels}
                name={name}
                value={map[name]}
                onChange={change}
                suggestions={editing.suggestions.filter((one) => one.name !== name)}
              />
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={t("Take {name} out", { name })}
              onClick={() => put(Object.fromEntries(Object.entries(map).filter(([each]) => each !== name)))}
            >
              <IconX size={16} aria-hidden="true" />
            </ActionIcon>
          </div>
        );
      })}
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          onClick={() => put({ ...map, [freeName(map, isNumbers ? "parameter" : "feature")]: isNumbers ? 1 : "close" })}
        >
          {isNumbers ? t("Add a parameter") : t("Add a feature")}
        </Button>
      </div>
    </fieldset>
  );
}

type FeatureInputProps = {
  labels: Labels;
  name: string;
  value: unknown;
  onChange: (value: unknown) => void;
  suggestions: Editing["suggestions"];
};

/** An expression; one of longer bars has their length below it. */
function FeatureInput({ labels, name, value, onChange, suggestions }: FeatureInputProps) {
  if (typeof value !== "object") {
    return <ExpressionInput {...labels} value={value} onChange={onChange} suggestions={suggestions} />;
  }
  const written = objectOf(value);
  return (
    <div>
      <ExpressionInput
        {...labels}
        value={written.expression}
        onChange={(expression) => onChange({ ...written, expression })}
        suggestions={suggestions}
      />
      <LiteralInput
        id={`${labels.id}-timeframe`}
        name={t("Length of the bars of {name}", { name })}
        value={written.timeframe}
        read={(text) => text}
        onChange={(timeframe) => onChange({ ...written, timeframe })}
      />
    </div>
  );
}

type NameInputProps = { name: string; taken: readonly string[]; onRename: (to: string) => void };

/** Takes effect when it is left or Enter is pressed: half a name would be another setting. */
function NameInput({ name, taken, onRename }: NameInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const isTaken = typed !== null && typed !== name && taken.includes(typed);
  const settle = () => {
    if (typed && typed !== name && !isTaken) onRename(typed);
    if (!isTaken) setTyped(null);
  };
  return (
    <TextInput
      aria-label={t("Name of {name}", { name })}
      classNames={{ input: styles.code ?? "" }}
      autoComplete="off"
      spellCheck={false}
      error={isTaken ? t("There is one of this name already.") : undefined}
      value={typed ?? name}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === "Enter") settle();
      }}
    />
  );
}
