/** API tokens for scripts: each shown once, with the scopes it may use. */

import { Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { identityListTokens, identityRevokeToken } from "../api/generated/sdk.gen";
import type { ApiToken } from "../lib/contract";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Mono, Time } from "../ui/amount";
import { type Column, DataTable } from "../ui/data-table";
import { Buttons, Dialog } from "../ui/dialog";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { NewTokenDialog } from "./new-token-dialog";

const KEY = ["tokens"];

export function TokensTab() {
  const client = useQueryClient();
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<ApiToken | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => identityListTokens({ signal }) });
  const changed = () => client.invalidateQueries({ queryKey: KEY });
  return (
    <Panel
      title={t("API tokens")}
      flush
      end={
        <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setMaking(true)}>
          {t("New token")}
        </Button>
      }
    >
      <DataTable
        label={t("API tokens")}
        columns={columnsOf(setEnding)}
        source={{ rows: data?.items, error, retry: refetch }}
        keyOf={(row) => row.id}
        empty={
          <EmptyState
            icon={<IconKey size={22} />}
            text={t("No token yet. A script sends one as a bearer token and needs no sign-in.")}
          />
        }
        trouble={t("The tokens could not be loaded.")}
      />
      {making ? <NewTokenDialog onClose={() => setMaking(false)} onMade={changed} /> : null}
      {ending ? <EndDialog token={ending} onClose={() => setEnding(null)} onEnded={changed} /> : null}
    </Panel>
  );
}

function EndDialog({ token, onClose, onEnded }: { token: ApiToken; onClose: () => void; onEnded: () => unknown }) {
  const end = useMutation({
    mutationFn: () => identityRevokeToken({ path: { token_id: token.id } }),
    onSuccess: async () => {
      await onEnded();
      notify("good", t("The token “{name}” works no more", { name: token.name }));
      onClose();
    },
  });
  return (
    <Dialog opened title={t("End this token?")} onClose={onClose}>
      <p>{t("Scripts that use “{name}” are refused from now on. This cannot be undone.", { name: token.name })}</p>
      <p role="alert">{end.error ? explain(end.error) : ""}</p>
      <Buttons>
        <Button variant="default" onClick={onClose} data-autofocus="">
          {t("Keep it")}
        </Button>
        <Button color="orange.7" loading={end.isPending} onClick={() => end.mutate()}>
          {t("End the token")}
        </Button>
      </Buttons>
    </Dialog>
  );
}

function columnsOf(onEnd: (token: ApiToken) => void): Column<ApiToken>[] {
  return [
    { id: "name", title: t("Name"), value: (row) => row.name, cell: (row) => <strong>{row.name}</strong> },
    { id: "hint", title: t("Token"), cell: (row) => <Mono>{`omc_…${row.hint}`}</Mono> },
    { id: "scopes", title: t("May"), value: (row) => row.scopes.join(" "), cell: (row) => row.scopes.join(", ") },
    {
      id: "created_at",
      title: t("Made"),
      align: "end",
      value: (row) => row.created_at,
      cell: (row) => <Time value={row.created_at} />,
    },
    {
      id: "expires_at",
      title: t("Ends"),
      align: "end",
      value: (row) => row.expires_at,
      cell: (row) => <Time value={row.expires_at} />,
    },
    {
      id: "end",
      title: t("Action"),
      align: "end",
      cell: (row) => (
        <Button
          variant="default"
          size="xs"
          onClick={() => onEnd(row)}
          aria-label={t("End: {name}", { name: row.name })}
        >
          {t("End")}
        </Button>
      ),
    },
  ];
}
