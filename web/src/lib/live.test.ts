import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseEvent, SILENCE_MS } from "./live-feed";
import type { Hub } from "./live-hub";
import { Sequence } from "./live-sequence";
import { LiveStore } from "./live-store";
import { Topics } from "./live-topic";
import type { LiveEvent } from "./live-types";
import { FakeBrowser, FakeServer } from "./live-world";

const TOPIC = "session:1";

function event(seq: number, topic = TOPIC): LiveEvent {
  return { topic, seq, ts: "2026-01-01T00:00:00Z", kind: "message", data: {} };
}

function listen(hub: Hub, server: FakeServer, topic = TOPIC, repair: "history" | "replay" = "history"): number[] {
  const got: number[] = [];
  const load = repair === "history" ? server.load(topic) : undefined;
  hub.follow(topic, { after: 0, load, deliver: (events) => got.push(...events.map((each) => each.seq)) });
  return got;
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a topic's numbering", () => {
  test("lets through what follows on and drops what came already", () => {
    const sequence = new Sequence(2);
    expect(sequence.take([event(2), event(3), event(3), event(4)]).map((each) => each.seq)).toEqual([3, 4]);
    expect(sequence.repeated).toBe(2);
  });

  test("holds what came too early until the hole is filled", () => {
    const sequence = new Sequence(0);
    expect(sequence.take([event(3), event(1)]).map((each) => each.seq)).toEqual([1]);
    expect(sequence.broken).toBe(true);
    expect(sequence.take([event(2)]).map((each) => each.seq)).toEqual([2, 3]);
    expect(sequence.broken).toBe(false);
  });

  test("is broken when someone knows of more", () => {
    const sequence = new Sequence(5);
    sequence.reached(7);
    expect(sequence.broken).toBe(true);
  });
});

describe("the stream", () => {
  test("a message that is no event is nothing", () => {
    expect(parseEvent("{")).toBeNull();
    expect(parseEvent('{"topic":"a","seq":"1"}')).toBeNull();
    expect(parseEvent(JSON.stringify(event(1)))).toEqual(event(1));
  });

  test("a hundred random cuts lose and repeat nothing", async () => {
    const server = new FakeServer();
    const hub = new FakeBrowser(server).tab(0);
    const got = listen(hub, server);
    let random = 1;
    for (let cuts = 0; cuts < 100; cuts += 1) {
      random = (random * 48_271) % 2_147_483_647;
      server.append(TOPIC, random % 40);
      await vi.advanceTimersByTimeAsync(random % 700);
      server.cut();
      server.append(TOPIC, random % 10);
    }
    await vi.advanceTimersByTimeAsync(20_000);
    expect(got).toEqual(upTo(server.log(TOPIC).length));
    expect(hub.link().state).toBe("live");
    expect(server.most).toBe(1);
  });

  test("says Reconnecting after three seconds without a connection, and waits longer each time", async () => {
    const server = new FakeServer();
    const hub = new FakeBrowser(server).tab(0);
    listen(hub, server);
    await vi.advanceTimersByTimeAsync(200);
    expect(hub.link().state).toBe("live");
    server.reachable = false;
    server.cut();
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 500);
    expect(hub.link().state).toBe("live");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hub.link().state).toBe("reconnecting");
    const soFar = server.opened;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.opened - soFar).toBeLessThan(12);
    server.reachable = true;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(hub.link().state).toBe("live");
  });
});

describe("tabs", () => {
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
    server.append(TOPIC, 10);
    first.stop();
    server.append(TOPIC, 10);
    await vi.advanceTimersByTimeAsync(2_000);
    server.append(TOPIC, 5);
    await vi.advanceTimersByTimeAsync(100);
    expect(got).toEqual(upTo(25));
    expect(second.link().leader).toBe(true);
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
    expect(second.link().leader).toBe(true);
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
});

describe("a store", () => {
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
});
