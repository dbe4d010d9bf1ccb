/** The report: the answer first, then what it rests on; every figure leads to the evidence it was read from. */

import { Anchor } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Report } from "../api/generated/types.gen";
import { address } from "../lib/http";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import { StatePill, type Tone } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { EvidenceChart } from "./evidence-chart";
import styles from "./report.module.css";
import { ReportChart } from "./report-chart";
import { ReportNotices } from "./report-notices";
import { FactList, Metrics, OpenEvidence, Spans } from "./report-parts";
import { TriedPanel } from "./report-tried";
import { reportQuery } from "./run-data";

const EXPORTS = [
  ["md", t("Markdown")],
  ["html", t("HTML")],
  ["pdf", t("PDF")],
] as const;

type Block = Report["sections"][number]["blocks"][number];

type ReportViewProps = {
  session: string;
  /** Something before it was changed since. */
  stale: boolean;
  onEvidence: (place: string) => void;
};

export function ReportView({ session, stale, onEvidence }: ReportViewProps) {
  const { data, error, refetch } = useQuery(reportQuery(session));
  if (error) {
    return (
      <Panel>
        <ErrorState error={error} what={t("The report could not be read.")} retry={refetch} />
      </Panel>
    );
  }
  if (!data) {
    return (
      <Panel flush>
        <LoadingRows rows={10} />
      </Panel>
    );
  }
  return (
    <OpenEvidence value={onEvidence}>
      <div className={styles.report}>
        <Finding session={session} report={data} stale={stale} />
        {data.sections.length === 0 ? (
          <Panel>
            <EmptyState icon={<IconFileText size={22} />} text={t("The report has no sections.")} />
          </Panel>
        ) : null}
        {data.sections.map((section, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stored report never changes its order
          <Panel key={index} title={section.title} flush>
            {section.blocks.map((block, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <BlockView key={at} block={block} session={session} />
            ))}
          </Panel>
        ))}
        <TriedPanel report={data} />
        <Basis report={data} />
      </div>
    </OpenEvidence>
  );
}

function Finding({ session, report, stale }: { session: string; report: Report; stale: boolean }) {
  const verdict = verdictWords(report.verdict);
  return (
    <Panel
      title={t("Finding")}
      beside={<StatePill tone={verdict.tone}>{verdict.text}</StatePill>}
      end={EXPORTS.map(([format, name]) => (
        <Anchor key={format} size="sm" href={address(`/lab/sessions/${session}/report/export`, { format })} download>
          {name}
        </Anchor>
      ))}
    >
      <div className={styles.finding}>
        <ReportNotices report={report} stale={stale} />
        <p className={styles.question}>{report.question}</p>
        <p className={styles.answer}>
          <Spans spans={report.answer_spans} />
        </p>
        <p className={styles.dim}>
          {confidenceWords(report.confidence)} <Spans spans={report.confidence_because} />
        </p>
        {report.version_id ? (
          <p>
            <Link
              className={styles.link}
              to="/approvals/$version"
              params={{ version: report.version_id }}
              search={{ session }}
            >
              {t("Review this strategy for paper trading")}
            </Link>
          </p>
        ) : null}
      </div>
    </Panel>
  );
}

function BlockView({ block, session }: { block: Block; session: string }) {
  if ("rows" in block) return <Metrics rows={block.rows} />;
  if ("at" in block)
    return <EvidenceChart session={session} number={block.evidence} title={block.title} chart={block} />;
  if ("ts" in block) return <ReportChart session={session} block={block} />;
  return (
    <p className={styles.text}>
      <Spans spans={block.spans} />
    </p>
  );
}

function Basis({ report }: { report: Report }) {
  return (
    <Panel title={t("What it rests on")}>
      <div className={styles.basis}>
        <FactList title={t("Data")} facts={report.data} />
        <FactList title={t("Costs and assumptions")} facts={report.costs} />
        <div>
          <h3 className={styles.small}>{t("Limitations")}</h3>
          {report.limitations.length === 0 ? <p>{t("None were named.")}</p> : null}
          <ul className={styles.limits}>
            {report.limitations.map((limitation) => (
              <li key={limitation}>{limitation}</li>
            ))}
          </ul>
          <h3 className={styles.small}>{t("What would change the answer")}</h3>
          {report.would_change.length === 0 ? <p>{t("Nothing was named.")}</p> : null}
          <ul className={styles.limits}>
            {report.would_change.map((change) => (
              <li key={change}>{change}</li>
            ))}
          </ul>
        </div>
      </div>
    </Panel>
  );
}

function verdictWords(verdict: Report["verdict"]): { text: string; tone: Tone } {
  const words: Record<Report["verdict"], { text: string; tone: Tone }> = {
    yes: { text: t("Yes"), tone: "good" },
    no: { text: t("No"), tone: "bad" },
    mixed: { text: t("Mixed"), tone: "info" },
    not_tested: { text: t("Not tested"), tone: "quiet" },
  };
  return words[verdict];
}

function confidenceWords(confidence: Report["confidence"]): string {
  const words: Record<Report["confidence"], string> = {
    low: t("Confidence: low."),
    medium: t("Confidence: medium."),
    high: t("Confidence: high."),
  };
  return words[confidence];
}
