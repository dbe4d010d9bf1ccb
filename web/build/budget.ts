/** Fails the build when the page grows too heavy: what every visit loads, and what a single screen adds. */

import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

const ENTRY_BYTES = 170_000;
const LAZY_BYTES = 70_000;

type Bundle = Rolldown.OutputBundle;

export function budget(): Plugin {
  return {
    name: "omc-budget",
    apply: "build",
    generateBundle: { order: "post", handler: (_options, bundle) => check(bundle) },
  };
}

function check(bundle: Bundle): void {
  const entry = Object.values(bundle).find((part) => part.type === "chunk" && part.isEntry);
  if (!entry) return;
  const first = withImports(bundle, entry.fileName);
  const styles = entry.type === "chunk" ? [...(entry.viteMetadata?.importedCss ?? [])] : [];
  const weight = [...first, ...styles].reduce((total, name) => total + gzipped(bundle, name), 0);
  if (weight > ENTRY_BYTES) throw new Error(`The entry weighs ${weight} bytes gzipped; ${ENTRY_BYTES} are allowed.`);
  for (const part of Object.values(bundle)) {
    if (part.type !== "chunk" || first.has(part.fileName)) continue;
    const size = gzipped(bundle, part.fileName);
    if (size > LAZY_BYTES) throw new Error(`${part.fileName} weighs ${size} bytes gzipped; ${LAZY_BYTES} are allowed.`);
  }
}

function withImports(bundle: Bundle, name: string, found = new Set<string>()): Set<string> {
  const part = bundle[name];
  if (found.has(name) || part?.type !== "chunk") return found;
  found.add(name);
  for (const each of part.imports) withImports(bundle, each, found);
  return found;
}

function gzipped(bundle: Bundle, name: string): number {
  const part = bundle[name];
  if (!part) return 0;
  return gzipSync(part.type === "chunk" ? part.code : part.source, { level: 9 }).length;
}
