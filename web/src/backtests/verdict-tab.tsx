/** Whether the result could be luck: the verdict and what each check found, how often these data were tried, the exam. */

import { useQuery } from "@tanstack/react-query";
import type { Backtest } from "../lib/contract";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { VerdictPanel } from "../ui/verdict-panel";
import { AskVerdict } from "./ask-verdict";
import { isChecking, validationsQuery, verdictQuery } from "./belief-data";
import { ChecksPanel } from "./checks-panel";
import { CostsPanel } from "./costs-panel";
import { ExamPanel } from "./exam-panel";
import { TriesPanel } from "./tries-panel";
import { WindowsPanel } from "./windows-panel";

export function VerdictTab({ backtest }: { backtest: Backtest }) {
  if (backtest.version_id) return <OfVersion backtest={backtest} version={backtest.version_id} />;
  return (
    <>
      <Panel title={t("Verdict")}>
        <EmptyState text={t("A verdict is on a version. Save this document as one, and let the gate judge it.")} />
      </Panel>
      <TriesPanel backtest={backtest} asked={0} />
    </>
  );
}

function OfVersion({ backtest, version }: { backtest: Backtest; version: string }) {
  const validations = useQuery(validationsQuery(version));
  const asked = validations.data?.items;
  const given = asked?.find((row) => row.verdict_id)?.verdict_id ?? null;
  const { data, error, refetch } = useQuery({ ...verdictQuery(version, given), enabled: !validations.isPending });
  const found = data?.verdict?.found;
  return (
    <>
      <VerdictPanel
        standing={data}
        error={error}
        retry={refetch}
        name={version}
        isAsked={Boolean(asked?.[0] && isChecking(asked[0]))}
      >
        {backtest.exam ? null : (
          <AskVerdict backtest={backtest} version={version} newest={asked?.[0]} again={Boolean(data?.verdict)} />
        )}
      </VerdictPanel>
      {found?.checks?.length ? <ChecksPanel checks={found.checks} name={version} /> : null}
      {found?.windows?.length ? <WindowsPanel windows={found.windows} name={version} /> : null}
      {found?.costs ? <CostsPanel costs={found.costs} name={version} /> : null}
      <TriesPanel
        backtest={backtest}
        asked={validations.isPending ? undefined : (asked?.filter((row) => row.ended_at).length ?? 0)}
      />
      <ExamPanel backtest={backtest} version={version} />
    </>
  );
}
