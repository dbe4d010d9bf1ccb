/** The report: the answer first, then what it rests on; every figure leads to the evidence it was read from. */

import { Anchor } from "@mantine/core";
import { IconAlertTriangle, IconFileText } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { createContext, useContext } from "react";
import type { Block, Fact, Figure, Report, Span } from "../lib/contract";
import { address } from "../lib/http";
import { plural, t } from "../lib/message";
import { Panel } from "../ui/panel";
import { StatePill, type Tone } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { placeText } from "./evidence-place";
import styles from "./report.module.css";
import { ReportChart } from "./report-chart";
import { reportQuery } from "./run-data";

/** Opens the evidence drawer; given once for the whole report. */
const Open = createContext<(place: string) => void>(() => undefined);

type ReportViewProps = { session: string; onEvidence: (place: string) => void };

export function ReportView({ session, onEvidence }: ReportViewProps) {
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
    <Open value={onEvidence}>
      <div className={styles.report}>
        <Finding session={session} report={data} />
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
        <Basis report={data} />
      </div>
    </Open>
  );
}

function Finding({ session, report }: { session: string; report: Report }) {
  const verdict = verdictWords(report.verdict);
  return (
    <Panel
      title={t("Finding")}
      beside={<StatePill tone={verdict.tone}>{verdict.text}</StatePill>}
      end={
        <>
          <Anchor size="sm" href={address(`/lab/sessions/${session}/report/export`, { format: "md" })} download>
            {t("Markdown")}
          </Anchor>
          <Anchor size="sm" href={address(`/lab/sessions/${session}/report/export`, { format: "html" })} download>
            {t("HTML")}
          </Anchor>
        </>
      }
    >
      <div className={styles.finding}>
        <p className={styles.question}>{report.question}</p>
        <p className={styles.answer}>
          <Spans spans={report.answer_spans ?? [{ text: report.answer }]} />
        </p>
        <p className={styles.dim}>
          {confidenceWords(report.confidence)}{" "}
          {report.confidence_because ? <Spans spans={report.confidence_because} /> : null}
        </p>
        {report.unverified > 0 ? (
          <p className={styles.warning}>
            <IconAlertTriangle size={17} aria-hidden="true" />
            {plural(
              report.unverified,
              "{count} number was typed by the model and is backed by no evidence. It is marked where it stands.",
              "{count} numbers were typed by the model and are backed by no evidence. They are marked where they stand.",
            )}
          </p>
        ) : (
          <p className={styles.dim}>
            {t("Every number below was read from stored evidence. Choose one to see it there.")}
          </p>
        )}
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
  switch (block.kind) {
    case "text":
      return (
        <p className={styles.text}>
          <Spans spans={block.spans} />
        </p>
      );
    case "metrics":
      return <Metrics rows={block.rows} />;
    case "equity":
      return <ReportChart session={session} block={block} />;
  }
}

function Spans({ spans }: { spans: readonly Span[] }) {
  return (
    <>
      {spans.map((span, index) => {
        const key = `${index}`;
        if ("figure" in span) return <FigureLink key={key} figure={span.figure} />;
        if ("unverified" in span) return <Unverified key={key} text={span.unverified} />;
        return <span key={key}>{span.text}</span>;
      })}
    </>
  );
}

export function FigureLink({ figure }: { figure: Figure }) {
  const open = useContext(Open);
  return (
    <button
      type="button"
      className={styles.figure}
      title={t("{label}: evidence {number}", { label: figure.label, number: figure.evidence })}
      onClick={() => open(placeText(figure.evidence, figure.path))}
    >
      {figure.display}
    </button>
  );
}

function Unverified({ text }: { text: string }) {
  return (
    <span className={styles.unverified} title={t("Typed by the model; no evidence backs it")}>
      {text}
      <span className={styles.mark}>{t("unverified")}</span>
    </span>
  );
}

function Metrics({ rows }: { rows: Extract<Block, { kind: "metrics" }>["rows"] }) {
  const compared = rows.some((row) => row.benchmark);
  return (
    <table className={styles.metrics}>
      <thead>
        <tr>
          <th scope="col">{t("Figure")}</th>
          <th scope="col">{t("Strategy")}</th>
          {compared ? <th scope="col">{t("Holding")}</th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.label} ${row.figure.path}`}>
            <th scope="row">{row.label}</th>
            <td>
              <FigureLink figure={row.figure} />
            </td>
            {compared ? <td>{row.benchmark ? <FigureLink figure={row.benchmark} /> : "–"}</td> : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Basis({ report }: { report: Report }) {
  return (
    <Panel title={t("What it rests on")}>
      <div className={styles.basis}>
        <FactList title={t("Data")} facts={report.data} />
        <FactList title={t("Costs and assumptions")} facts={report.costs} />
        <div>
          <h3 className={styles.small}>{t("Trials")}</h3>
          <p>
            {plural(
              report.trials,
              "{count} trial was run in this session, reported or not.",
              "{count} trials were run in this session, reported or not.",
            )}
          </p>
          <h3 className={styles.small}>{t("Limitations")}</h3>
          {report.limitations.length === 0 ? <p>{t("None were named.")}</p> : null}
          <ul className={styles.limits}>
            {report.limitations.map((limitation) => (
              <li key={limitation}>{limitation}</li>
            ))}
          </ul>
        </div>
      </div>
    </Panel>
  );
}

function FactList({ title, facts }: { title: string; facts: readonly Fact[] }) {
  const open = useContext(Open);
  return (
    <div>
      <h3 className={styles.small}>{title}</h3>
      {facts.length === 0 ? <p className={styles.dim}>{t("None stored.")}</p> : null}
      <dl className={styles.facts}>
        {facts.map((fact) => (
          <div key={fact.path} className={styles.fact}>
            <dt>{fact.label}</dt>
            <dd>
              <button type="button" className={styles.figure} onClick={() => open(placeText(fact.evidence, fact.path))}>
                {fact.display}
              </button>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function verdictWords(verdict: string): { text: string; tone: Tone } {
  const known: Record<string, { text: string; tone: Tone }> = {
    yes: { text: t("Yes"), tone: "good" },
    no: { text: t("No"), tone: "bad" },
    mixed: { text: t("Mixed"), tone: "info" },
    not_tested: { text: t("Not tested"), tone: "quiet" },
  };
  return known[verdict] ?? { text: verdict, tone: "quiet" };
}

function confidenceWords(confidence: string): string {
  const known: Record<string, string> = {
    low: t("Confidence: low."),
    medium: t("Confidence: medium."),
    high: t("Confidence: high."),
  };
  return known[confidence] ?? t("Confidence: {level}.", { level: confidence });
}
