/** A paper deployment as its events tell it: orders by their latest state, fills, and the equity behind the chart. */

import { text } from "../lib/live-data";
import type { LiveEvent } from "../lib/live-types";

/** An order as the API answers it; a purchase names a budget, a sale a quantity. */
export type OrderRow = {
  id: string;
  ts: string;
  symbol: string;
  side: string;
  /** `market`, or what waits for its price: `limit`, `stop`, `stop_limit`, `target`. */
  kind: string;
  price: string;
  quantity: string;
  budget: string;
  filled: string;
  status: string;
  reason: string;
};

export type FillRow = {
  id: string;
  order_id: string;
  ts: string;
  symbol: string;
  side: string;
  quantity: string;
  price: string;
  fee: string;
  fee_asset: string;
};

/** What is held of a symbol; its price is empty before the first bar, the others where nothing protects it. */
export type Held = {
  symbol: string;
  position: string;
  price: string;
  stop_price: string;
  target_price: string;
};

/** What is held and what it is worth; of one symbol it is told without its name. */
export type Standing = { ts: string; cash: string; equity: string; holdings: readonly Held[] };

export type Curve = {
  ts: readonly number[];
  /** Drawn, never added up: floats are enough. Of several symbols there is no one price. */
  equity: readonly number[];
  price: readonly number[];
};

export type DeploymentLive = {
  state: string;
  error: string;
  /** It sells what it holds, then stops. */
  closing: boolean;
  /** Newest first. */
  orders: readonly OrderRow[];
  fills: readonly FillRow[];
  standing: Standing | null;
  curve: Curve;
};

/** The chart shows no more; older points leave. */
const MAX_POINTS = 20_000;

export const NEW_DEPLOYMENT: DeploymentLive = {
  state: "",
  error: "",
  closing: false,
  orders: [],
  fills: [],
  standing: null,
  curve: { ts: [], equity: [], price: [] },
};

export function reduceDeployment(before: DeploymentLive, events: readonly LiveEvent[]): DeploymentLive {
  const next = { ...before };
  const standings: Standing[] = [];
  for (const event of events) {
    if (event.kind === "position") standings.push(standingOf(event));
    else Object.assign(next, change(next, event));
  }
  const last = standings.at(-1);
  if (last) {
    next.standing = last;
    next.curve = extend(before.curve, standings);
  }
  return next;
}

function change(state: DeploymentLive, event: LiveEvent): Partial<DeploymentLive> {
  const data = event.data;
  switch (event.kind) {
    case "deployment.state":
      return { state: text(data, "state"), error: text(data, "error"), closing: data.closing === true };
    case "order":
      return { orders: withOrder(state.orders, orderOf(data, event.ts)) };
    case "fill": {
      const fill = fillOf(data, event.ts);
      return state.fills.some((known) => known.id === fill.id) ? {} : { fills: [fill, ...state.fills] };
    }
    default:
      return {};
  }
}

/** An order changes in place, at the time it was first seen; a change names only what changed. */
function withOrder(orders: readonly OrderRow[], order: OrderRow): OrderRow[] {
  const at = orders.findIndex((known) => known.id === order.id);
  const known = orders[at];
  if (!known) return [order, ...orders];
  const merged: OrderRow = {
    id: known.id,
    ts: known.ts,
    symbol: order.symbol || known.symbol,
    side: order.side || known.side,
    kind: order.kind || known.kind,
    price: order.price || known.price,
    quantity: order.quantity || known.quantity,
    budget: order.budget || known.budget,
    filled: order.filled || known.filled,
    status: order.status || known.status,
    reason: order.reason || known.reason,
  };
  return orders.with(at, merged);
}

function orderOf(data: Record<string, unknown>, ts: string): OrderRow {
  return {
    id: text(data, "id"),
    ts: text(data, "ts") || ts,
    symbol: text(data, "symbol"),
    side: text(data, "side"),
    kind: text(data, "kind"),
    price: text(data, "price"),
    quantity: text(data, "quantity"),
    budget: text(data, "budget"),
    filled: text(data, "filled"),
    status: text(data, "status"),
    reason: text(data, "reason"),
  };
}

function fillOf(data: Record<string, unknown>, ts: string): FillRow {
  return {
    id: text(data, "id"),
    order_id: text(data, "order_id"),
    ts: text(data, "ts") || ts,
    symbol: text(data, "symbol"),
    side: text(data, "side"),
    quantity: text(data, "quantity"),
    price: text(data, "price"),
    fee: text(data, "fee"),
    fee_asset: text(data, "fee_asset"),
  };
}

function standingOf(event: LiveEvent): Standing {
  const data = event.data;
  return {
    ts: text(data, "ts") || event.ts,
    cash: text(data, "cash"),
    equity: text(data, "equity"),
    holdings: Object.entries(several(data) ?? { "": data }).map(([symbol, each]) => heldOf(symbol, each)),
  };
}

function several(data: Record<string, unknown>): Record<string, Record<string, unknown>> | null {
  return typeof data.holdings === "object" ? (data.holdings as Record<string, Record<string, unknown>>) : null;
}

function heldOf(symbol: string, data: Record<string, unknown>): Held {
  return {
    symbol,
    position: text(data, "position"),
    price: text(data, "price"),
    stop_price: text(data, "stop_price"),
    target_price: text(data, "target_price"),
  };
}

function extend(curve: Curve, standings: readonly Standing[]): Curve {
  return {
    ts: [...curve.ts, ...standings.map((each) => Date.parse(each.ts))].slice(-MAX_POINTS),
    equity: [...curve.equity, ...standings.map((each) => Number(each.equity))].slice(-MAX_POINTS),
    price: [
      ...curve.price,
      ...standings.map((each) => Number(each.holdings.length === 1 ? each.holdings[0]?.price : 0)),
    ].slice(-MAX_POINTS),
  };
}
