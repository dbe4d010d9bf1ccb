/** Adds the fonts to the list of licences that the bundler writes: they are not modules, so it does not know them. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

type Package = { version: string; license: string };

export function fontLicences(list: string, ...fonts: string[]): Plugin {
  let root = "";
  return {
    name: "omc-font-licences",
    apply: "build",
    configResolved(config) {
      root = config.build.outDir;
    },
    writeBundle() {
      const path = join(root, list);
      const rows: unknown[] = JSON.parse(readFileSync(path, "utf8"));
      writeFileSync(path, JSON.stringify([...rows, ...fonts.map(describe)]));
    },
  };
}

function describe(name: string) {
  const folder = join("node_modules", name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
  const text = readFileSync(join(folder, "LICENSE"), "utf8");
  return { name, version: about.version, identifier: about.license, text };
}
