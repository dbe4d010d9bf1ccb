/** Writes a strategy document, as text or as a form, checked while it is written; kept as a version, tested from here. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Version } from "../lib/contract";
import { t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { ErrorState, LoadingRows } from "../ui/states";
import { written } from "./document-edit";
import { Editor } from "./editor";
import { starter } from "./starter";
import { versionQuery } from "./version-query";

const route = getRouteApi("/shell/strategies/edit");

export function EditorScreen() {
  const { version } = route.useSearch();
  return version ? <FromVersion key={version} id={version} /> : <New />;
}

function FromVersion({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(versionQuery(id));
  if (!data) return <Waiting error={error} retry={refetch} what={t("The version could not be read.")} />;
  return <Opened start={written(data.document)} version={data} />;
}

function New() {
  const { data, error } = useQuery(seriesQuery);
  if (!(data || error)) return <Waiting error={null} what="" />;
  return <Opened start={starter(data?.items[0])} version={null} />;
}

function Opened({ start, version }: { start: string; version: Version | null }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Editor
      start={start}
      version={version}
      view={search.view === "form" ? "form" : "text"}
      onView={(view) =>
        void navigate({ search: { ...search, view }, replace: true, resetScroll: false, ignoreBlocker: true })
      }
    />
  );
}

function Waiting({ error, what, retry }: { error: unknown; what: string; retry?: () => unknown }) {
  return (
    <Page title={t("Strategy editor")}>
      <Panel flush>{error ? <ErrorState error={error} what={what} retry={retry} /> : <LoadingRows rows={12} />}</Panel>
    </Page>
  );
}
