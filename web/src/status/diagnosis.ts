/** A text for a bug report: what runs where and how it is; no names, addresses, ids or secrets. */

import type { Status } from "../lib/contract";
import { formatUtc } from "../lib/time";

/** What a detail must never carry out: our tokens, passwords in addresses, email addresses, long random texts. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\bomc_[\w-]+/g, "omc_[hidden]"],
  [/:\/\/[^\s/@]+@/g, "://[hidden]@"],
  [/[^\s@:/]+@[^\s@/]+/g, "[hidden]@[hidden]"],
  [/\b(?=\w*\d)[\w-]{32,}\b/g, "[hidden]"],
];

export function diagnosis(status: Status, readAt: number, browser: string): string {
  const { queue } = status;
  const lines = [
    `OMC ${status.version}, ${formatUtc(readAt)}`,
    `workers: ${status.workers}`,
    `queue: ${queue.waiting} waiting, ${queue.running} running, oldest ${queue.oldest_s} s`,
    ...status.parts.map((part) => {
      const age = part.age_s === null ? "" : ` (age ${part.age_s.toFixed(1)} s)`;
      return `${part.name}: ${part.state}${age}. ${part.detail}`;
    }),
    `browser: ${browser}`,
  ];
  return `${lines.map(hideSecrets).join("\n")}\n`;
}

export function hideSecrets(text: string): string {
  return SECRETS.reduce((hidden, [pattern, instead]) => hidden.replace(pattern, instead), text);
}
