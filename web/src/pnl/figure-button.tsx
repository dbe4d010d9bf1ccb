/** A figure that opens what it is made of. */

import { UnstyledButton } from "@mantine/core";
import { UNKNOWN } from "../lib/format";
import { t } from "../lib/message";
import { Gain } from "../ui/amount";
import styles from "./pnl.module.css";

type FigureButtonProps = {
  /** Which figure, for the ear: "Net of BTC". */
  label: string;
  value: string | null | undefined;
  currency?: string;
  onAsk: () => void;
};

/** An unknown figure is a dash, never a zero, and still says why when asked. */
export function FigureButton({ label, value, currency = "", onAsk }: FigureButtonProps) {
  return (
    <UnstyledButton className={styles.figure} title={t("{label}: show the fills behind it", { label })} onClick={onAsk}>
      {value === null || value === undefined ? UNKNOWN : <Gain value={value} currency={currency} />}
    </UnstyledButton>
  );
}
