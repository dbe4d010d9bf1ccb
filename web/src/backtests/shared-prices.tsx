/** The candles of one symbol of an account at a time, with its entries and exits. */

import { Select } from "@mantine/core";
import { useState } from "react";
import type { Backtest } from "../lib/contract";
import { t } from "../lib/message";
import styles from "./backtests.module.css";
import { PriceChart } from "./price-chart";
import { ofSymbol } from "./shared";

export function SharedPrices({ backtest }: { backtest: Backtest }) {
  const symbols = backtest.every.map((row) => row.symbol);
  const [symbol, setSymbol] = useState(backtest.series.symbol);
  return (
    <div className={styles.prices}>
      <Select
        label={t("Candles of")}
        data={symbols}
        value={symbol}
        allowDeselect={false}
        searchable={symbols.length > 10}
        onChange={(next) => next && setSymbol(next)}
      />
      <PriceChart key={symbol} backtest={ofSymbol(backtest, symbol)} />
    </div>
  );
}
