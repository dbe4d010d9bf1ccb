/** The limits a person sets before an approval: typed as text, checked here, exact on the way to the server. */

import type { LimitsBody } from "../api/generated/types.gen";
import { t } from "../lib/message";

/** What the form holds; the position is typed in per cent. */
export type LimitsForm = { capital: string; position: string; orders: string; loss: string };
export type LimitName = keyof LimitsForm;

const AMOUNT = /^\d{1,12}(\.\d{1,18})?$/;
const COUNT = /^\d{1,5}$/;
const PERCENT_PLACES = 2;

/** A strategy that puts more of its cash into an entry than the limit allows would never trade. */
export function firstLimits(document: Record<string, unknown>): LimitsForm {
  const sizing = document.sizing;
  const fraction =
    typeof sizing === "object" && sizing !== null && "fraction" in sizing ? String(sizing.fraction) : "1";
  return {
    capital: "10000",
    position: AMOUNT.test(fraction) ? shift(fraction, PERCENT_PLACES) : "100",
    orders: "50",
    loss: "500",
  };
}

/** The server's field for each of ours, as its problems name it. */
export const PLACES: Record<string, LimitName> = {
  "/limits/capital": "capital",
  "/limits/max_position_fraction": "position",
  "/limits/max_orders_per_day": "orders",
  "/limits/max_daily_loss": "loss",
};

export function checkLimits(form: LimitsForm): Partial<Record<LimitName, string>> {
  const wrong: Partial<Record<LimitName, string>> = {};
  const amount = t("An amount such as 10000 or 2500.50");
  if (!isAbove(form.capital)) wrong.capital = amount;
  if (!isAbove(form.loss)) wrong.loss = amount;
  if (!isAbove(form.position) || Number(form.position) > 100) wrong.position = t("Above 0 and at most 100");
  if (!COUNT.test(form.orders) || Number(form.orders) < 1) wrong.orders = t("A whole number from 1 on");
  return wrong;
}

export function limitsBody(form: LimitsForm): LimitsBody {
  return {
    capital: form.capital,
    max_position_fraction: shift(form.position, -PERCENT_PLACES),
    max_orders_per_day: Number(form.orders),
    max_daily_loss: form.loss,
  };
}

function isAbove(text: string): boolean {
  return AMOUNT.test(text) && /[1-9]/.test(text);
}

/** Move a decimal's point by places, in text: no float touches a limit. */
export function shift(text: string, places: number): string {
  const [whole = "", fraction = ""] = text.split(".");
  const digits = whole + fraction;
  const point = whole.length + places;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const at = point <= 0 ? 1 : point;
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, "");
  const right = padded.slice(at).replace(/0+$/, "");
  return right ? `${left}.${right}` : left;
}
