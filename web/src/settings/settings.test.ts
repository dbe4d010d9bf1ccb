import { expect, test } from "vitest";
import { linkProof } from "./link-proof";

test.each([
  ["http://localhost:8420/link#abc-123", "abc-123"],
  ["  http://localhost:8420/link#abc%2D123\n", "abc-123"],
  ["abc-123", "abc-123"],
])("the proof in %j is found", (pasted, proof) => {
  expect(linkProof(pasted)).toBe(proof);
});

test.each(["", "   ", "http://localhost:8420/link#"])("%j proves nothing", (pasted) => {
  expect(linkProof(pasted)).toBeNull();
});

test("a link broken in the middle of an escape is sent as it is", () => {
  expect(linkProof("http://localhost/link#abc%2")).toBe("abc%2");
});
