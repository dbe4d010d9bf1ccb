/** Named series of observations: funding rates, indexes, figures of a chain, as a strategy's inputs name them. */

import { useQuery } from "@tanstack/react-query";
import type { ObservedAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Count, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { observedQuery } from "./data-queries";

const COLUMNS: Column<ObservedAnswer>[] = [
  { id: "name", title: t("Name"), value: (row) => row.name, cell: (row) => row.name },
  { id: "source", title: t("Source"), value: (row) => row.source, cell: (row) => row.source },
  { id: "rows", title: t("Values"), align: "end", value: (row) => row.rows, cell: (row) => <Count value={row.rows} /> },
  {
    id: "start",
    title: t("From"),
    align: "end",
    value: (row) => row.start,
    cell: (row) => <Time value={row.start} part="day" />,
  },
  {
    id: "end",
    title: t("To"),
    align: "end",
    value: (row) => row.end,
    cell: (row) => <Time value={row.end} part="day" />,
  },
];

export function ObservedPanel() {
  const { data, error, refetch } = useQuery(observedQuery);
  const rows = data?.items;
  return (
    <Panel title={t("Observations")} flush end={<CsvButton name="observations" columns={COLUMNS} rows={rows} />}>
      <DataTable
        label={t("Observations")}
        columns={COLUMNS}
        source={{ rows, error, retry: refetch }}
        keyOf={(row) => row.id}
        sortedBy={{ id: "name", down: false }}
        loadingRows={2}
        empty={
          <EmptyState
            text={t(
              "None yet. A file of funding rates, an index or figures of a chain, taken in above, becomes an input of strategies.",
            )}
          />
        }
        trouble={t("The observations could not be loaded.")}
      />
    </Panel>
  );
}
