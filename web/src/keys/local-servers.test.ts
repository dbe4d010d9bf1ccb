import { expect, test } from "vitest";
import { addressTrouble, isOwn, LOCAL_SERVERS } from "./local-servers";

test.each(LOCAL_SERVERS.map((server) => server.address))("%s can be called", (address) => {
  expect(addressTrouble(address)).toBeNull();
});

test.each([
  ["", "Write the address"],
  ["127.0.0.1:11434", "must begin with"],
  ["file:///etc/passwd", "must begin with"],
  ["http://", "not an address"],
  ["https://me:secret@example.org/v1", "key out of the address"],
  ["https://example.org/v1?key=x", "Leave out"],
])("%j is refused with a reason", (typed, words) => {
  expect(addressTrouble(typed)).toContain(words);
});

test.each([
  ["http://localhost:11434/v1", true],
  ["http://127.0.0.1:8000", true],
  ["http://192.168.1.20/v1", true],
  ["https://openrouter.ai/api/v1", false],
  ["nonsense", false],
])("%s is one's own: %s", (typed, own) => {
  expect(isOwn(typed)).toBe(own);
});
