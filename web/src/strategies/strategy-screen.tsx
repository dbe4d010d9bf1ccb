/** One strategy: its versions, the document of one of them, and what was tried with it. */

import { Button } from "@mantine/core";
import { IconRocket } from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { engineVersion } from "../api/generated/sdk.gen";
import type { StrategyAnswer, VersionShort } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { strategiesQuery } from "../lib/queries";
import { Age, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill, type Tone } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { StrategyDocument } from "../ui/strategy-document";
import { RunPanel } from "./run-panel";
import styles from "./strategies.module.css";
import { TrialsPanel } from "./trials-panel";

const route = getRouteApi("/shell/strategies/$strategy");

const versionQuery = (id: string) =>
  queryOptions({
    queryKey: ["strategies", "version", id],
    queryFn: ({ signal }) => engineVersion({ path: { version_id: id }, signal }),
  });

export function StrategyScreen() {
  const { strategy: id } = route.useParams();
  const { data, error, refetch } = useQuery(strategiesQuery);
  const strategy = data?.items.find((row) => row.id === id);
  if (strategy) return <Opened strategy={strategy} />;
  return (
    <Page title={t("Strategy")}>
      <Panel flush>
        {error ? (
          <ErrorState error={error} what={t("This strategy could not be read.")} retry={refetch} />
        ) : data ? (
          <EmptyState
            text={t("There is no such strategy in this workspace.")}
            action={<Button renderRoot={(props) => <Link {...props} to="/strategies" />}>{t("To the library")}</Button>}
          />
        ) : (
          <LoadingRows rows={8} />
        )}
      </Panel>
    </Page>
  );
}

const STANDINGS: Record<VersionShort["status"], { word: string; tone: Tone }> = {
  draft: { word: t("Draft"), tone: "quiet" },
  approved: { word: t("Approved"), tone: "good" },
  denied: { word: t("Denied"), tone: "bad" },
};

const COLUMNS: readonly Column<VersionShort & { strategy: string }>[] = [
  {
    id: "number",
    title: t("Version"),
    value: (row) => row.number,
    cell: (row) => (
      <Link
        className={styles.name}
        to="/strategies/$strategy"
        params={{ strategy: row.strategy }}
        search={{ version: row.id }}
        replace
        data-row=""
      >
        {t("Version {number}", { number: row.number })}
      </Link>
    ),
  },
  {
    id: "status",
    title: t("State"),
    value: (row) => row.status,
    cell: (row) => <StatePill tone={STANDINGS[row.status].tone}>{STANDINGS[row.status].word}</StatePill>,
  },
  { id: "hash", title: t("Hash"), value: (row) => row.hash, cell: (row) => <Mono>{shortHash(row.hash)}</Mono> },
  {
    id: "created",
    title: t("Saved"),
    align: "end",
    value: (row) => row.created_at,
    cell: (row) => <Age value={row.created_at} />,
  },
];

function Opened({ strategy }: { strategy: StrategyAnswer }) {
  const search = route.useSearch();
  const chosen = strategy.versions.find((row) => row.id === search.version) ?? strategy.versions[0];
  const rows = strategy.versions.map((row) => ({ ...row, strategy: strategy.id }));
  return (
    <Page
      title={strategy.name}
      lead={t("Versions never change: a new document is a new version.")}
      actions={
        chosen ? (
          <Button
            leftSection={<IconRocket size={16} aria-hidden="true" />}
            renderRoot={(props) => <Link {...props} to="/approvals/$version" params={{ version: chosen.id }} />}
          >
            {t("Promote version {number} to paper", { number: chosen.number })}
          </Button>
        ) : null
      }
    >
      <div className={styles.columns}>
        <div className={styles.column}>
          <Panel
            title={t("Versions")}
            flush
            end={<CsvButton name={`strategy-${strategy.id}-versions`} columns={COLUMNS} rows={rows} />}
          >
            <DataTable
              label={t("Versions of this strategy")}
              columns={COLUMNS}
              source={{ rows }}
              keyOf={(row) => row.id}
              trouble=""
              empty={<EmptyState text={t("No version was saved.")} />}
            />
          </Panel>
          {chosen ? <RunPanel version={chosen.id} /> : null}
        </div>
        <div className={styles.column}>
          {chosen ? <DocumentPanel version={chosen} /> : null}
          {chosen ? <TrialsPanel version={chosen.id} /> : null}
        </div>
      </div>
    </Page>
  );
}

function DocumentPanel({ version }: { version: VersionShort }) {
  const { data, error, refetch } = useQuery(versionQuery(version.id));
  return (
    <Panel
      title={t("Document of version {number}", { number: version.number })}
      end={<Mono>{shortHash(version.hash)}</Mono>}
    >
      {error ? <ErrorState error={error} what={t("The document could not be read.")} retry={refetch} /> : null}
      {data ? <StrategyDocument document={data.document} hash={data.hash} /> : error ? null : <LoadingRows rows={15} />}
    </Panel>
  );
}
