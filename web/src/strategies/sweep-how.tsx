/** How the values are tried: all of them, some, learned, or fitted anew in each window of a walk-forward. */

import { Checkbox, NumberInput } from "@mantine/core";
import { t } from "../lib/message";
import { Segments } from "../ui/segments";
import styles from "./sweep.module.css";
import type { Search } from "./sweep-search";

type HowFieldsProps = {
  search: Search;
  onChange: (part: Partial<Search>) => void;
  errorAt: (...fields: string[]) => string | undefined;
};

export function HowFields({ search, onChange, errorAt }: HowFieldsProps) {
  return (
    <>
      <div>
        <Segments
          label={t("Which combinations are tried")}
          value={search.method}
          options={[
            { value: "grid", label: t("Whole grid") },
            { value: "sample", label: t("Random sample") },
            { value: "optuna", label: t("Learned search") },
            { value: "walk", label: t("Walk-forward") },
          ]}
          onChange={(method) => onChange({ method })}
        />
      </div>
      <div className={styles.pair}>
        {search.method === "sample" || search.method === "optuna" ? (
          <>
            <NumberInput
              label={t("Tries")}
              description={search.method === "sample" ? t("at random") : t("learned, by Optuna")}
              min={1}
              allowDecimal={false}
              error={errorAt("/tries", "/sample")}
              value={search.tries}
              onChange={(next) => onChange({ tries: Number(next) })}
            />
            <NumberInput
              label={t("Seed")}
              description={t("the same, the same choices")}
              min={0}
              allowDecimal={false}
              error={errorAt("/seed")}
              value={search.seed}
              onChange={(next) => onChange({ seed: Number(next) })}
            />
          </>
        ) : null}
        <NumberInput
          label={t("Training share, in percent")}
          description={search.method === "walk" ? t("fitted on first") : t("of the bars; the rest tests")}
          error={errorAt("/train")}
          value={search.percent}
          onChange={(next) => onChange({ percent: Number(next) })}
        />
        {search.method === "walk" ? <WindowFields search={search} onChange={onChange} errorAt={errorAt} /> : null}
      </div>
      {search.method === "walk" ? (
        <Segments
          label={t("What each window is fitted on")}
          value={search.kind}
          options={[
            { value: "anchored", label: t("All before it") },
            { value: "rolling", label: t("As much as the first") },
          ]}
          onChange={(kind) => onChange({ kind })}
        />
      ) : (
        <Checkbox
          label={t("Try all of it again")}
          description={t("Else the same question goes on with what is known; again it counts again.")}
          checked={search.fresh}
          onChange={(event) => onChange({ fresh: event.currentTarget.checked })}
        />
      )}
    </>
  );
}

function WindowFields({ search, onChange, errorAt }: HowFieldsProps) {
  const field = (name: "windows" | "purge" | "embargo", label: string, description: string) => (
    <NumberInput
      label={label}
      description={description}
      min={name === "windows" ? 1 : 0}
      allowDecimal={false}
      error={errorAt(`/${name}`)}
      value={search[name]}
      onChange={(next) => onChange({ [name]: Number(next) })}
    />
  );
  return (
    <>
      {field("windows", t("Windows"), t("tests in a row"))}
      {field("purge", t("Purge, in bars"), t("left out before each test"))}
      {field("embargo", t("Embargo, in bars"), t("left out besides them"))}
    </>
  );
}
