/** Tokens by which programs use the API: made, listed by their end, revoked. */

import { Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { identityListTokens } from "../api/generated/sdk.gen";
import type { TokenAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { formatUtc } from "../lib/time";
import { Age, Mono, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { NewTokenDialog } from "./new-token";
import { RevokeDialog } from "./revoke-dialog";
import { scopeWords } from "./scopes";
import styles from "./settings.module.css";

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => identityListTokens({ signal }),
});

export function TokensSection() {
  const { data, error, refetch } = useQuery(tokensQuery);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<TokenAnswer | null>(null);
  const columns = useMemo(() => tokenColumns(setRevoking), []);
  const make = (
    <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setMaking(true)}>
      {t("New token")}
    </Button>
  );
  return (
    <>
      <Panel
        title={t("API tokens")}
        flush
        end={
          <>
            <CsvButton name="api-tokens" columns={columns} rows={data?.items} />
            {data?.items.length ? make : null}
          </>
        }
      >
        <DataTable
          label={t("API tokens of this workspace")}
          columns={columns}
          source={{ rows: data?.items, error, retry: refetch }}
          keyOf={(row) => row.id}
          loadingRows={4}
          trouble={t("The tokens could not be read.")}
          empty={
            <EmptyState
              icon={<IconKey size={22} />}
              text={t("No token yet. With one, a script or notebook can use the API without a browser.")}
              action={make}
            />
          }
        />
      </Panel>
      <NewTokenDialog opened={making} onClose={() => setMaking(false)} />
      <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}

function tokenColumns(revoke: (token: TokenAnswer) => void): Column<TokenAnswer>[] {
  return [
    {
      id: "name",
      title: t("Name"),
      value: (row) => row.name,
      cell: (row) => <b className={styles.name}>{row.name}</b>,
    },
    { id: "hint", title: t("Token"), value: (row) => `…${row.hint}`, cell: (row) => <Mono>omc_…{row.hint}</Mono> },
    {
      id: "scopes",
      title: t("May"),
      value: (row) => row.scopes.join(" "),
      cell: (row) => row.scopes.map((scope) => scopeWords(scope).title).join(", "),
    },
    {
      id: "created",
      title: t("Made"),
      value: (row) => formatUtc(row.created_at),
      cell: (row) => <Age value={row.created_at} />,
    },
    {
      id: "expires",
      title: t("Expires"),
      value: (row) => formatUtc(row.expires_at),
      cell: (row) =>
        Date.parse(row.expires_at) <= Date.now() ? (
          <StatePill tone="quiet">{t("Expired")}</StatePill>
        ) : (
          <Time value={row.expires_at} part="day" />
        ),
    },
    {
      id: "revoke",
      title: t("Action"),
      align: "end",
      cell: (row) => (
        <Button
          variant="subtle"
          color="orange"
          size="compact-sm"
          aria-label={t("Revoke {name}", { name: row.name })}
          onClick={() => revoke(row)}
        >
          {t("Revoke")}
        </Button>
      ),
    },
  ];
}
