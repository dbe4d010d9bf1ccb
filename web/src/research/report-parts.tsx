/** The report's parts: prose with figures that lead to evidence, tables of them, facts. */

import { createContext, useContext } from "react";
import type { Fact, OmcLabReportFigure as Figure, MetricsRow, Report } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { placeText } from "./evidence-place";
import styles from "./report.module.css";

/** Opens the evidence drawer; given once for the whole report. */
export const OpenEvidence = createContext<(place: string) => void>(() => undefined);

type Span = Report["answer_spans"][number];

export function Spans({ spans }: { spans: readonly Span[] }) {
  return (
    <>
      {spans.map((span, index) => {
        const key = `${index}`;
        if ("figure" in span) return <FigureLink key={key} figure={span.figure} />;
        if ("unverified" in span) return <Unverified key={key} text={span.unverified} />;
        return <Words key={key} text={span.text} />;
      })}
    </>
  );
}

function FigureLink({ figure }: { figure: Figure }) {
  const open = useContext(OpenEvidence);
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

/** Words between backticks are code. */
function Words({ text }: { text: string }) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return <>{text}</>;
  return (
    <>
      {parts.map((part, index) => {
        const key = `${index} ${part}`;
        return index % 2 === 1 ? (
          <code key={key} className={styles.code}>
            {part}
          </code>
        ) : (
          <span key={key}>{part}</span>
        );
      })}
    </>
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

export function Metrics({ rows }: { rows: readonly MetricsRow[] }) {
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

export function FactList({ title, facts }: { title: string; facts: readonly Fact[] }) {
  const open = useContext(OpenEvidence);
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
