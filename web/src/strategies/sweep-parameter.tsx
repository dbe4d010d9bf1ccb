/** One parameter of a sweep: kept at the document's value, a range with both ends, or a list. */

import { TextInput } from "@mantine/core";
import { t } from "../lib/message";
import { Segments } from "../ui/segments";
import styles from "./sweep.module.css";
import type { Varied } from "./sweep-search";

type SweepParameterProps = {
  name: string;
  /** In the document. */
  value: number;
  varied: Varied;
  onChange: (varied: Varied) => void;
  error: string | undefined;
};

const WAYS = [
  { value: "kept", label: t("Kept") },
  { value: "range", label: t("Range") },
  { value: "list", label: t("List") },
] as const;

export function SweepParameter({ name, value, varied, onChange, error }: SweepParameterProps) {
  const field = (label: string, part: "low" | "high" | "step" | "list") => (
    <TextInput
      label={label}
      inputMode={part === "list" ? "text" : "decimal"}
      autoComplete="off"
      aria-invalid={error !== undefined}
      value={varied[part]}
      onChange={(event) => onChange({ ...varied, [part]: event.currentTarget.value })}
    />
  );
  return (
    <fieldset className={styles.parameter}>
      <legend className={styles.name}>{name}</legend>
      <div className={styles.way}>
        <span className={styles.dim}>{t("{value} in the document", { value })}</span>
        <Segments
          label={t("How {name} is varied", { name })}
          value={varied.how}
          options={WAYS}
          onChange={(how) => onChange({ ...varied, how })}
        />
      </div>
      {varied.how === "range" ? (
        <div className={styles.range}>
          {field(t("From"), "low")}
          {field(t("To"), "high")}
          {field(t("Step"), "step")}
        </div>
      ) : null}
      {varied.how === "list" ? field(t("Values, with commas between"), "list") : null}
      {error ? (
        <p className={styles.trouble} role="alert">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
