/** Addresses where well-known servers answer, so that nobody has to look them up. */

import { t } from "../lib/message";

export type LocalServer = { name: string; address: string; free: boolean; note: string };

export const LOCAL_SERVERS: readonly LocalServer[] = [
  { name: "Ollama", address: "http://127.0.0.1:11434/v1", free: true, note: t("on this machine") },
  { name: "LM Studio", address: "http://127.0.0.1:1234/v1", free: true, note: t("on this machine") },
  { name: "vLLM", address: "http://127.0.0.1:8000/v1", free: true, note: t("on this machine") },
  { name: "llama.cpp", address: "http://127.0.0.1:8080/v1", free: true, note: t("on this machine") },
  { name: "OpenRouter", address: "https://openrouter.ai/api/v1", free: false, note: t("needs a key") },
];

/** What is wrong with an address, or null; whether somebody answers there only a test tells. */
export function addressTrouble(typed: string): string | null {
  const text = typed.trim();
  if (text === "") return t("Write the address of the server, like http://127.0.0.1:11434/v1.");
  if (!/^https?:\/\//i.test(text)) return t("The address must begin with http:// or https://.");
  if (!URL.canParse(text)) return t("This is not an address that can be called.");
  const url = new URL(text);
  if (url.username || url.password) return t("Leave the key out of the address: it has its own field below.");
  return url.search || url.hash ? t("Leave out what follows the ? or #.") : null;
}

/** A server of one's own, by its address: its price is most likely none. */
export function isOwn(typed: string): boolean {
  if (!URL.canParse(typed.trim())) return false;
  const host = new URL(typed.trim()).hostname;
  return host === "localhost" || host === "[::1]" || /^(127|10)\.|^192\.168\.|\.local$/.test(host);
}
