/** One strategy: its versions, the document of one of them, and what was tried with it. */

import { IconPencil, IconRocket } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { StrategyAnswer, VersionShort } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { strategiesQuery } from "../lib/queries";
import { Age, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill, type Tone } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { StrategyDocument } from "../ui/strategy-document";
import { DiffPanel } from "./diff-panel";
import { RunPanel } from "./run-panel";
import styles from "./strategies.module.css";
import { SweepButton } from "./sweep-button";
import { TrialsPanel } from "./trials-panel";
import { versionQuery } from "./version-query";

const route = getRouteApi("/shell/strategies/$strategy");

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
            action={<LinkButton to="/strategies">{t("To the library")}</LinkButton>}
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
  const navigate = useNavigate({ from: "/strategies/$strategy" });
  const chosen = strategy.versions.find((row) => row.id === search.version) ?? strategy.versions[0];
  const rows = strategy.versions.map((row) => ({ ...row, strategy: strategy.id }));
  return (
    <Page
      title={strategy.name}
      lead={t("Versions never change: a new document is a new version.")}
      actions={
        chosen ? (
          <>
            <LinkButton variant="default" to="/backtests/sweeps" search={{ hash: chosen.hash }}>
              {t("Sweeps")}
            </LinkButton>
            <SweepButton key={chosen.id} version={chosen} />
            <LinkButton
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden="true" />}
              to="/strategies/edit"
              search={{ version: chosen.id }}
            >
              {t("Edit as a new version")}
            </LinkButton>
            <LinkButton
              leftSection={<IconRocket size={16} aria-hidden="true" />}
              to="/approvals/$version"
              params={{ version: chosen.id }}
            >
              {t("Promote version {number} to paper", { number: chosen.number })}
            </LinkButton>
          </>
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
          {chosen ? (
            <DiffPanel
              versions={strategy.versions}
              chosen={chosen}
              against={search.against}
              onAgainst={(against) =>
                void navigate({ search: { version: chosen.id, against }, replace: true, resetScroll: false })
              }
            />
          ) : null}
          {chosen ? <RunVersion version={chosen} /> : null}
        </div>
        <div className={styles.column}>
          {chosen ? <DocumentPanel version={chosen} /> : null}
          {chosen ? <TrialsPanel version={chosen.id} /> : null}
        </div>
      </div>
    </Page>
  );
}

function RunVersion({ version }: { version: VersionShort }) {
  const { data } = useQuery(versionQuery(version.id));
  return (
    <RunPanel title={t("Backtest this version")} what={{ version_id: version.id }} document={data?.document ?? null} />
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
