/** One approval: the limits first, then exactly what would be approved, then the decision. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { fitting, versionQuery } from "./approval-data";
import { ApprovalDesk } from "./approval-desk";

const route = getRouteApi("/shell/approvals/$version");

export function ApprovalScreen() {
  const { version: id } = route.useParams();
  const search = route.useSearch();
  const version = useQuery(versionQuery(id));
  const series = useQuery(seriesQuery);
  const trouble = version.error ?? series.error;
  const rows = version.data && series.data ? fitting(series.data.items, version.data) : undefined;
  const name = version.data
    ? t("{name}, version {number}", { name: version.data.name, number: version.data.number })
    : "";
  return (
    <Page
      title={t("Approve for paper trading")}
      facts={version.data?.status === "approved" ? <StatePill tone="good">{t("Approved before")}</StatePill> : null}
      lead={name || t("What you approve is exactly what is written here: no more, no less.")}
      actions={
        search.session ? (
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link {...props} to="/research/$session" params={{ session: search.session ?? "" }} />
            )}
          >
            {t("Back to the research")}
          </Button>
        ) : null
      }
    >
      {trouble ? (
        <Panel>
          <ErrorState
            error={trouble}
            what={t("What is to be approved could not be read.")}
            retry={() => Promise.all([version.refetch(), series.refetch()])}
          />
        </Panel>
      ) : !version.data || !rows ? (
        <Panel flush>
          <LoadingRows rows={8} />
        </Panel>
      ) : rows.length === 0 ? (
        <Panel>
          <EmptyState
            text={t("There are no candles of this strategy's market and bars any more. Import them, then approve.")}
            action={<Button renderRoot={(props) => <Link {...props} to="/data" />}>{t("Go to Data")}</Button>}
          />
        </Panel>
      ) : (
        <ApprovalDesk version={version.data} series={rows} first={search.series} />
      )}
    </Page>
  );
}
