/** Every model that the workspace's keys reach: what it costs, what it can, and how it did on one's own work. */

import { TextInput } from "@mantine/core";
import { IconBrain, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { ComparedModel } from "../lib/vault";
import { comparisonQuery, credentialsQuery, presetsQuery } from "../lib/vault-api";
import { CsvButton } from "../ui/csv-button";
import { DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { PriceDialog } from "../ui/price-dialog";
import { Segments } from "../ui/segments";
import { EmptyState, LoadingRows } from "../ui/states";
import { AnalystPanel } from "./analyst-panel";
import { ComparePanel } from "./compare-panel";
import { fileColumns, modelColumns } from "./model-columns";
import { comparedIn, isRules, MOST_COMPARED, modelKey } from "./model-words";
import styles from "./models.module.css";
import { PresetsPanel } from "./presets-panel";
import { Recommendations } from "./recommendations";
import { useDefaultModel } from "./use-default-model";

const route = getRouteApi("/shell/ai/models");

type Filter = "all" | "used" | "priced" | "unpriced";

export function ModelsScreen() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(comparisonQuery);
  const credentials = useQuery(credentialsQuery).data;
  const presets = useQuery(presetsQuery);
  const ready = error !== null || (data !== undefined && !presets.isPending);
  const [filter, setFilter] = useState<Filter>("all");
  const [pricing, setPricing] = useState<ComparedModel | null>(null);
  const use = useDefaultModel();
  const compared = comparedIn(search.compare, data?.items ?? []);
  const turn = (next: typeof search) => void navigate({ to: "/ai/models", search: next, replace: true });
  const compare = (rows: readonly ComparedModel[]) => {
    const { compare: _, ...rest } = search;
    turn(rows.length > 0 ? { ...rest, compare: rows.map(modelKey).join(",") } : rest);
  };
  const chosen = new Set(compared.map(modelKey));
  const toggle = (row: ComparedModel) =>
    compare(
      chosen.has(modelKey(row)) ? compared.filter((each) => modelKey(each) !== modelKey(row)) : [...compared, row],
    );
  const isDefault = (row: ComparedModel) =>
    credentials?.some((key) => key.is_default && key.id === row.credential_id && key.default_model === row.model) ??
    false;
  const columns = modelColumns({
    chosen,
    full: chosen.size >= MOST_COMPARED,
    toggle,
    isDefault,
    use,
    price: setPricing,
  });
  const file = useMemo(fileColumns, []);
  const rows = data?.items.filter((row) => matches(row, filter, search.find));
  return (
    <Page
      title={t("Models")}
      lead={t(
        "Prices per million tokens in US dollars. Latency, speed, tool calls and session cost are medians of your own calls.",
      )}
      actions={
        <>
          <CsvButton name="models" columns={file} rows={rows} />
          <LinkButton to="/ai/evals" search={{ new: "yes" }} variant="default">
            {t("Bake-off")}
          </LinkButton>
          <LinkButton to="/ai/keys" search={{ add: "any" }} leftSection={<IconPlus size={17} aria-hidden="true" />}>
            {t("Add key")}
          </LinkButton>
        </>
      }
    >
      {ready ? (
        <>
          <Recommendations comparison={data} onCompare={compare} />
          {compared.length > 0 ? (
            <ComparePanel rows={compared} onChange={compare} isDefault={isDefault} use={use} />
          ) : null}
          <Panel
            title={rows ? plural(rows.length, "{count} model", "{count} models") : t("All models")}
            flush
            beside={
              <Segments
                label={t("Which models")}
                value={filter}
                options={[
                  { value: "all", label: t("All") },
                  { value: "used", label: t("Used") },
                  { value: "priced", label: t("Priced") },
                  { value: "unpriced", label: t("No price") },
                ]}
                onChange={setFilter}
              />
            }
            end={
              <TextInput
                size="xs"
                aria-label={t("Find a model")}
                placeholder={t("Find a model")}
                leftSection={<IconSearch size={14} aria-hidden="true" />}
                data-filter=""
                value={search.find ?? ""}
                onChange={(event) => turn({ ...search, find: event.currentTarget.value })}
              />
            }
          >
            <DataTable
              label={t("Models that your keys reach")}
              columns={columns}
              source={{ rows, error, retry: refetch }}
              keyOf={modelKey}
              trouble={t("The models could not be read.")}
              empty={data?.items.length ? <EmptyState text={t("No model matches this filter.")} /> : <NoKeys />}
            />
            <Foot date={data?.prices_date} />
          </Panel>
          <PresetsPanel />
          <AnalystPanel />
        </>
      ) : (
        // What stands above and below the table comes with it, so nothing that is seen moves.
        <Panel key="loading" flush>
          <LoadingRows rows={12} />
        </Panel>
      )}
      <PriceDialog row={pricing} onClose={() => setPricing(null)} />
    </Page>
  );
}

function Foot({ date }: { date: string | undefined }) {
  return (
    <p className={styles.foot}>
      {date
        ? t(
            "List prices as of {date}, from the price data that comes with OMC. Tick up to {count} models to see them side by side.",
            {
              date: formatTime(date, "day"),
              count: MOST_COMPARED,
            },
          )
        : t("Tick up to {count} models to see them side by side.", { count: MOST_COMPARED })}
    </p>
  );
}

function NoKeys() {
  return (
    <EmptyState
      icon={<IconBrain size={22} />}
      text={t(
        "No key reaches a language model yet. Add one, or a server on this machine. The built-in analyst below needs none.",
      )}
      action={
        <LinkButton to="/ai/keys" search={{ add: "any" }}>
          {t("Add a key")}
        </LinkButton>
      }
    />
  );
}

function matches(row: ComparedModel, filter: Filter, find = ""): boolean {
  const whole = `${row.model} ${row.credential} ${row.provider}`.toLowerCase();
  if (
    !find
      .toLowerCase()
      .split(/\s+/)
      .every((word) => whole.includes(word))
  )
    return false;
  switch (filter) {
    case "all":
      return true;
    case "used":
      return (row.stats?.calls ?? 0) > 0;
    case "priced":
      return row.price_known || isRules(row);
    case "unpriced":
      return !row.price_known && !isRules(row);
  }
}
