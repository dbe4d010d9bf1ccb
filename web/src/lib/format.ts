/** Every number on the page gets its shape here. Decimals stay text: no float touches money. */

import { t } from "./message";

/** A decimal as the API writes it, or a number from a chart; nothing known is null. */
export type Amount = string | number | null | undefined;
export type NumberShape = {
  /** Exactly this many digits behind the point; without it, the digits that are there. */
  digits?: number;
  /** Always a sign, for anything that is a gain or a loss. */
  signed?: boolean;
};

export const UNKNOWN = "–";
const MINUS = "−";
const LOCALE = "en-GB";
const DECIMAL = /^-?\d+(\.\d+)?$/;
const MAX_DIGITS = 18;
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/** −1,234.50 ; an unknown amount is a dash. */
export function formatNumber(value: Amount, shape: NumberShape = {}): string {
  const text = plain(value);
  if (text === null) return UNKNOWN;
  const formatter = new Intl.NumberFormat(LOCALE, {
    minimumFractionDigits: shape.digits ?? 0,
    maximumFractionDigits: shape.digits ?? MAX_DIGITS,
    signDisplay: shape.signed ? "exceptZero" : "negative",
  });
  return formatter.format(text as Intl.StringNumericLiteral).replace("-", MINUS);
}

/** −1,234.50 USDT */
export function formatMoney(value: Amount, currency: string, shape: NumberShape = { digits: 2 }): string {
  const text = formatNumber(value, shape);
  return text === UNKNOWN || !currency ? text : `${text} ${currency}`;
}

/** Cost of model calls: nothing is free by accident, and small is not zero. */
export function formatCost(value: Amount): string {
  const text = plain(value);
  return text !== null && isZero(text) ? t("Free") : formatDollars(text);
}

/** What was spent or may be spent: $0.00, $0.0042, $18.42. */
export function formatDollars(value: Amount): string {
  const text = plain(value);
  if (text === null) return UNKNOWN;
  if (isZero(text)) return "$0.00";
  const digits = { minimumFractionDigits: 2, maximumSignificantDigits: 3, minimumSignificantDigits: 2 };
  const small = new Intl.NumberFormat(LOCALE, digits).format(text as Intl.StringNumericLiteral);
  const large = formatNumber(text, { digits: 2 });
  return `$${Math.abs(Number(text)) < 1 ? small : large}`;
}

/** 0.123 → 12.3 % ; sign on request. */
export function formatPercent(fraction: Amount, shape: NumberShape = {}): string {
  const value = typeof fraction === "string" ? Number(fraction) : fraction;
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return `${formatNumber(value * 100, { digits: shape.digits ?? 1, ...shape })} %`;
}

/** 72.8K: only for tokens and volumes. */
export function formatCompact(value: Amount): string {
  const text = plain(value);
  if (text === null) return UNKNOWN;
  const formatter = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
  return formatter.format(text as Intl.StringNumericLiteral).replace("-", MINUS);
}

/** A price with the digits its size calls for; exact values are in tables and CSV. */
export function formatPrice(value: Amount): string {
  const text = plain(value);
  if (text === null) return UNKNOWN;
  const size = Math.abs(Number(text));
  if (size === 0) return "0";
  const digits = size >= 1_000 ? 2 : size >= 1 ? 4 : Math.min(MAX_DIGITS, 4 - Math.floor(Math.log10(size)));
  return new Intl.NumberFormat(LOCALE, {
    minimumFractionDigits: Math.min(2, digits),
    maximumFractionDigits: digits,
  })
    .format(text as Intl.StringNumericLiteral)
    .replace("-", MINUS);
}

/** 980 ms, 1.86 s, 1 m 37 s, 2 h 5 m */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} m` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** −1, 0 or 1; an unknown amount has no direction. */
export function direction(value: Amount): -1 | 0 | 1 {
  const text = plain(value);
  if (text === null || isZero(text)) return 0;
  return text.startsWith("-") ? -1 : 1;
}

/** The first and last characters of a hash, enough to compare by eye. */
export function shortHash(hash: string): string {
  return hash.length > 12 ? `${hash.slice(0, 8)}…` : hash;
}

/** The last characters of an id, which tell it from its neighbours; other texts stay whole. */
export function shortId(id: string): string {
  return ID.test(id) ? `…${id.slice(-6)}` : id;
}

function plain(value: Amount): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "string") return DECIMAL.test(value) ? value : null;
  return Number.isFinite(value) ? String(value) : null;
}

function isZero(text: string): boolean {
  return /^-?0+(\.0+)?$/.test(text);
}
