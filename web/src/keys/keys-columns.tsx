/** The columns of the keys' table; what they hold is also what the CSV holds. */

import { Tooltip } from "@mantine/core";
import { formatDuration } from "../lib/format";
import { t } from "../lib/message";
import { formatUtc } from "../lib/time";
import type { Credential } from "../lib/vault";
import { Age, Mono } from "../ui/amount";
import type { Column } from "../ui/data-table";
import { Meter } from "../ui/meter";
import { ProviderMark } from "../ui/provider-mark";
import { StatePill } from "../ui/state-pill";
import { KeyMenu } from "./key-menu";
import { spentWords, stateOf } from "./key-words";
import styles from "./keys.module.css";

export type KeyAction = "test" | "default" | "edit" | "rotate" | "delete";
export type OnAction = (action: KeyAction, credential: Credential) => void;

export function keyColumns(onAction: OnAction): Column<Credential>[] {
  return [
    { id: "name", title: t("Key"), value: (row) => row.name, cell: (row) => <Named credential={row} /> },
    {
      id: "hint",
      title: t("Secret"),
      value: (row) => row.hint,
      cell: (row) => (row.hint ? <Mono>{row.hint}</Mono> : <span className={styles.dim}>{t("No key needed")}</span>),
    },
    {
      id: "state",
      title: t("State"),
      value: (row) => row.state,
      cell: (row) => <State credential={row} />,
      width: "128px",
    },
    {
      id: "latency",
      title: t("Latency"),
      align: "end",
      value: (row) => row.latency_ms,
      cell: (row) => formatDuration(row.latency_ms),
    },
    {
      id: "used",
      title: t("Last used"),
      align: "end",
      value: (row) => formatUtc(row.last_used_at),
      cell: (row) => (row.last_used_at ? <Age value={row.last_used_at} /> : t("Never")),
    },
    {
      id: "verified",
      title: t("Last verified"),
      align: "end",
      value: (row) => formatUtc(row.verified_at),
      cell: (row) => (row.verified_at ? <Age value={row.verified_at} /> : t("Never")),
    },
    {
      id: "spent",
      title: t("Spent this month"),
      align: "end",
      value: (row) => (row.free ? "0" : row.spent_this_month),
      cell: (row) => <Spent credential={row} />,
    },
    { id: "menu", title: t("Actions"), align: "end", cell: (row) => <KeyMenu credential={row} onAction={onAction} /> },
  ];
}

function Named({ credential }: { credential: Credential }) {
  const { provider, provider_label, name, base_url, is_default, default_model } = credential;
  return (
    <span className={styles.named}>
      <ProviderMark provider={provider} />
      <span className={styles.namedWords}>
        <span className={styles.nameLine}>
          <span className={styles.strong}>{name}</span>
          {is_default ? (
            <StatePill tone="accent" dot={false}>
              {t("Default")}
            </StatePill>
          ) : null}
        </span>
        <span className={styles.dim}>
          {is_default && default_model
            ? default_model
            : base_url && provider === "openai-compatible"
              ? base_url
              : provider_label}
        </span>
      </span>
    </span>
  );
}

function State({ credential }: { credential: Credential }) {
  const { text, tone, meaning } = stateOf(credential.state);
  return (
    <Tooltip label={credential.note || meaning} multiline maw={320}>
      <span>
        <StatePill tone={tone}>{text}</StatePill>
      </span>
    </Tooltip>
  );
}

function Spent({ credential }: { credential: Credential }) {
  const { name, spent_this_month, reserved, monthly_budget, free } = credential;
  return (
    <span className={styles.spent}>
      <span>{spentWords(credential)}</span>
      {monthly_budget !== null && !free ? (
        <Meter
          label={t("Budget of {name}", { name })}
          spent={spent_this_month}
          reserved={reserved}
          limit={monthly_budget}
        />
      ) : null}
    </span>
  );
}
