import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DEAD_MS, parseEvent, parseWords, SILENCE_MS } from "./live-feed";
import { Sequence } from "./live-sequence";
import { type LiveEvent, PASSING } from "./live-types";
import { event, FakeBrowser, FakeServer, listen, TOPIC, upTo } from "./live-world";

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

describe("words in passing", () => {
  test("reach every tab that follows, move no position, and are not said again", async () => {
    const server = new FakeServer();
    server.append(TOPIC, 3);
    const browser = new FakeBrowser(server);
    const heard: string[][] = [[], []];
    const tabs = [0, 1].map((number) => {
      const hub = browser.tab(number);
      hub.follow(TOPIC, { after: 3, words: true, deliver: (events) => heard[number]?.push(...events.map(told)) });
      return hub;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    server.say(TOPIC, "one");
    await vi.advanceTimersByTimeAsync(200);
    server.cut();
    await vi.advanceTimersByTimeAsync(5_000);
    server.append(TOPIC, 1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard).toEqual([
      ["words one", "4"],
      ["words one", "4"],
    ]);
    expect(tabs.map((hub) => hub.link.get().repeated)).toEqual([0, 0]);
  });

  test("are asked for anew by each page that shows them, and by nobody who only watches", async () => {
    const server = new FakeServer();
    const browser = new FakeBrowser(server);
    const [first, second] = [browser.tab(1), browser.tab(2)];
    const asked = () => [server.opened, ...[...server.sources].map((source) => source.words.join())];
    first.watch(TOPIC, 0, () => undefined);
    await vi.advanceTimersByTimeAsync(500);
    second.watch(TOPIC, 0, () => undefined);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked()).toEqual([1, ""]);
    const close = first.follow(TOPIC, { after: 0, words: true, deliver: () => undefined });
    await vi.advanceTimersByTimeAsync(500);
    expect(asked()).toEqual([2, TOPIC]);
    const closeToo = second.follow(TOPIC, { after: 0, words: true, deliver: () => undefined });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked()).toEqual([3, TOPIC]);
    close();
    closeToo();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked().at(-1)).toBe("");
  });

  test("behind an event do not hide it from who watches", async () => {
    const server = new FakeServer();
    const browser = new FakeBrowser(server);
    browser.tab(1).follow(TOPIC, { after: 0, words: true, deliver: () => undefined });
    await vi.advanceTimersByTimeAsync(500);
    const told = vi.fn();
    browser.tab(2).watch(TOPIC, 0, told);
    await vi.advanceTimersByTimeAsync(500);
    server.append(TOPIC, 1);
    server.say(TOPIC, "one");
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toHaveBeenCalledTimes(1);
  });

  test("that cannot be read are nothing", () => {
    expect(parseWords("{")).toBeNull();
    expect(parseWords('{"data":{}}')).toBeNull();
    expect(parseWords("null")).toBeNull();
  });
});

function told(each: LiveEvent): string {
  return each.seq === PASSING ? `${each.kind} ${each.data.text}` : String(each.seq);
}

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
    expect(hub.link.get().state).toBe("live");
    expect(server.most).toBe(1);
  });

  test("says Reconnecting after three seconds without a connection, and waits longer each time", async () => {
    const server = new FakeServer();
    const hub = new FakeBrowser(server).tab(0);
    listen(hub, server);
    await vi.advanceTimersByTimeAsync(200);
    expect(hub.link.get().state).toBe("live");
    server.reachable = false;
    server.cut();
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 500);
    expect(hub.link.get().state).toBe("live");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hub.link.get().state).toBe("reconnecting");
    const soFar = server.opened;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.opened - soFar).toBeLessThan(12);
    server.reachable = true;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(hub.link.get().state).toBe("live");
  });

  test("stays on a quiet line that beats", async () => {
    const server = new FakeServer();
    const hub = new FakeBrowser(server).tab(0);
    listen(hub, server);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(server.opened).toBe(1);
    expect(hub.link.get().state).toBe("live");
  });

  test("leaves a dead line that nobody closed, says so, and loses nothing", async () => {
    const server = new FakeServer();
    const hub = new FakeBrowser(server).tab(0);
    const got = listen(hub, server);
    await vi.advanceTimersByTimeAsync(200);
    server.append(TOPIC, 3);
    server.numb = true;
    server.append(TOPIC, 4);
    await vi.advanceTimersByTimeAsync(DEAD_MS + SILENCE_MS);
    expect(hub.link.get().state).toBe("reconnecting");
    expect(server.opened).toBe(2);
    server.numb = false;
    await vi.advanceTimersByTimeAsync(DEAD_MS + 1_000);
    expect(hub.link.get().state).toBe("live");
    expect(got).toEqual(upTo(7));
    expect(server.sources.size).toBe(1);
  });
});

describe("who only watches", () => {
  test("hears of what is new beside who follows, and asks for nothing that is past", async () => {
    const server = new FakeServer();
    server.append(TOPIC, 40);
    const hub = new FakeBrowser(server).tab(0);
    let heard = 0;
    const stop = hub.watch(TOPIC, 40, () => {
      heard += 1;
    });
    await vi.advanceTimersByTimeAsync(500);
    expect([...server.sources][0]?.sent.get(TOPIC)).toBe(40);
    expect(heard).toBe(0);
    const got = listen(hub, server);
    server.append(TOPIC, 2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(got).toEqual(upTo(42));
    expect(heard).toBeGreaterThan(0);
    stop();
    const before = heard;
    server.append(TOPIC, 1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(got).toEqual(upTo(43));
    expect(heard).toBe(before);
  });
});
