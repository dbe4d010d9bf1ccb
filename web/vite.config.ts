import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { budget } from "./build/budget.ts";
import { compress } from "./build/compress.ts";
import { fontLicences } from "./build/font-licences.ts";
import { preloadFont } from "./build/preload-font.ts";

const SERVER = process.env.OMC_DEV_SERVER ?? "http://127.0.0.1:8420";

/** At the root: its name stays when its content changes, so it may not be cached like the hashed assets. */
const LICENCES = "licences.json";

/** Few files instead of a hundred: what every page needs, what many and what some screens share, and one for each screen. */
const GROUPS = [
  { name: "first", tags: ["$initial" as const], priority: 3 },
  { name: screenOf, debugName: "screen", priority: 2, includeDependenciesRecursively: false },
  { name: "common", minShareCount: 7, priority: 1, includeDependenciesRecursively: false },
  { name: "shared", minShareCount: 2, priority: 0, includeDependenciesRecursively: false },
];

/** The folder of a screen; the shell's overlays and the chart stay on their own. */
function screenOf(id: string): string | null {
  const folder = /[\\/]web[\\/]src[\\/]([a-z]+)[\\/]/.exec(id)?.[1];
  return folder && !["app", "ui", "lib", "api"].includes(folder) ? folder : null;
}

export default defineConfig({
  plugins: [
    react(),
    preloadFont("inter-latin-wght"),
    fontLicences(LICENCES, "@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono"),
    budget(),
    compress(),
  ],
  html: { cspNonce: "__OMC_NONCE__" },
  build: {
    outDir: "dist",
    target: "es2023",
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
    license: { fileName: LICENCES },
  },
  server: { proxy: { "/api": SERVER } },
});
