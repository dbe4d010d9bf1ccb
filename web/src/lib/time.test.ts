import { afterEach, expect, test, vi } from "vitest";
import { prefer } from "./preferences";
import { formatAge, formatTime, formatUtc, zoneLabel } from "./time";

vi.stubGlobal("document", { documentElement: { setAttribute: () => undefined } });

afterEach(() => prefer({ zone: "local" }));

test("a time is shown in the chosen zone, on a 24-hour clock", () => {
  prefer({ zone: "utc" });
  expect(formatTime("2026-11-22T00:05:09Z")).toBe("22 Nov 2026, 00:05");
  expect(formatTime("2026-11-22T00:05:09Z", "second")).toBe("22 Nov 2026, 00:05:09");
  expect(formatTime(1_795_305_909_000, "day")).toBe("22 Nov 2026");
  expect(zoneLabel()).toBe("UTC");
});

test("what is no time is a dash", () => {
  expect([null, undefined, "", "soon"].map((value) => formatTime(value))).toEqual(["–", "–", "–", "–"]);
});

test("an age is relative under a day and a date after it", () => {
  prefer({ zone: "utc" });
  const now = Date.parse("2026-11-22T12:00:00Z");
  expect(formatAge("2026-11-22T11:59:30Z", now)).toBe("just now");
  expect(formatAge("2026-11-22T11:57:00Z", now)).toBe("3 min ago");
  expect(formatAge("2026-11-22T07:00:00Z", now)).toBe("5 h ago");
  expect(formatAge("2026-11-20T12:00:00Z", now)).toBe("20 Nov 2026, 12:00");
});

test("files get the moment in UTC", () => {
  expect(formatUtc(1_795_305_909_000)).toBe("2026-11-22T00:05:09Z");
});
