/** The stored row behind a figure: which tool, what went in, what came out, its hash, and where in it the figure stands. */

import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { EvidenceAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Mono, Time } from "../ui/amount";
import { RawJson } from "../ui/raw-json";
import { ErrorState, LoadingRows } from "../ui/states";
import { EvidenceChart } from "./evidence-chart";
import styles from "./evidence-drawer.module.css";
import { type EvidencePlace, findAt, parsePlace } from "./evidence-place";
import { evidenceQuery } from "./run-data";

type EvidenceDrawerProps = {
  session: string;
  /** From the address: `4` or `4:/metrics/sharpe`. */
  evidence: string | undefined;
  onClose: () => void;
};

export function EvidenceDrawer({ session, evidence, onClose }: EvidenceDrawerProps) {
  const place = parsePlace(evidence);
  return (
    <Drawer
      opened={place !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={place ? t("Evidence {number}", { number: place.number }) : ""}
      closeButtonProps={{ "aria-label": t("Close") }}
      attributes={{ header: { role: "presentation" } }}
      transitionProps={{ duration: 120 }}
    >
      {place ? <Stored session={session} place={place} /> : null}
    </Drawer>
  );
}

function Stored({ session, place }: { session: string; place: EvidencePlace }) {
  const { data, error, refetch } = useQuery(evidenceQuery(session, place.number));
  if (error) return <ErrorState error={error} what={t("This evidence could not be read.")} retry={refetch} />;
  return data ? <Row session={session} row={data} path={place.path} /> : <LoadingRows rows={6} />;
}

function Row({ session, row, path }: { session: string; row: EvidenceAnswer; path: string }) {
  const found = path ? findAt(row.output, path) : undefined;
  const name = `session-${session}-evidence-${row.number}`;
  return (
    <div className={styles.row}>
      <p>
        {t("What a tool answered, kept unchanged since. Every figure of the report that names it was read from here.")}
      </p>
      {path ? (
        <div className={styles.found}>
          <p className={styles.path}>
            <Mono>{path}</Mono>
          </p>
          <pre className={styles.value}>
            {found === undefined ? t("Not in this row.") : JSON.stringify(found, null, 2)}
          </pre>
        </div>
      ) : null}
      {row.chart ? (
        <EvidenceChart session={session} number={row.number} title={row.title} chart={row.chart} height={240} />
      ) : null}
      <dl className={styles.facts}>
        <dt>{t("Tool")}</dt>
        <dd>
          <Mono>{row.tool}</Mono>
        </dd>
        {row.title ? (
          <>
            <dt>{t("Title")}</dt>
            <dd>{row.title}</dd>
          </>
        ) : null}
        <dt>{t("Stored")}</dt>
        <dd>
          <Time value={row.created_at} part="second" />
        </dd>
        <dt>{t("SHA-256")}</dt>
        <dd>
          <Mono>{row.hash}</Mono>
        </dd>
      </dl>
      <RawJson title={t("Input")} name={`${name}-input`} value={row.input} />
      <RawJson title={t("Output")} name={`${name}-output`} value={row.output} />
    </div>
  );
}
