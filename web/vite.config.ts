import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { budget } from "./build/budget.ts";
import { compress } from "./build/compress.ts";
import { fontLicences } from "./build/font-licences.ts";
import { preloadFont } from "./build/preload-font.ts";

const SERVER = process.env.OMC_DEV_SERVER ?? "http://127.0.0.1:8420";

/** At the root: its name stays when its content changes, so it may not be cached like the hashed assets. */
const LICENCES = "licences.json";

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
    license: { fileName: LICENCES },
  },
  server: { proxy: { "/api": SERVER } },
});
