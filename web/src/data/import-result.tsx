/** What became of one file: a word, the numbers, and the first reasons. */

import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Import } from "../lib/contract";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import { StatePill, type Tone } from "../ui/state-pill";
import styles from "./data.module.css";
import type { Upload } from "./use-uploads";

export const FATES: Record<Import["status"], { tone: Tone; word: string }> = {
  kept: { tone: "good", word: t("Kept") },
  partly: { tone: "warn", word: t("Partly kept") },
  refused: { tone: "bad", word: t("Refused") },
  unchanged: { tone: "quiet", word: t("Nothing new") },
};

const FIRST_REASONS = 3;
const FIRST_SERIES = 4;

type ImportResultProps = { upload: Upload; onOpen: (done: Import) => void; onAgain: (upload: Upload) => void };

export function ImportResult({ upload, onOpen, onAgain }: ImportResultProps) {
  const { answer } = upload;
  const refused = upload.state === "failed" || answer?.status === "refused";
  return (
    <li className={styles.result}>
      <div className={styles.resultHead}>
        <span className={styles.fileName}>{upload.file.name}</span>
        <UploadState upload={upload} />
        <span className={styles.dim} role="status">
          {answer ? countsOf(answer) : upload.trouble}
        </span>
        {answer && answer.rows_quarantined > 0 ? (
          <Button variant="default" size="xs" onClick={() => onOpen(answer)}>
            {plural(answer.rows_quarantined, "Show the {count} row left out", "Show the {count} rows left out")}
          </Button>
        ) : null}
        {refused ? (
          <Button variant="default" size="xs" onClick={() => onAgain(upload)}>
            {t("Try again")}
          </Button>
        ) : null}
      </div>
      {answer ? <Markets series={answer.series} /> : null}
      {answer?.problems.slice(0, FIRST_REASONS).map((problem) => (
        <p key={`${problem.line} ${problem.code}`} className={styles.reason}>
          {problem.line > 0 ? t("Line {line}: ", { line: formatNumber(problem.line) }) : ""}
          {problem.reason}
        </p>
      ))}
    </li>
  );
}

/** Into which series its bars went. */
function Markets({ series }: Pick<Import, "series">) {
  if (series.length === 0) return null;
  const rest = series.length - FIRST_SERIES;
  return (
    <p className={styles.markets}>
      {series.slice(0, FIRST_SERIES).map((row) => (
        <Link key={row.id} to="/data" search={{ series: row.id }} className={styles.link} resetScroll={false}>
          {`${row.symbol} ${row.timeframe}`}
        </Link>
      ))}
      {rest > 0 ? <span className={styles.dim}>{plural(rest, "and {count} more", "and {count} more")}</span> : null}
    </p>
  );
}

function UploadState({ upload }: { upload: Upload }) {
  if (upload.answer) {
    const fate = FATES[upload.answer.status];
    return <StatePill tone={fate.tone}>{fate.word}</StatePill>;
  }
  if (upload.state === "failed") return <StatePill tone="bad">{t("Not taken in")}</StatePill>;
  return (
    <StatePill tone="accent" pulse={upload.state === "sending"}>
      {upload.state === "sending" ? t("Reading") : t("Waiting")}
    </StatePill>
  );
}

export function countsOf(done: Import): string {
  if (done.status === "refused") return t("Nothing was kept");
  const parts = [plural(done.rows_kept, "{count} new bar", "{count} new bars")];
  if (done.rows_unchanged > 0) parts.push(t("{count} known already", { count: formatNumber(done.rows_unchanged) }));
  if (done.rows_quarantined > 0) parts.push(t("{count} left out", { count: formatNumber(done.rows_quarantined) }));
  return parts.join(" · ");
}
