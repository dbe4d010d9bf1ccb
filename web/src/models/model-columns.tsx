/** The columns of the compare table, on the page and in the file. */

import { Checkbox } from "@mantine/core";
import { formatCost } from "../lib/format";
import { t } from "../lib/message";
import { providerLabel } from "../lib/provider-words";
import { formatTime } from "../lib/time";
import { type ComparedModel, isOwnPrice } from "../lib/vault";
import type { Column } from "../ui/data-table";
import { ProviderMark } from "../ui/provider-mark";
import { StatePill } from "../ui/state-pill";
import { ModelMenu } from "./model-menu";
import {
  isRules,
  latencyText,
  modelKey,
  priceText,
  sourceText,
  speedText,
  standing,
  tokensText,
  toolText,
  whyUnknown,
} from "./model-words";
import styles from "./models.module.css";

export type ModelActions = {
  chosen: ReadonlySet<string>;
  /** No more can be ticked. */
  full: boolean;
  toggle: (row: ComparedModel) => void;
  isDefault: (row: ComparedModel) => boolean;
  use: (row: ComparedModel) => void;
  price: (row: ComparedModel) => void;
};

export function modelColumns(actions: ModelActions): Column<ComparedModel>[] {
  return [
    {
      id: "model",
      title: t("Model"),
      value: (row) => row.model,
      cell: (row) => <Named row={row} actions={actions} />,
      width: "250px",
    },
    {
      id: "session",
      title: t("Typical session"),
      align: "end",
      value: (row) => row.stats?.session_cost_p50,
      cell: (row) => (
        <b className={styles.strong} title={standing(row.stats)}>
          {formatCost(row.stats?.session_cost_p50)}
        </b>
      ),
    },
    priceColumn("input", t("Input"), actions),
    priceColumn("output", t("Output"), actions),
    priceColumn("cache_read", t("Cached"), actions),
    {
      id: "latency",
      title: t("Latency"),
      align: "end",
      value: (row) => row.stats?.latency_ms_p50,
      cell: (row) => <span title={standing(row.stats)}>{latencyText(row.stats)}</span>,
    },
    {
      id: "speed",
      title: t("Speed"),
      align: "end",
      value: (row) => row.stats?.tokens_per_s_p50,
      cell: (row) => <span title={standing(row.stats)}>{speedText(row.stats)}</span>,
    },
    {
      id: "tools_ok",
      title: t("Tool calls"),
      align: "end",
      value: (row) => row.stats?.tool_call_success,
      cell: (row) => (
        <span title={standing(row.stats)}>
          {toolText(row.stats)}{" "}
          {row.stats?.tool_calls ? (
            <span className={styles.dim}>{t("n = {count}", { count: row.stats.tool_calls })}</span>
          ) : null}
        </span>
      ),
    },
    {
      id: "context",
      title: t("Context"),
      align: "end",
      value: (row) => row.context,
      cell: (row) => tokensText(row.context),
    },
    { id: "menu", title: t("Actions"), align: "end", cell: (row) => <ModelMenu row={row} actions={actions} /> },
  ];
}

function priceColumn(
  part: "input" | "output" | "cache_read",
  title: string,
  actions: ModelActions,
): Column<ComparedModel> {
  return {
    id: part,
    title,
    align: "end",
    value: (row) => (isRules(row) ? "0" : row.price?.[part]),
    cell: (row) =>
      part === "input" && !row.price && !isRules(row) ? (
        <span className={styles.unpriced} title={whyUnknown(row)}>
          –{" "}
          <button type="button" className={styles.enter} onClick={() => actions.price(row)}>
            {t("Enter its price")}
          </button>
        </span>
      ) : (
        <span title={priceNote(row)}>{priceText(row, part)}</span>
      ),
  };
}

function priceNote(row: ComparedModel): string {
  if (isRules(row)) return t("Fixed rules on this machine cost nothing.");
  if (!row.price) return whyUnknown(row);
  return t("{source}, {date}", { source: sourceText(row.price), date: formatTime(row.price.date, "day") });
}

function Named({ row, actions }: { row: ComparedModel; actions: ModelActions }) {
  const ticked = actions.chosen.has(modelKey(row));
  return (
    <span className={styles.model}>
      <Checkbox
        size="xs"
        aria-label={t("Compare {model}", { model: row.model })}
        checked={ticked}
        disabled={!ticked && actions.full}
        data-row=""
        onChange={() => actions.toggle(row)}
      />
      <ProviderMark provider={row.provider} />
      <span className={styles.words}>
        <span className={styles.line}>
          <span className={styles.name}>{row.model}</span>
          {actions.isDefault(row) ? (
            <StatePill tone="accent" dot={false}>
              {t("Default")}
            </StatePill>
          ) : null}
          {isOwnPrice(row.price) ? (
            <StatePill tone="info" dot={false}>
              {t("Your price")}
            </StatePill>
          ) : null}
        </span>
        <span className={styles.dim} title={providerLabel(row.provider)}>
          {isRules(row) ? t("Built in, fixed rules, not AI") : row.credential}
        </span>
      </span>
    </span>
  );
}

/** The file names its units, and holds what the page tells on hover. */
export function fileColumns(): { title: string; value: NonNullable<Column<ComparedModel>["value"]> }[] {
  return [
    { title: "model", value: (row) => row.model },
    { title: "provider", value: (row) => row.provider },
    { title: "key", value: (row) => row.credential },
    { title: "typical_session_usd", value: (row) => row.stats?.session_cost_p50 },
    { title: "input_usd_per_million", value: (row) => row.price?.input },
    { title: "output_usd_per_million", value: (row) => row.price?.output },
    { title: "cached_input_usd_per_million", value: (row) => row.price?.cache_read },
    { title: "cache_write_usd_per_million", value: (row) => row.price?.cache_write },
    { title: "price_source", value: (row) => row.price?.source },
    { title: "price_date", value: (row) => row.price?.date },
    { title: "latency_ms_median", value: (row) => row.stats?.latency_ms_p50 },
    { title: "tokens_per_s_median", value: (row) => row.stats?.tokens_per_s_p50 },
    { title: "tool_call_success", value: (row) => row.stats?.tool_call_success },
    { title: "tool_calls", value: (row) => row.stats?.tool_calls },
    { title: "calls", value: (row) => row.stats?.calls },
    { title: "calls_failed", value: (row) => row.stats?.failed },
    { title: "context_tokens", value: (row) => row.context },
    { title: "tools", value: (row) => row.tools },
    { title: "streaming", value: (row) => row.streaming },
    { title: "effort", value: (row) => row.effort },
  ];
}
