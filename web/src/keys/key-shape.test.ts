import { expect, test } from "vitest";
import type { KeyMark, ProviderRow } from "../lib/vault";
import { guess, judge, trimmed } from "./key-shape";

const row = (id: string, label: string, key_prefixes: string[], changes: Partial<ProviderRow> = {}): ProviderRow => ({
  id,
  label,
  builtin: false,
  needs_key: true,
  takes_base_url: true,
  base_url: "https://api.example.org",
  key_shape: null,
  key_prefixes,
  key_page: null,
  help: "",
  kind: "language",
  protocol: null,
  capabilities: { tools: true, streaming: true, effort: true },
  fields: [],
  ...changes,
});
const openai = row("openai", "OpenAI", ["sk-", "sk-proj-"], { key_shape: "sk-[A-Za-z0-9_-]{20,}" });
const anthropic = row("anthropic", "Anthropic", ["sk-ant-"]);
const google = row("google", "Google Gemini", ["AIza"]);
const local = row("openai-compatible", "Local", [], { base_url: null, needs_key: false });
const all: KeyMark[] = [
  ...[openai, anthropic, google].flatMap((each) =>
    each.key_prefixes.map((prefix) => ({ prefix, service: each.label, provider: each.id, base_url: null })),
  ),
  { prefix: "gsk_", service: "Groq", provider: "openai-compatible", base_url: "https://api.groq.com/openai/v1" },
];

test.each([
  ["  sk-abc\n", "sk-abc"],
  ['"sk-abc"', "sk-abc"],
  ["\t'sk-abc' ", "sk-abc"],
  ["export OPENAI_API_KEY=sk-abc\n", "sk-abc"],
  ["Authorization: Bearer sk-abc", "sk-abc"],
  ["\u200bsk-abc\ufeff", "sk-abc"],
])("%j is trimmed, and that is known", (pasted, key) => {
  expect(trimmed(pasted)).toEqual({ key, changed: true });
});

test("a clean key is left as it is", () => {
  expect(trimmed("sk-abc")).toEqual({ key: "sk-abc", changed: false });
});

test.each([
  ["sk-ant-api03-x", "anthropic"],
  ["sk-proj-x", "openai"],
  ["AIzaX", "google"],
])("%j is taken for a key of %s", (key, id) => {
  expect(guess(all, key)?.provider).toBe(id);
});

test("a key without a known beginning is nobody's", () => {
  expect(guess(all, "abc_123")).toBeNull();
});

test("another provider's key is called so, and the other one is named", () => {
  const { trouble, other } = judge(all, openai, "sk-ant-api03-abcdefghijklmnopqrstuvwxyz");
  expect(trouble).toBe("This looks like an Anthropic key.");
  expect(other?.provider).toBe("anthropic");
});

test("a service without a row of its own is named with its address", () => {
  expect(judge(all, openai, "gsk_123").other?.base_url).toBe("https://api.groq.com/openai/v1");
});

test("a compatible server takes any key", () => {
  expect(judge(all, local, "sk-ant-api03-abc").trouble).toBeNull();
});

test.each([
  ["sk-abc def", "space"],
  ["sk-🔑🔑🔑", "plain letters"],
  ["sk-abc...9fQ2", "middle hidden"],
  ["x".repeat(1_000_000), "1,000,000 characters"],
  ["sk-short", "begins with sk-"],
])("what is wrong is said", (key, words) => {
  expect(judge(all, openai, key).trouble).toContain(words);
});

test("behind a gateway of one's own any key may be right", () => {
  expect(judge(all, openai, "sk-ant-api03-abc", { ownAddress: true }).trouble).toBeNull();
});

test("no complaint repeats the key", () => {
  expect(judge(all, openai, "sk-abc def").trouble).not.toContain("abc");
});

test("an empty field is not wrong", () => {
  expect(judge(all, openai, "")).toEqual({ trouble: null, other: null });
});

test("a shape that this browser cannot read stops nobody", () => {
  expect(judge(all, { ...openai, key_shape: "(?P<x>" }, "sk-whatever").trouble).toBeNull();
});
