/** What is predicted of each bar, and what learns it. */

import { NumberInput, Select } from "@mantine/core";
import { t } from "../lib/message";
import { Segments } from "../ui/segments";
import styles from "./sweep.module.css";
import { kindsOf, type ModelKind, type Wish, withTask } from "./train-spec";
import { kindName } from "./trained-data";

type TargetFieldsProps = {
  wish: Wish;
  onChange: (wish: Wish) => void;
  errors: { target: string | undefined; model: string | undefined };
};

export function TargetFields({ wish, onChange, errors }: TargetFieldsProps) {
  return (
    <>
      <div>
        <Segments
          label={t("What labels a bar")}
          value={wish.label}
          options={[
            { value: "forward_return", label: t("Return after some bars") },
            { value: "triple_barrier", label: t("Gain or loss first") },
          ]}
          onChange={(label) => onChange({ ...wish, label })}
        />
      </div>
      <LabelFields wish={wish} onChange={onChange} error={errors.target} />
      <div className={styles.pair}>
        <Select
          label={t("Predicts")}
          data={[
            { value: "classify", label: t("A probability") },
            { value: "regress", label: t("A return") },
          ]}
          allowDeselect={false}
          value={wish.task}
          onChange={(task) => onChange(withTask(wish, task === "regress" ? "regress" : "classify"))}
        />
        <Select
          label={t("Kind")}
          data={kindsOf(wish.task).map((kind) => ({ value: kind, label: kindName(kind) }))}
          allowDeselect={false}
          error={errors.model}
          value={wish.kind}
          onChange={(kind) => onChange({ ...wish, kind: (kind ?? wish.kind) as ModelKind })}
        />
      </div>
    </>
  );
}

type LabelFieldsProps = { wish: Wish; onChange: (wish: Wish) => void; error: string | undefined };

function LabelFields({ wish, onChange, error }: LabelFieldsProps) {
  const isBarrier = wish.label === "triple_barrier";
  return (
    <div className={styles.pair}>
      {isBarrier ? (
        <>
          <NumberInput
            label={t("Gain, in percent")}
            min={0}
            value={wish.up}
            onChange={(up) => onChange({ ...wish, up: Number(up) })}
          />
          <NumberInput
            label={t("Loss, in percent")}
            min={0}
            value={wish.down}
            onChange={(down) => onChange({ ...wish, down: Number(down) })}
          />
        </>
      ) : null}
      <NumberInput
        label={isBarrier ? t("Bars at most") : t("Bars ahead")}
        min={1}
        allowDecimal={false}
        error={error}
        value={wish.bars}
        onChange={(bars) => onChange({ ...wish, bars: Number(bars) })}
      />
    </div>
  );
}
