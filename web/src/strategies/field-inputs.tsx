/** One-line fields of the form; what is being typed stays as typed while it means what the document has. */

import { Textarea, TextInput } from "@mantine/core";
import { useId, useRef, useState } from "react";
import { t } from "../lib/message";
import type { Suggestion } from "./completion";
import styles from "./form.module.css";
import { offering, SuggestionsList } from "./suggestions-list";
import { useCompletion } from "./use-completion";

/** How many characters fit in a row of an expression, about. */
const ROW_LENGTH = 56;
const MOST_ROWS = 8;

export type Labels = {
  id: string;
  /** Seen above the field; without it, `name` is only heard. */
  label?: string;
  name?: string;
  /** What holds while the field is empty. */
  fallback?: string | undefined;
  help?: string;
  error?: string | undefined;
  isRequired?: boolean;
};

type LiteralInputProps = Labels & {
  value: unknown;
  read: (text: string) => unknown;
  show?: (value: unknown) => string;
  onChange: (value: unknown) => void;
  isNumber?: boolean;
};

/** `0.` means 0 and stays `0.` until more is typed. */
export function LiteralInput({
  value,
  read,
  show = plainly,
  onChange,
  isNumber = false,
  ...labels
}: LiteralInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const isTyped = typed !== null && JSON.stringify(read(typed)) === JSON.stringify(value);
  return (
    <TextInput
      id={labels.id}
      label={labels.label}
      aria-label={labels.name}
      placeholder={labels.fallback}
      description={labels.help}
      error={labels.error}
      withAsterisk={labels.isRequired ?? false}
      inputMode={isNumber ? "decimal" : "text"}
      autoComplete="off"
      value={isTyped ? typed : show(value)}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(read(event.currentTarget.value));
      }}
    />
  );
}

export function plainly(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

type ExpressionInputProps = Labels & {
  value: unknown;
  onChange: (text: string) => void;
  suggestions: readonly Suggestion[];
};

export function ExpressionInput({ value, onChange, suggestions, ...labels }: ExpressionInputProps) {
  const list = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const completion = useCompletion({ area, suggestions, isInside: () => true });
  const text = plainly(value);
  return (
    <div className={styles.expression}>
      <Textarea
        ref={area}
        id={labels.id}
        label={labels.label}
        aria-label={labels.name}
        description={labels.help}
        error={labels.error}
        withAsterisk={labels.isRequired ?? false}
        rows={Math.min(MOST_ROWS, Math.max(1, Math.ceil(text.length / ROW_LENGTH)))}
        classNames={{ input: styles.code ?? "" }}
        spellCheck={false}
        autoCapitalize="off"
        placeholder={t("An expression; Control and Space completes a word")}
        value={text}
        onChange={(event) => {
          onChange(event.currentTarget.value);
          completion.wrote();
        }}
        onKeyDown={completion.onKeyDown}
        onBlur={completion.close}
        {...offering(list, completion)}
      />
      <SuggestionsList id={list} completion={completion} style={{ top: "100%", left: 0 }} />
    </div>
  );
}
