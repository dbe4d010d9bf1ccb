// @vitest-environment jsdom

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveStore } from "./live-store";
import { Topics } from "./live-topic";
import { event, FakeBrowser, FakeServer, TOPIC } from "./live-world";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("applies at most twelve batches a second and totals four times", async () => {
  const store = new LiveStore(0, (count: number, events) => count + events.length);
  let fast = 0;
  let slow = 0;
  store.subscribe(() => {
    fast += 1;
  });
  store.subscribeSlow(() => {
    slow += 1;
  });
  for (let tick = 0; tick < 1_000; tick += 5) {
    store.push([event(tick)]);
    await vi.advanceTimersByTimeAsync(5);
  }
  expect(fast).toBeLessThanOrEqual(13);
  expect(slow).toBeLessThanOrEqual(4);
  await vi.advanceTimersByTimeAsync(500);
  expect(store.state()).toBe(200);
  expect(store.slowState()).toBe(200);
});

test("reads the log to its end, then follows", async () => {
  const server = new FakeServer();
  server.append(TOPIC, 130);
  const hub = new FakeBrowser(server).tab(0);
  const topics = new Topics(() => hub, {
    initial: 0,
    reduce: (count: number, events) => count + events.length,
    load: (topic) => server.load(topic),
  });
  topics.use(TOPIC);
  const store = topics.store(TOPIC);
  expect(store.phase()).toBe("loading");
  await vi.advanceTimersByTimeAsync(300);
  expect(store.phase()).toBe("ready");
  server.append(TOPIC, 5);
  await vi.advanceTimersByTimeAsync(300);
  expect(store.state()).toBe(135);
});

test("says when the log cannot be read, and tries again when asked", async () => {
  const server = new FakeServer();
  server.reachable = false;
  const hub = new FakeBrowser(server).tab(0);
  const topics = new Topics(() => hub, {
    initial: 0,
    reduce: (count: number, events) => count + events.length,
    load: (topic) => server.load(topic),
  });
  topics.use(TOPIC);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(topics.store(TOPIC).phase()).toBe("failed");
  server.reachable = true;
  server.append(TOPIC, 2);
  topics.retry(TOPIC);
  await vi.advanceTimersByTimeAsync(500);
  expect(topics.store(TOPIC).state()).toBe(2);
});
