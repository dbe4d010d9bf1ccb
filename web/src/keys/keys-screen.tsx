/** Provider keys: each with its health, what it spent, and what can be done with it. */

import { Button, TextInput } from "@mantine/core";
import { IconKey, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { plural, t } from "../lib/message";
import type { Credential } from "../lib/vault";
import { credentialsQuery } from "../lib/vault-api";
import { CsvButton } from "../ui/csv-button";
import { DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState } from "../ui/states";
import { AddDialog } from "./add-dialog";
import { KeyDialogs, type Opened } from "./key-dialogs";
import { needsCare } from "./key-words";
import styles from "./keys.module.css";
import { keyColumns } from "./keys-columns";

const route = getRouteApi("/shell/ai/keys");

type Filter = "all" | "working" | "care";

export function KeysScreen() {
  const { add } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(credentialsQuery);
  const [filter, setFilter] = useState<Filter>("all");
  const [find, setFind] = useState("");
  const [opened, setOpened] = useState<Opened | null>(null);
  const columns = useMemo(() => keyColumns((action, credential) => setOpened({ action, credential })), []);
  const rows = data?.filter((row) => matches(row, filter, find));
  const openAdd = () => void navigate({ to: "/ai/keys", search: { add: "any" } });
  const addButton = (
    <Button leftSection={<IconPlus size={17} aria-hidden="true" />} onClick={openAdd}>
      {t("Add key")}
    </Button>
  );
  return (
    <Page
      title={t("Provider keys")}
      lead={t("Your own keys for AI providers. Each is encrypted, tested, and held to its monthly budget.")}
      actions={
        <>
          <CsvButton name="provider-keys" columns={columns} rows={rows} />
          {addButton}
        </>
      }
    >
      <Panel
        title={data ? plural(data.length, "{count} key", "{count} keys") : t("Keys")}
        flush
        beside={
          <Segments
            label={t("Which keys")}
            value={filter}
            options={[
              { value: "all", label: t("All") },
              { value: "working", label: t("Working") },
              { value: "care", label: careLabel(data) },
            ]}
            onChange={setFilter}
          />
        }
        end={
          <TextInput
            size="xs"
            aria-label={t("Find a key")}
            placeholder={t("Find a key")}
            leftSection={<IconSearch size={14} aria-hidden="true" />}
            data-filter=""
            value={find}
            onChange={(event) => setFind(event.currentTarget.value)}
          />
        }
      >
        <DataTable
          label={t("Provider keys of this workspace")}
          columns={columns}
          source={{ rows, error, retry: refetch }}
          keyOf={(row) => row.id}
          loadingRows={5}
          trouble={t("The keys could not be read.")}
          empty={data?.length ? <EmptyState text={t("No key matches this filter.")} /> : <Empty onAdd={openAdd} />}
        />
      </Panel>
      <AddDialog
        add={add === "any" ? "" : add}
        known={data ?? []}
        onClose={() => void navigate({ to: "/ai/keys", search: {}, replace: true })}
      />
      <KeyDialogs opened={opened} onClose={() => setOpened(null)} />
    </Page>
  );
}

function Empty({ onAdd }: { onAdd: () => void }) {
  return (
    <EmptyState
      icon={<IconKey size={22} />}
      text={t(
        "No key yet. With your own key, or a server on this machine like Ollama, language models can do the research. The built-in analyst needs none.",
      )}
      action={
        <span className={styles.emptyActions}>
          <Button onClick={onAdd}>{t("Add your first key")}</Button>
          <LinkButton to="/ai/keys" search={{ add: "openai-compatible" }} variant="default">
            {t("Use a local server")}
          </LinkButton>
        </span>
      }
    />
  );
}

function careLabel(keys: readonly Credential[] | undefined): string {
  const count = keys?.filter(needsCare).length ?? 0;
  return count > 0 ? t("Needs care {count}", { count }) : t("Needs care");
}

function matches(row: Credential, filter: Filter, find: string): boolean {
  if (filter !== "all" && needsCare(row) !== (filter === "care")) return false;
  const whole = `${row.name} ${row.provider_label} ${row.hint} ${row.base_url ?? ""}`.toLowerCase();
  return whole.includes(find.trim().toLowerCase());
}
