/** A figure that opens what it is made of. */

import { UnstyledButton } from "@mantine/core";
import { UNKNOWN } from "../lib/format";
import { t } from "../lib/message";
import { Gain, Money } from "../ui/amount";
import styles from "./pnl.module.css";

type FigureButtonProps = {
  /** Which figure, for the ear: "Net of BTC". */
  label: string;
  value: string | null | undefined;
  currency?: string;
  /** Fees are a cost whatever their sign: neither gain nor loss. */
  cost?: boolean;
  onAsk: () => void;
};

/** An unknown figure is a dash, never a zero, and still says why when asked. */
export function FigureButton({ label, value, currency = "", cost = false, onAsk }: FigureButtonProps) {
  return (
    <UnstyledButton className={styles.figure} title={t("{label}: show the fills behind it", { label })} onClick={onAsk}>
      <Figure value={value} currency={currency} cost={cost} />
    </UnstyledButton>
  );
}

function Figure({ value, currency, cost }: { value: string | null | undefined; currency: string; cost: boolean }) {
  if (value === null || value === undefined) return <>{UNKNOWN}</>;
  return cost ? <Money value={value} currency={currency} /> : <Gain value={value} currency={currency} />;
}
