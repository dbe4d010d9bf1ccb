import { afterEach, expect, test } from "vitest";
import { loadCatalogue, plural, t } from "./message";

afterEach(() => loadCatalogue({}));

test("values stand where the text names them, in any order", () => {
  expect(t("{b} before {a}", { a: 1, b: "two" })).toBe("two before 1");
});

test("a catalogue replaces what it has; the rest stays English", () => {
  loadCatalogue({ "Try again": "Nochmals" });
  expect([t("Try again"), t("Close")]).toEqual(["Nochmals", "Close"]);
});

test("one and many are told apart, and counts are grouped", () => {
  expect(plural(1, "{count} bar", "{count} bars")).toBe("1 bar");
  expect(plural(12_345, "{count} bar", "{count} bars")).toBe("12,345 bars");
});
