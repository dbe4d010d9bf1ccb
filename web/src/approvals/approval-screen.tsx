/** One approval: the limits first, then exactly what would be approved, then the decision. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type {
  ProposalAnswer,
  OmcLedgersMessagesSeriesAnswer as Series,
  VersionAnswer,
} from "../api/generated/types.gen";
import { t } from "../lib/message";
import { proposalsQuery, seriesQuery } from "../lib/queries";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { VerdictPanel } from "../ui/verdict-panel";
import { decisionsQuery, fitting, standingQuery, versionQuery } from "./approval-data";
import { ApprovalDesk } from "./approval-desk";
import { DeniedPanel } from "./denied-panel";
import { History, ProposalPanel } from "./proposal-panel";

const route = getRouteApi("/shell/approvals/$version");

export function ApprovalScreen() {
  const { version: id } = route.useParams();
  const search = route.useSearch();
  const { version, series, proposal, pending, trouble, retry } = useLaidBefore(id);
  const session = search.session ?? proposal?.session_id;
  const name = version ? t("{name}, version {number}", { name: version.name, number: version.number }) : "";
  return (
    <Page
      title={t("Approve for paper trading")}
      facts={<Standing status={version?.status} />}
      lead={name || t("What you approve is exactly what is written here: no more, no less.")}
      actions={
        session ? (
          <Button
            variant="default"
            renderRoot={(props) => <Link {...props} to="/research/$session" params={{ session }} />}
          >
            {t("Back to the research")}
          </Button>
        ) : null
      }
    >
      {trouble ? (
        <Panel>
          <ErrorState error={trouble} what={t("What is to be approved could not be read.")} retry={retry} />
        </Panel>
      ) : !version || pending ? (
        <Panel flush>
          <LoadingRows rows={8} />
        </Panel>
      ) : (
        <Laid version={version} series={series} proposal={proposal} first={search.series} />
      )}
    </Page>
  );
}

/** The version with all that stands around it. */
function useLaidBefore(id: string) {
  const version = useQuery(versionQuery(id));
  const series = useQuery(seriesQuery);
  const proposals = useQuery(proposalsQuery);
  const decisions = useQuery(decisionsQuery(id));
  const all = [version, series, proposals, decisions];
  return {
    version: version.data,
    series: version.data && series.data ? fitting(series.data.items, version.data) : [],
    proposal: proposals.data?.items.find((row) => row.version_id === id),
    pending: all.some((query) => query.isPending),
    trouble: all.find((query) => query.error)?.error,
    retry: () => Promise.all(all.filter((query) => query.isError).map((query) => query.refetch())),
  };
}

type LaidProps = {
  version: VersionAnswer;
  series: readonly (readonly Series[])[];
  proposal: ProposalAnswer | undefined;
  first: string | undefined;
};

function Laid({ version, series, proposal, first }: LaidProps) {
  return (
    <>
      {proposal ? <ProposalPanel proposal={proposal} /> : null}
      <History version={version.id} />
      {version.status === "denied" ? (
        <DeniedPanel version={version} />
      ) : series.length === 0 ? (
        <Panel>
          <EmptyState
            text={t("There are no candles of this strategy's market and bars any more. Import them, then approve.")}
            action={<Button renderRoot={(props) => <Link {...props} to="/data" />}>{t("Go to Data")}</Button>}
          />
        </Panel>
      ) : (
        <>
          <GivenVerdict version={version.id} />
          <ApprovalDesk version={version} series={series} first={first} session={proposal?.session_id} />
        </>
      )}
    </>
  );
}

/** What the gate said last: without a pass, approving asks for a reason. */
function GivenVerdict({ version }: { version: string }) {
  const { data, error, refetch } = useQuery(standingQuery(version));
  return <VerdictPanel standing={data} error={error} retry={refetch} name={version} />;
}

function Standing({ status }: { status: VersionAnswer["status"] | undefined }) {
  if (status === "approved") return <StatePill tone="good">{t("Approved before")}</StatePill>;
  return status === "denied" ? <StatePill tone="bad">{t("Denied")}</StatePill> : null;
}
