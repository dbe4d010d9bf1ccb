/** Presets: a model with its settings under a name, to be used by any session. */

import { Button } from "@mantine/core";
import { IconAdjustments, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { t } from "../lib/message";
import type { Preset } from "../lib/vault";
import { presetsQuery } from "../lib/vault-api";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import styles from "./models.module.css";
import { PresetDialog } from "./preset-dialog";

type Editing = Preset | "new" | null;

export function PresetsPanel() {
  const { data, error, refetch } = useQuery(presetsQuery);
  const [editing, setEditing] = useState<Editing>(null);
  const columns = useMemo(() => presetColumns(setEditing), []);
  const make = (
    <Button
      variant="default"
      size="compact-sm"
      leftSection={<IconPlus size={15} aria-hidden="true" />}
      onClick={() => setEditing("new")}
    >
      {t("New preset")}
    </Button>
  );
  return (
    <Panel
      title={t("Presets")}
      flush
      end={
        data?.length ? (
          <>
            <CsvButton name="model-presets" columns={columns} rows={data} />
            {make}
          </>
        ) : null
      }
    >
      <DataTable
        label={t("Presets of models")}
        columns={columns}
        source={{ rows: data, error, retry: refetch }}
        keyOf={(row) => row.id}
        loadingRows={2}
        trouble={t("The presets could not be read.")}
        empty={
          <EmptyState
            icon={<IconAdjustments size={22} />}
            text={t("No preset yet. One keeps a model with its temperature, length and effort under a name.")}
            action={make}
          />
        }
      />
      <PresetDialog editing={editing} onClose={() => setEditing(null)} />
    </Panel>
  );
}

function presetColumns(edit: (preset: Preset) => void): Column<Preset>[] {
  return [
    {
      id: "name",
      title: t("Preset"),
      value: (row) => row.name,
      cell: (row) => <b className={styles.name}>{row.name}</b>,
    },
    { id: "model", title: t("Model"), value: (row) => row.model, cell: (row) => row.model ?? t("Any model") },
    setting("temperature", t("Temperature"), (row) => row.temperature),
    setting("top_p", t("Top-p"), (row) => row.top_p),
    setting("max_tokens", t("Max tokens"), (row) => row.max_tokens),
    setting("effort", t("Effort"), (row) => row.effort),
    {
      id: "edit",
      title: t("Action"),
      align: "end",
      cell: (row) => (
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={t("Change {name}", { name: row.name })}
          onClick={() => edit(row)}
        >
          {t("Change")}
        </Button>
      ),
    },
  ];
}

/** What is not set is left to the provider. */
function setting(id: string, title: string, value: (row: Preset) => string | number | null): Column<Preset> {
  return {
    id,
    title,
    align: "end",
    value,
    cell: (row) => value(row) ?? <span className={styles.dim}>{t("Provider's own")}</span>,
  };
}
