import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compress } from "./build/compress.ts";
import { preloadFont } from "./build/preload-font.ts";

const SERVER = process.env.OMC_DEV_SERVER ?? "http://127.0.0.1:8420";

export default defineConfig({
  plugins: [react(), preloadFont("inter-latin-wght"), compress()],
  html: { cspNonce: "__OMC_NONCE__" },
  build: {
    outDir: "dist",
    target: "es2023",
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    license: { fileName: "assets/licences.json" },
  },
  server: { proxy: { "/api": SERVER } },
});
