/** Asks the browser for the text font at once, so that the first paint already has its shapes. */

import type { Plugin } from "vite";

export function preloadFont(part: string): Plugin {
  return {
    name: "omc-preload-font",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, context) {
        const font = Object.keys(context.bundle ?? {}).find((name) => name.includes(part) && name.endsWith(".woff2"));
        if (!font) throw new Error(`No built font is named like ${part}`);
        const attrs = { rel: "preload", href: `/${font}`, as: "font", type: "font/woff2", crossorigin: true };
        return [{ tag: "link", attrs, injectTo: "head" }];
      },
    },
  };
}
