/** What became of one file, in two lines from the start: a word, the numbers, where its bars went, and why others did not. */

import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Import } from "../lib/contract";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import { StatePill, type Tone } from "../ui/state-pill";
import styles from "./data.module.css";
import { reasonsOf } from "./reasons";
import { type About, lacks, type Upload } from "./use-uploads";

export const FATES: Record<Import["status"], { tone: Tone; word: string }> = {
  kept: { tone: "good", word: t("Kept") },
  partly: { tone: "warn", word: t("Partly kept") },
  refused: { tone: "bad", word: t("Refused") },
  unchanged: { tone: "quiet", word: t("Nothing new") },
};

const FIRST_SERIES = 4;

type ImportResultProps = {
  upload: Upload;
  about: About;
  onOpen: (done: Import) => void;
  onAgain: (upload: Upload) => void;
};

export function ImportResult({ upload, about, onOpen, onAgain }: ImportResultProps) {
  const { answer, trouble } = upload;
  const refused = upload.state === "failed" || answer?.status === "refused";
  return (
    <li className={styles.result}>
      <div className={styles.resultHead}>
        <span className={styles.fileName}>{upload.file.name}</span>
        <span role="status">
          <UploadState upload={upload} />
        </span>
        <span className={styles.dim}>{answer ? countsOf(answer) : formatSize(upload.file.size)}</span>
        <span className={styles.resultEnd}>
          {answer && answer.rows_quarantined > 0 ? (
            <Button variant="default" size="xs" onClick={() => onOpen(answer)}>
              {plural(answer.rows_quarantined, "Show the {count} row left out", "Show the {count} rows left out")}
            </Button>
          ) : null}
          {refused && !upload.hopeless ? (
            <Button variant="default" size="xs" onClick={() => onAgain(upload)}>
              {lacks(upload, about) ? t("Say its market") : t("Try again")}
            </Button>
          ) : null}
        </span>
      </div>
      <p className={styles.reason}>
        {answer ? <Markets series={answer.series} /> : null}
        <span>{answer ? reasonsOf(answer.problems) : (trouble ?? waitingFor(upload))}</span>
      </p>
    </li>
  );
}

/** Into which series its bars went. */
function Markets({ series }: Pick<Import, "series">) {
  const rest = series.length - FIRST_SERIES;
  return (
    <>
      {series.slice(0, FIRST_SERIES).map((row) => (
        <Link key={row.id} to="/data" search={{ series: row.id }} className={styles.link} resetScroll={false}>
          {`${row.symbol} ${row.timeframe}`}
        </Link>
      ))}
      {rest > 0 ? <span>{plural(rest, "and {count} more", "and {count} more")}</span> : null}
    </>
  );
}

function UploadState({ upload }: { upload: Upload }) {
  if (upload.answer) {
    const fate = FATES[upload.answer.status];
    return <StatePill tone={fate.tone}>{fate.word}</StatePill>;
  }
  if (upload.state === "failed") return <StatePill tone="bad">{t("Not taken in")}</StatePill>;
  return (
    <StatePill tone={upload.state === "sending" ? "accent" : "quiet"} pulse={upload.state === "sending"}>
      {upload.state === "sending" ? t("Reading") : t("Waiting")}
    </StatePill>
  );
}

function waitingFor({ state }: Upload): string {
  return state === "sending" ? t("Sent; every row is being checked.") : t("Files are read one after the other.");
}

export function countsOf(done: Import): string {
  if (done.status === "refused") return t("Nothing was kept");
  const parts = [plural(done.rows_kept, "{count} new bar", "{count} new bars")];
  if (done.rows_unchanged > 0) parts.push(t("{count} known already", { count: formatNumber(done.rows_unchanged) }));
  if (done.rows_quarantined > 0) parts.push(t("{count} left out", { count: formatNumber(done.rows_quarantined) }));
  return parts.join(" · ");
}

function formatSize(bytes: number): string {
  if (bytes < 1_024) return plural(bytes, "{count} byte", "{count} bytes");
  const mebi = bytes / 1_048_576;
  if (mebi < 1) return t("{size} KiB", { size: formatNumber(bytes / 1_024, { digits: 0 }) });
  return t("{size} MiB", { size: formatNumber(mebi, { digits: 1 }) });
}
