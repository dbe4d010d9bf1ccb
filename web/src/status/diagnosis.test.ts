import { expect, test } from "vitest";
import type { Status } from "../lib/contract";
import { diagnosis, hideSecrets } from "./diagnosis";

const status: Status = {
  version: "0.1.0",
  workers: 1,
  queue: { waiting: 2, running: 1, oldest_s: 3 },
  parts: [
    { name: "database", state: "ok", detail: "Answers in 1 ms.", age_s: null },
    { name: "venue", state: "down", detail: "No answer from https://ada:pa55word@venue.example/x.", age_s: 12.34 },
  ],
};

test("the diagnosis names version, time, workers, queue and every part", () => {
  const text = diagnosis(status, Date.UTC(2026, 10, 22, 14), "Browser 1");
  expect(text).toContain("OMC 0.1.0, 2026-11-22T14:00:00Z");
  expect(text).toContain("queue: 2 waiting, 1 running, oldest 3 s");
  expect(text).toContain("database: ok. Answers in 1 ms.");
  expect(text).toContain("venue: down (age 12.3 s).");
});

test("no password of an address leaves with the diagnosis", () => {
  expect(diagnosis(status, 0, "Browser 1")).not.toMatch(/pa55word|ada:/);
});

test.each([
  ["token omc_abcDEF123-_xyz refused", "token omc_[hidden] refused"],
  ["mail from ada@example.org", "mail from [hidden]@[hidden]"],
  ["key 0123456789abcdef0123456789abcdef0123", "key [hidden]"],
])("%s is hidden", (given, hidden) => {
  expect(hideSecrets(given)).toBe(hidden);
});

test("ordinary words stay", () => {
  const words = "3 at work. 12.5 GiB free. Mozilla/5.0 (X11; Linux x86_64)";
  expect(hideSecrets(words)).toBe(words);
});
