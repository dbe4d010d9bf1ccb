/** The choice of candles: one symbol's, or those of all symbols from one venue, and what is missing there. */

import { Select } from "@mantine/core";
import type { Series } from "../lib/contract";
import { t } from "../lib/message";
import { LinkButton } from "../ui/link-button";
import { Segments } from "../ui/segments";
import styles from "./strategies.module.css";
import type { Candles } from "./use-candles";

export function CandlesChoice({ candles, error }: { candles: Candles; error?: string | undefined }) {
  const { isSeveral, isShared, share } = candles;
  return (
    <>
      {isSeveral ? (
        <Segments
          label={t("What shares the cash")}
          value={isShared ? "all" : "one"}
          options={[
            { value: "all", label: t("All on one account") },
            { value: "one", label: t("One symbol") },
          ]}
          onChange={(next) => share(next === "all")}
        />
      ) : null}
      {isShared ? <SharedChoice candles={candles} /> : <SingleChoice candles={candles} error={error} />}
    </>
  );
}

type SingleChoiceProps = { candles: Candles; error: string | undefined };

function SingleChoice({ candles: { rows, series, choose }, error }: SingleChoiceProps) {
  return (
    <Select
      label={t("Candles")}
      placeholder={rows.length === 0 ? t("There are none yet") : t("Choose a market")}
      data={rows.map((row) => ({ value: row.id, label: nameOf(row) }))}
      error={error}
      value={series[0]?.id ?? null}
      onChange={choose}
    />
  );
}

function SharedChoice({ candles: { offers, offer, choose } }: { candles: Candles }) {
  return (
    <>
      <Select
        label={t("Candles of")}
        data={offers.map((one) => ({ value: one.key, label: one.venue }))}
        value={offer?.key ?? null}
        allowDeselect={false}
        onChange={choose}
        description={offer?.series.map((row) => `${row.symbol} · ${row.timeframe}`).join(", ")}
      />
      {offer?.missing.length ? (
        <div className={styles.lacking}>
          <p role="status">
            {t("There are no candles of {symbols} from {venue}. Get them, or test one symbol.", {
              symbols: offer.missing.join(", "),
              venue: offer.venue,
            })}
          </p>
          <LinkButton to="/data" variant="default">
            {t("Get candles")}
          </LinkButton>
        </div>
      ) : null}
    </>
  );
}

function nameOf(row: Series): string {
  return `${row.symbol} · ${row.timeframe} · ${row.label || row.venue}`;
}
