/** What a figure is the sum of: fills, and for each the lots that it opened or closed. */

import { Button, Drawer } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { LineAnswer } from "../api/generated/types.gen";
import { formatNumber, shortId } from "../lib/format";
import { plural, t } from "../lib/message";
import { formatUtc, zoneLabel } from "../lib/time";
import { Gain, Money, Mono, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import styles from "./pnl.module.css";
import { explainQuery, type FigureName, type Question } from "./pnl-data";

/** Lines must be seen to add up. */
const MONEY_DIGITS = 8;

const CSV = [
  { title: "time_utc", value: (line: LineAnswer) => formatUtc(line.ts) },
  { title: "what", value: (line: LineAnswer) => line.what },
  { title: "quantity", value: (line: LineAnswer) => line.quantity },
  { title: "price", value: (line: LineAnswer) => line.price },
  { title: "amount", value: (line: LineAnswer) => line.amount },
  { title: "fact_id", value: (line: LineAnswer) => line.fact_id },
  {
    title: "lots",
    value: (line: LineAnswer) => line.lots.map((lot) => `${lot.quantity} of ${lot.lot} at cost ${lot.cost}`).join("; "),
  },
];

export function ExplainDrawer({ question, onClose }: { question: Question | null; onClose: () => void }) {
  return (
    <Drawer
      opened={question !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={question ? title(question) : ""}
      closeButtonProps={{ "aria-label": t("Close") }}
      attributes={{ header: { role: "presentation" } }}
      transitionProps={{ duration: 120 }}
    >
      {question ? <Explanation question={question} /> : null}
    </Drawer>
  );
}

function Explanation({ question }: { question: Question }) {
  const query = useInfiniteQuery(explainQuery(question));
  const first = query.data?.pages[0];
  if (query.error)
    return (
      <ErrorState error={query.error} what={t("What is behind this figure could not be read.")} retry={query.refetch} />
    );
  if (!first) return <LoadingRows rows={8} />;
  const lines = query.data?.pages.flatMap((page) => page.lines) ?? [];
  if (lines.length === 0)
    return <EmptyState text={t("Nothing stands behind this figure: it is zero because nothing happened.")} />;
  return (
    <div className={styles.explain}>
      <div className={styles.explainHead}>
        <p>
          <span className={styles.total}>
            <Amount figure={question.figure} value={first.total} currency={first.currency} />
          </span>{" "}
          {plural(lines.length, "is exactly the {count} line below.", "is exactly the sum of the {count} lines below.")}{" "}
          <span className={styles.dim}>{t("Times in {zone}", { zone: zoneLabel() })}</span>
        </p>
        <CsvButton name={`pnl-${question.figure}-lines`} columns={CSV} rows={lines} />
      </div>
      <ol className={styles.linesList}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one fact may stand in several lines, whose order is fixed
          <Line key={`${line.fact_id} ${index}`} figure={question.figure} line={line} currency={first.currency} />
        ))}
      </ol>
      {query.hasNextPage ? (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("Show more lines")}
        </Button>
      ) : null}
    </div>
  );
}

type LineProps = { figure: FigureName; line: LineAnswer; currency: string };

function Line({ figure, line, currency }: LineProps) {
  return (
    <li className={styles.lineItem}>
      <div className={styles.lineTop}>
        <span>{line.what}</span>
        <Amount figure={figure} value={line.amount} currency={currency} />
      </div>
      <div className={styles.dim}>
        <Time value={line.ts} part="second" /> · {formatNumber(line.quantity)}
        {line.price === null ? "" : ` ${t("at {price}", { price: formatNumber(line.price) })}`} · {t("fact")}{" "}
        <Id value={line.fact_id} />
      </div>
      {line.lots.length > 0 ? (
        <ul className={styles.lots}>
          {line.lots.map((lot) => (
            <li key={lot.lot}>
              {t("{quantity} of lot", { quantity: formatNumber(lot.quantity) })} <Id value={lot.lot} />,{" "}
              {t("which cost {cost} {currency}", { cost: formatNumber(lot.cost), currency })}
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}

/** The CSV has it whole. */
function Id({ value }: { value: string }) {
  return (
    <span className={styles.id} title={value}>
      <Mono>{shortId(value)}</Mono>
    </span>
  );
}

function Amount({ figure, value, currency }: { figure: FigureName; value: string; currency: string }) {
  const Shape = figure === "fees" ? Money : Gain;
  return <Shape value={value} currency={currency} digits={MONEY_DIGITS} />;
}

function title(question: Question): string {
  const names: Record<FigureName, string> = {
    realized: t("Realized"),
    unrealized: t("Unrealized"),
    fees: t("Fees"),
    net: t("Net"),
  };
  const of = [question.strategy, question.asset].filter(Boolean).join(", ");
  return of ? t("{figure} of {name}", { figure: names[question.figure], name: of }) : names[question.figure];
}
