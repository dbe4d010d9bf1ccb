import { expect, test } from "vitest";
import type { LiveEvent } from "../lib/live-types";
import { NEW_DEPLOYMENT, reduceDeployment } from "./deployment-state";

let seq = 0;

function event(kind: string, data: Record<string, unknown>): LiveEvent {
  seq += 1;
  return { topic: "deployment:1", seq, ts: "2026-01-01T00:00:00Z", kind, data };
}

test("an order is one row that changes in place", () => {
  const state = reduceDeployment(NEW_DEPLOYMENT, [
    event("order", { id: "a", ts: "2026-01-01T01:00:00Z", side: "buy", quantity: "0.1", status: "submitted" }),
    event("order", { id: "b", side: "sell", quantity: "0.2", status: "submitted" }),
    event("order", {
      id: "a",
      ts: "2026-01-01T02:00:00Z",
      side: "buy",
      quantity: "0.1",
      status: "filled",
      filled: "0.1",
    }),
  ]);
  expect(state.orders.map((order) => order.id)).toEqual(["b", "a"]);
  expect(state.orders[1]).toMatchObject({ status: "filled", filled: "0.1", ts: "2026-01-01T01:00:00Z" });
});

test("a change that names only the state leaves the rest as it was", () => {
  const state = reduceDeployment(NEW_DEPLOYMENT, [
    event("order", { id: "a", side: "buy", kind: "limit", price: "9", quantity: null, budget: "100", filled: "0" }),
    event("order", { id: "a", status: "canceled" }),
  ]);
  expect(state.orders[0]).toMatchObject({ side: "buy", kind: "limit", price: "9", budget: "100", status: "canceled" });
});

test("a fill told twice is one fill", () => {
  const fill = { id: "f", order_id: "a", side: "buy", quantity: "0.1", price: "5", fee: "0.01", fee_asset: "USDT" };
  const state = reduceDeployment(NEW_DEPLOYMENT, [event("fill", fill), event("fill", fill)]);
  expect(state.fills).toHaveLength(1);
});

test("positions make the curve and the present standing, exactly as told", () => {
  const state = reduceDeployment(NEW_DEPLOYMENT, [
    event("position", { ts: "2026-01-01T01:00:00Z", position: "0", cash: "10", equity: "10", price: "5" }),
    event("position", {
      ts: "2026-01-01T02:00:00Z",
      position: "0.1",
      cash: "9.5",
      equity: "10.000000000000000001",
      price: "5",
    }),
  ]);
  expect(state.standing?.equity).toBe("10.000000000000000001");
  expect(state.curve.ts).toHaveLength(2);
});

test("of several symbols each has its own standing, and its orders and fills say which it is", () => {
  const held = { position: "2", price: "5", stop_price: "4.5", target_price: null };
  const state = reduceDeployment(NEW_DEPLOYMENT, [
    event("order", { id: "a", symbol: "ETH/USDT", side: "buy" }),
    event("fill", { id: "f", symbol: "ETH/USDT", order_id: "a", side: "buy" }),
    event("position", { equity: "20", cash: "10", holdings: { "BTC/USDT": { position: "0" }, "ETH/USDT": held } }),
  ]);
  expect([state.orders[0]?.symbol, state.fills[0]?.symbol]).toEqual(["ETH/USDT", "ETH/USDT"]);
  expect(state.standing?.holdings.map((each) => [each.symbol, each.position, each.stop_price])).toEqual([
    ["BTC/USDT", "0", ""],
    ["ETH/USDT", "2", "4.5"],
  ]);
});

test("the chart keeps its newest points only", () => {
  const many = Array.from({ length: 21_000 }, (_, index) => event("position", { equity: String(index), price: "1" }));
  const state = reduceDeployment(NEW_DEPLOYMENT, many);
  expect(state.curve.equity).toHaveLength(20_000);
  expect(state.curve.equity.at(-1)).toBe(20_999);
});

test("state and its reason follow", () => {
  const state = reduceDeployment(NEW_DEPLOYMENT, [event("deployment.state", { state: "failed", error: "Loss limit" })]);
  expect(state).toMatchObject({ state: "failed", error: "Loss limit" });
});
