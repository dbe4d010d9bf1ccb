import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeBrowser, FakeServer, listen, TOPIC, upTo } from "./live-world";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("twenty share one connection and hear everything", async () => {
  const server = new FakeServer();
  const browser = new FakeBrowser(server);
  const heard = Array.from({ length: 20 }, (_, number) => listen(browser.tab(number), server));
  await vi.advanceTimersByTimeAsync(500);
  server.append(TOPIC, 300);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(server.most).toBe(1);
  for (const got of heard) expect(got).toEqual(upTo(300));
});

test("another takes over within two seconds and nothing is lost", async () => {
  const server = new FakeServer();
  const browser = new FakeBrowser(server);
  const first = browser.tab(1);
  listen(first, server);
  await vi.advanceTimersByTimeAsync(300);
  const second = browser.tab(2);
  const got = listen(second, server);
  await vi.advanceTimersByTimeAsync(300);
  const elsewhere = listen(browser.tab(3), server, "deployment:9", "replay");
  await vi.advanceTimersByTimeAsync(300);
  server.append(TOPIC, 10);
  server.append("deployment:9", 4);
  first.stop();
  server.append(TOPIC, 10);
  await vi.advanceTimersByTimeAsync(2_000);
  server.append(TOPIC, 5);
  server.append("deployment:9", 4);
  await vi.advanceTimersByTimeAsync(100);
  expect(got).toEqual(upTo(25));
  expect(elsewhere).toEqual(upTo(8));
  expect(second.link.get().leader).toBe(true);
  expect(server.sources.size).toBe(1);
});

test("a tab being looked at takes over from one that sleeps", async () => {
  const server = new FakeServer();
  const browser = new FakeBrowser(server);
  browser.tab(1).follow(TOPIC, { after: 0, deliver: () => undefined });
  await vi.advanceTimersByTimeAsync(300);
  browser.frozen.add(1);
  const second = browser.tab(2);
  const got = listen(second, server);
  await vi.advanceTimersByTimeAsync(3_000);
  server.append(TOPIC, 3);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(second.link.get().leader).toBe(true);
  expect(got).toEqual([1, 2, 3]);
});

test.each(["history", "replay"] as const)("one that comes late gets the start by %s", async (repair) => {
  const server = new FakeServer();
  const browser = new FakeBrowser(server);
  listen(browser.tab(1), server);
  await vi.advanceTimersByTimeAsync(300);
  server.append(TOPIC, 120);
  await vi.advanceTimersByTimeAsync(300);
  const got = listen(browser.tab(2), server, TOPIC, repair);
  await vi.advanceTimersByTimeAsync(8_000);
  server.append(TOPIC, 1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(got).toEqual(upTo(121));
});

test("two topics in two tabs go over one connection", async () => {
  const server = new FakeServer();
  const browser = new FakeBrowser(server);
  const one = listen(browser.tab(1), server, "session:1");
  const two = listen(browser.tab(2), server, "deployment:2", "replay");
  await vi.advanceTimersByTimeAsync(500);
  server.append("session:1", 4);
  server.append("deployment:2", 6);
  await vi.advanceTimersByTimeAsync(500);
  expect(one).toEqual(upTo(4));
  expect(two).toEqual(upTo(6));
  expect(server.sources.size).toBe(1);
});

test("without locks each tab has its own connection and closes it when hidden", async () => {
  const server = new FakeServer();
  const browser = new FakeBrowser(server);
  const hub = browser.tab(1, "locks");
  const got = listen(hub, server);
  await vi.advanceTimersByTimeAsync(300);
  browser.hidden.add(1);
  hub.surroundingsChanged();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(server.sources.size).toBe(0);
  server.append(TOPIC, 7);
  browser.hidden.delete(1);
  hub.surroundingsChanged();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(got).toEqual(upTo(7));
});
