/** A strategy document as a person reads it, and as it is stored: the stored one is what counts. */

import { t } from "../lib/message";
import { RawJson } from "./raw-json";
import styles from "./strategy-document.module.css";

type StrategyDocumentProps = { document: Record<string, unknown>; hash: string };

/** In the order of the document; what is not named here stands in the JSON like everything else. */
const EXPRESSIONS = ["entry", "exit", "short_entry", "short_exit"] as const;

export function StrategyDocument({ document, hash }: StrategyDocumentProps) {
  const names: Record<(typeof EXPRESSIONS)[number], string> = {
    entry: t("Enters when"),
    exit: t("Leaves when"),
    short_entry: t("Goes short when"),
    short_exit: t("Ends the short when"),
  };
  const rules = EXPRESSIONS.filter((name) => typeof document[name] === "string");
  return (
    <div className={styles.document}>
      <dl className={styles.rules}>
        <dt>{t("Market")}</dt>
        <dd>{[list(document.universe), String(document.timeframe ?? "")].join(" · ")}</dd>
        {entries(document.features).map(([name, text]) => (
          <Rule key={name} name={name} text={text} />
        ))}
        {rules.map((name) => (
          <Rule key={name} name={names[name]} text={String(document[name])} />
        ))}
        {entries(document.parameters).map(([name, text]) => (
          <Rule key={name} name={name} text={text} />
        ))}
        {entries(document.sizing).map(([name, text]) => (
          <Rule key={name} name={t("Sizing: {name}", { name: name.replaceAll("_", " ") })} text={text} />
        ))}
        {entries(document.costs).map(([name, text]) => (
          <Rule key={name} name={t("Costs: {name}", { name: name.replaceAll("_", " ") })} text={text} />
        ))}
      </dl>
      <RawJson title={t("Document as stored")} name={`strategy-${hash.slice(0, 12)}`} value={document} />
    </div>
  );
}

function Rule({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <code className={styles.code}>{text}</code>
      </dd>
    </>
  );
}

function entries(value: unknown): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).map(([name, each]) => [
    name,
    typeof each === "object" ? JSON.stringify(each) : String(each),
  ]);
}

function list(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : "";
}
