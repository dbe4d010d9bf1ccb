/** What the server says of the text as it stands: every problem with its place, or what the document amounts to. */

import { UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Inspected } from "../api/generated/types.gen";
import type { Strategy } from "../lib/contract";
import { shortHash } from "../lib/format";
import { plural, t } from "../lib/message";
import { Mono } from "../ui/amount";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { ErrorState } from "../ui/states";
import styles from "./editor.module.css";
import type { Located } from "./problem-places";
import type { Check } from "./use-draft";

type CheckPanelProps = { check: Check; twin: Twin | null; onShow: (problem: Located) => void };

/** The version that has the same document already. */
export type Twin = { strategy: Strategy; version: Strategy["versions"][number] };

export function CheckPanel({ check, twin, onShow }: CheckPanelProps) {
  const { told, problems, error, retry } = check;
  return (
    <Panel title={t("Check")} beside={<span role="status">{pill(check)}</span>}>
      <div className={styles.check} aria-busy={told === undefined && !error}>
        {error ? <ErrorState error={error} what={t("The document could not be checked.")} retry={retry} /> : null}
        {!(error || told) ? <p className={styles.note}>{t("Checked as soon as you pause.")}</p> : null}
        {problems.length > 0 ? <Problems problems={problems} onShow={onShow} /> : null}
        {told?.ok ? <Facts told={told} twin={twin} /> : null}
      </div>
    </Panel>
  );
}

export function AssumptionsPanel({ told }: { told: Inspected }) {
  return (
    <Panel title={t("What it assumes")}>
      <dl className={styles.facts}>
        {Object.entries(told.assumptions ?? {}).map(([name, text]) => (
          <Fact key={name} name={name.replaceAll("_", " ")} text={text} />
        ))}
      </dl>
    </Panel>
  );
}

function pill({ told, problems, error }: Check) {
  if (error) return <StatePill tone="bad">{t("Not checked")}</StatePill>;
  if (!told) return <StatePill tone="quiet">{t("Checking")}</StatePill>;
  if (told.ok) return <StatePill tone="good">{t("Accepted")}</StatePill>;
  return <StatePill tone="bad">{plural(problems.length, "{count} problem", "{count} problems")}</StatePill>;
}

function Problems({ problems, onShow }: { problems: readonly Located[]; onShow: (problem: Located) => void }) {
  return (
    <ul className={styles.problems} aria-label={t("Problems of the document")}>
      {problems.map((problem) => (
        <li key={`${problem.place} ${problem.code} ${problem.text}`}>
          <UnstyledButton className={styles.problem} onClick={() => onShow(problem)}>
            <span className={styles.line}>{t("Line {line}", { line: problem.line })}</span>
            <span className={styles.said}>{problem.text}</span>
            {problem.place ? <span className={styles.pointer}>{problem.place}</span> : null}
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

function Facts({ told, twin }: { told: Inspected; twin: Twin | null }) {
  return (
    <dl className={styles.facts}>
      <dt>{t("Hash")}</dt>
      <dd>
        <Mono>{shortHash(told.hash ?? "")}</Mono> {twin ? <Same twin={twin} /> : t("new, no version has it")}
      </dd>
      {told.warm_up ? (
        <>
          <dt>{t("Warm-up")}</dt>
          <dd>
            {plural(told.warm_up.bars, "{count} bar", "{count} bars")}
            {told.warm_up.place ? (
              <>
                {", "}
                {t("because of")} <Mono>{told.warm_up.place}</Mono>
              </>
            ) : null}
          </dd>
        </>
      ) : null}
    </dl>
  );
}

function Same({ twin: { strategy, version } }: { twin: Twin }) {
  return (
    <Link to="/strategies/$strategy" params={{ strategy: strategy.id }} search={{ version: version.id }}>
      {t("same as version {number} of {name}", { number: version.number, name: strategy.name })}
    </Link>
  );
}

function Fact({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}
