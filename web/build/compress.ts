/** Writes a brotli and a gzip copy beside each built text file, so that the server never compresses. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|svg|json|txt)$/;
/** Below this a copy saves nothing. */
const MIN_BYTES = 1_024;

export function compress(): Plugin {
  let root = "";
  return {
    name: "omc-compress",
    apply: "build",
    configResolved(config) {
      root = config.build.outDir;
    },
    writeBundle() {
      for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
        if (TEXT.test(name)) pack(join(root, name));
      }
    },
  };
}

function pack(path: string): void {
  const bytes = readFileSync(path);
  if (bytes.length < MIN_BYTES) return;
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
