/** What became of one file: a word, the numbers, and the first reasons. */

import { Button } from "@mantine/core";
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

export function ImportResult({ upload, onOpen }: { upload: Upload; onOpen: (done: Import) => void }) {
  const { answer } = upload;
  return (
    <li className={styles.result}>
      <div className={styles.resultHead}>
        <span className={styles.fileName}>{upload.name}</span>
        <UploadState upload={upload} />
        <span className={styles.dim} role="status">
          {answer ? countsOf(answer) : upload.trouble}
        </span>
        {answer && answer.rows_quarantined > 0 ? (
          <Button variant="default" size="xs" onClick={() => onOpen(answer)}>
            {plural(answer.rows_quarantined, "Show the {count} row left out", "Show the {count} rows left out")}
          </Button>
        ) : null}
      </div>
      {answer?.problems.slice(0, FIRST_REASONS).map((problem) => (
        <p key={`${problem.line} ${problem.code}`} className={styles.reason}>
          {problem.line > 0 ? t("Line {line}: ", { line: formatNumber(problem.line) }) : ""}
          {problem.reason}
        </p>
      ))}
    </li>
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
  const parts = [plural(done.rows_kept, "{count} new bar", "{count} new bars")];
  if (done.rows_unchanged > 0) parts.push(t("{count} known already", { count: formatNumber(done.rows_unchanged) }));
  if (done.rows_quarantined > 0) parts.push(t("{count} left out", { count: formatNumber(done.rows_quarantined) }));
  return parts.join(" · ");
}
