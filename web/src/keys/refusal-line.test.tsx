// @vitest-environment jsdom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { errorOf } from "../lib/http";
import { RefusalLine, refusedUntil } from "./refusal-line";
import { mustWait, typedOver } from "./use-trial";

const TOLD = "Too many attempts. Try again in 75 seconds, as a person may make 10 key changes an hour here.";
const WAIT = new Headers({ "retry-after": "75" });
const refused = () => errorOf(429, { code: "too_many_attempts", detail: TOLD }, "/vault/credentials", WAIT);

let root: Root;
let place: HTMLElement;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers({ now: Date.parse("2026-11-22T14:00:00Z") });
  Element.prototype.scrollIntoView = () => undefined;
  place = document.createElement("div");
  root = createRoot(place);
});

afterEach(() => {
  act(() => root.unmount());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a refusal that says how long to wait counts down on the page, and says when it is over", () => {
  const error = refused();
  act(() => root.render(<RefusalLine error={error} until={refusedUntil(error)} />));
  expect(place.textContent).toBe(
    "Too many attempts, as a person may make 10 key changes an hour here. You can try again in 1 m 15 s.",
  );
  act(() => vi.advanceTimersByTime(16_000));
  expect(place.querySelector("[role=timer]")?.textContent).toBe("You can try again in 59 s.");
  act(() => vi.advanceTimersByTime(60_000));
  expect(place.querySelector("[role=timer]")).toBeNull();
  expect(place.querySelector("[role=status]")?.textContent).toBe("You can try again now.");
});

test("the first number is right however long the form stood open before", () => {
  act(() => root.render(<RefusalLine error={null} until={null} />));
  act(() => vi.advanceTimersByTime(300_000));
  const error = refused();
  act(() => root.render(<RefusalLine error={error} until={refusedUntil(error)} />));
  expect(place.textContent).toContain("in 1 m 15 s.");
});

test("a wait of ours outlives what is typed, a provider's does not, and a change's does not hold tests back", () => {
  const until = Date.now() + 75_000;
  const ours = { busy: null, test: null, error: refused(), until, held: "save" as const };
  expect(typedOver(ours)).toEqual(ours);
  expect(typedOver({ ...ours, error: null }).until).toBeNull();
  expect(mustWait({ wait: 75, held: "save" }, "save")).toBe(true);
  expect(mustWait({ wait: 75, held: "save" }, "test")).toBe(false);
  expect(mustWait({ wait: 75, held: null }, "test")).toBe(true);
  expect(mustWait({ wait: 0, held: "test" }, "test")).toBe(false);
});
