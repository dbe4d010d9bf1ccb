import { expect, test } from "vitest";
import type { EventAnswer } from "../api/generated/types.gen";
import type { Part, PartState, Status } from "../lib/contract";
import { actorOf, details, whatWasDone } from "./audit-words";
import { overall, partAge, partName } from "./part-words";

const ada = "019a0000-0000-7000-8000-000000abcdef";

function status(...states: PartState[]): Status {
  const parts = states.map((state, index) => ({ name: `part${index}`, state, detail: "", age_s: null }));
  return { version: "0.1.0", workers: 1, queue: { waiting: 0, running: 0, oldest_s: 0 }, parts };
}

function event(kind: string, data: EventAnswer["data"]): EventAnswer {
  return { topic: "audit", seq: 1, ts: "2026-11-22T14:00:00Z", kind, data };
}

test("what is down outweighs what is degraded", () => {
  expect(overall(status("ok", "degraded", "down")).words).toBe("Down: part2");
  expect(overall(status("ok", "degraded")).tone).toBe("warn");
});

test("a part without data is no trouble", () => {
  expect(overall(status("ok", "unknown")).tone).toBe("good");
});

test("a part's age says what it is the age of; without one there is a dash", () => {
  const part: Part = { name: "workers", state: "ok", detail: "", age_s: 1.5 };
  expect(partAge(part)).toBe("Heartbeat 1.50 s ago");
  expect(partAge({ ...part, age_s: null })).toBe("–");
  expect(partAge({ ...part, name: "queue", age_s: 0 })).toBe("Nothing waits");
  expect(partName({ ...part, name: "new part" })).toBe("new part");
});

test("a person is the same with and without the word that tells them from an agent", () => {
  const judged = event("verdict.given", { by: `person:${ada}`, outcome: "fail" });
  expect([whatWasDone(judged), actorOf(judged), details(judged)]).toEqual([
    "Judged a strategy version",
    ada,
    "outcome fail",
  ]);
});

test("the way of signing in is told apart from who signs in", () => {
  const signedIn = event("person.signed_in", { person: ada, by: "link" });
  expect(actorOf(signedIn)).toBe(ada);
  expect(details(signedIn)).toBe("by link");
});

test("a link is made at the server, for a person", () => {
  const made = event("link.issued", { person: ada });
  expect(actorOf(made)).toBeNull();
  expect(details(made)).toBe("person …abcdef");
});

test("a kind without words is shown as it is, and hashes and ids are short", () => {
  const unknown = event("thing.done", { by: ada, digest: "a".repeat(64), stopped: [] });
  expect(whatWasDone(unknown)).toBe("thing.done");
  expect(details(unknown)).toBe("digest aaaaaaaa… · stopped none");
});
