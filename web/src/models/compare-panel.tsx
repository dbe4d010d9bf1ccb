/** Up to four models side by side; "Best" only where one really is. */

import { Button, CloseButton } from "@mantine/core";
import type { ReactNode } from "react";
import { formatCost } from "../lib/format";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { ComparedModel } from "../lib/vault";
import { LinkButton } from "../ui/link-button";
import { Panel } from "../ui/panel";
import { ProviderMark } from "../ui/provider-mark";
import { StatePill } from "../ui/state-pill";
import {
  abilities,
  best,
  type Figure,
  latencyText,
  MOST_COMPARED,
  modelKey,
  priceText,
  sourceText,
  speedText,
  standing,
  tokensText,
  toolText,
} from "./model-words";
import styles from "./models.module.css";

type Line = { title: string; show: (row: ComparedModel) => ReactNode; figure?: Figure };

const number = (value: string | number | null | undefined): number | null =>
  value === null || value === undefined || value === "" ? null : Number(value);

const LINES: readonly Line[] = [
  {
    title: t("Typical session"),
    show: (row) => formatCost(row.stats?.session_cost_p50),
    figure: { value: (row) => number(row.stats?.session_cost_p50), less: true, measured: true },
  },
  {
    title: t("Tool calls that succeed"),
    show: (row) => toolText(row.stats),
  },
  {
    title: t("Latency of a call"),
    show: (row) => latencyText(row.stats),
    figure: { value: (row) => number(row.stats?.latency_ms_p50), less: true, measured: true },
  },
  {
    title: t("Speed"),
    show: (row) => speedText(row.stats),
    figure: { value: (row) => number(row.stats?.tokens_per_s_p50), less: false, measured: true },
  },
  {
    title: t("Input per 1M"),
    show: (row) => priceText(row, "input"),
    figure: { value: (row) => number(row.price?.input), less: true, measured: false },
  },
  {
    title: t("Output per 1M"),
    show: (row) => priceText(row, "output"),
    figure: { value: (row) => number(row.price?.output), less: true, measured: false },
  },
  { title: t("Cached input per 1M"), show: (row) => priceText(row, "cache_read") },
  {
    title: t("Context"),
    show: (row) => tokensText(row.context),
    figure: { value: (row) => number(row.context), less: false, measured: false },
  },
  { title: t("Can"), show: (row) => abilities(row) },
  {
    title: t("Price from"),
    show: (row) => (row.price ? `${sourceText(row.price)}, ${formatTime(row.price.date, "day")}` : "–"),
  },
  { title: t("Measured on"), show: (row) => standing(row.stats) },
];

type ComparePanelProps = {
  rows: readonly ComparedModel[];
  onChange: (rows: readonly ComparedModel[]) => void;
  isDefault: (row: ComparedModel) => boolean;
  use: (row: ComparedModel) => void;
};

export function ComparePanel({ rows, onChange, isDefault, use }: ComparePanelProps) {
  return (
    <Panel
      title={t("Compare {count} of {most}", { count: rows.length, most: MOST_COMPARED })}
      flush
      end={
        <>
          <LinkButton
            variant="default"
            size="compact-sm"
            to="/ai/evals"
            search={{ new: rows.map(modelKey).join(",") }}
            disabled={rows.length < 2}
          >
            {t("Bake-off of these")}
          </LinkButton>
          <Button variant="subtle" size="compact-sm" onClick={() => onChange([])}>
            {t("Clear")}
          </Button>
        </>
      }
    >
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: it scrolls */}
      {/* biome-ignore-start lint/a11y/useSemanticElements: a fieldset is for fields */}
      <div className={styles.sideways} role="group" tabIndex={0} aria-label={t("Models side by side")}>
        <table className={styles.compare} aria-label={t("Models side by side")}>
          <thead>
            <tr>
              <td />
              {rows.map((row) => (
                <th key={modelKey(row)} scope="col">
                  <span className={styles.head}>
                    <ProviderMark provider={row.provider} />
                    <span className={styles.words}>
                      <span className={styles.name}>{row.model}</span>
                      <span className={styles.dim}>{row.credential}</span>
                    </span>
                    <CloseButton
                      size="sm"
                      aria-label={t("Leave {model} out", { model: row.model })}
                      onClick={() => onChange(rows.filter((each) => each !== row))}
                    />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {LINES.map((line) => (
              <Row key={line.title} line={line} rows={rows} />
            ))}
            <tr>
              <td />
              {rows.map((row) => (
                <td key={modelKey(row)}>
                  <span className={styles.chosen}>
                    <LinkButton size="compact-sm" to="/research/new" search={{ model: modelKey(row) }}>
                      {t("Research with it")}
                    </LinkButton>
                    <Button
                      variant={isDefault(row) ? "light" : "default"}
                      size="compact-sm"
                      disabled={isDefault(row)}
                      onClick={() => use(row)}
                    >
                      {isDefault(row) ? t("Current default") : t("Use as default")}
                    </Button>
                  </span>
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above */}
    </Panel>
  );
}

function Row({ line, rows }: { line: Line; rows: readonly ComparedModel[] }) {
  const winners = line.figure ? best(rows, line.figure) : null;
  return (
    <tr>
      <th scope="row">{line.title}</th>
      {rows.map((row) => (
        <td key={modelKey(row)}>
          {line.show(row)}{" "}
          {winners?.has(modelKey(row)) ? (
            <StatePill tone="good" dot={false}>
              {t("Best")}
            </StatePill>
          ) : null}
        </td>
      ))}
    </tr>
  );
}
