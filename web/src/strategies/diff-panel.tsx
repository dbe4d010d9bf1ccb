/** What changed between two versions: their canonical documents, line by line. */

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { VersionSummary } from "../lib/contract";
import { plural, t } from "../lib/message";
import { Panel } from "../ui/panel";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import styles from "./diff.module.css";
import { written } from "./document-edit";
import { type DiffLine, folded, lineDiff } from "./line-diff";
import { versionQuery } from "./version-query";

type DiffPanelProps = {
  versions: readonly VersionSummary[];
  chosen: VersionSummary;
  /** The older one, by its id; the one before the chosen while nobody chose. */
  against: string | undefined;
  onAgainst: (id: string) => void;
};

/** Not there while there is only one version. */
export function DiffPanel({ versions, chosen, against, onAgainst }: DiffPanelProps) {
  const others = versions.filter((row) => row.id !== chosen.id);
  const other =
    others.find((row) => row.id === against) ?? others.find((row) => row.number < chosen.number) ?? others[0];
  if (!other) return null;
  return (
    <Panel
      title={t("What changed")}
      flush
      end={
        <Select
          size="xs"
          aria-label={t("Compare version {number} with", { number: chosen.number })}
          allowDeselect={false}
          data={others.map((row) => ({ value: row.id, label: t("from version {number}", { number: row.number }) }))}
          value={other.id}
          onChange={(id) => id && onAgainst(id)}
        />
      }
    >
      <Difference before={other} after={chosen} />
    </Panel>
  );
}

function Difference({ before, after }: { before: VersionSummary; after: VersionSummary }) {
  const older = useQuery(versionQuery(before.id));
  const newer = useQuery(versionQuery(after.id));
  const failed = older.error ? older : newer;
  if (failed.error) {
    return <ErrorState error={failed.error} what={t("The versions could not be compared.")} retry={failed.refetch} />;
  }
  if (!(older.data && newer.data)) return <LoadingRows rows={6} />;
  const title = t("From version {before} to version {after}", { before: before.number, after: after.number });
  return <Lines title={title} before={written(older.data.document)} after={written(newer.data.document)} />;
}

function Lines({ title, before, after }: { title: string; before: string; after: string }) {
  const lines = useMemo(() => lineDiff(before.trimEnd(), after.trimEnd()), [before, after]);
  const count = (kind: DiffLine["kind"]) => lines.filter((one) => one.kind === kind).length;
  const [came, went] = [count("added"), count("removed")];
  if (came + went === 0) return <EmptyState text={t("Both versions have the same document.")} />;
  return (
    <>
      <p className={styles.gist}>
        {title}: {plural(went, "{count} line went", "{count} lines went")},{" "}
        {plural(came, "{count} came", "{count} came")}.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section className={styles.scroll} aria-label={title} tabIndex={0}>
        <ol className={styles.lines}>
          {folded(lines).map((part) =>
            "left_out" in part ? (
              <li key={`left out ${part.from}`} className={styles.gap}>
                {plural(part.left_out, "{count} line the same", "{count} lines the same")}
              </li>
            ) : (
              part.lines.map((one) => <Line key={`${one.before} ${one.after}`} line={one} />)
            ),
          )}
        </ol>
      </section>
    </>
  );
}

const SIGNS = { same: "", removed: "−", added: "+" } as const;

function Line({ line }: { line: DiffLine }) {
  const words = { same: "", removed: t("went:"), added: t("came:") };
  return (
    <li className={styles.line} data-kind={line.kind}>
      <span className={styles.number} aria-hidden="true">
        {line.before ?? ""}
      </span>
      <span className={styles.number} aria-hidden="true">
        {line.after ?? ""}
      </span>
      <span className={styles.sign} aria-hidden="true">
        {SIGNS[line.kind]}
      </span>
      <span className={styles.unseen}>{words[line.kind]}</span>
      <code className={styles.code}>{line.text}</code>
    </li>
  );
}
