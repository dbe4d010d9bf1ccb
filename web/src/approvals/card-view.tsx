/** The card itself: every value that the digest covers. */

import { IconAlertTriangle } from "@tabler/icons-react";
import type { CardAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Mono } from "../ui/amount";
import { StrategyDocument } from "../ui/strategy-document";
import styles from "./approval.module.css";
import { cardGroups, changedPaths } from "./card-lines";

const DOCUMENT = "/version/document";

type CardViewProps = {
  answer: CardAnswer;
  /** The card that was refused because it had changed. */
  before: CardAnswer | null;
};

export function CardView({ answer, before }: CardViewProps) {
  const changed = before ? changedPaths(before.card, answer.card) : null;
  const inDocument = [...(changed ?? [])].flatMap((path) => path.split(DOCUMENT)[1] ?? []);
  const version = answer.card.version as { document?: Record<string, unknown>; hash?: string } | undefined;
  return (
    <div className={styles.card}>
      {changed ? (
        <p className={styles.changed} role="alert">
          <IconAlertTriangle size={18} aria-hidden="true" />
          {t("This request changed – review again. What is different is marked.")}
        </p>
      ) : null}
      {cardGroups(answer.card).map((group) => (
        <div key={group.title}>
          <h3 className={styles.groupTitle}>{group.title}</h3>
          <dl className={styles.lines}>
            {group.lines.map((line) => (
              <div key={line.path} className={styles.line} data-changed={changed?.has(line.path) || undefined}>
                <dt>{line.label}</dt>
                <dd>
                  {line.text}
                  {changed?.has(line.path) ? <span className={styles.mark}>{t("changed")}</span> : null}
                </dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
      {version?.document ? (
        <div>
          <h3 className={styles.groupTitle}>{t("Strategy document")}</h3>
          {inDocument.map((path) => (
            <p key={path} className={styles.line} data-changed="">
              <Mono>{path}</Mono> <span className={styles.mark}>{t("changed")}</span>
            </p>
          ))}
          <StrategyDocument document={version.document} hash={version.hash ?? ""} />
        </div>
      ) : null}
      <p className={styles.digest}>
        {t("Digest of all of this:")} <Mono>{answer.digest}</Mono>
      </p>
    </div>
  );
}
