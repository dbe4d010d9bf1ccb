/** Keys that make a repeated request one request; `crypto.randomUUID` is missing on plain-HTTP addresses. */

const BYTES = 16;

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
